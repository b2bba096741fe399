import fc from 'fast-check';
import { expect, it } from 'vitest';
import { derivedId } from '../../../src/platform/ids.js';

it('An id that is derived is a UUIDv8, the same for the same parts and another one for others', () => {
  const part = fc.oneof(fc.string(), fc.integer());
  fc.assert(
    fc.property(fc.array(part), fc.array(part), (one, other) => {
      expect(derivedId(...one)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(derivedId(...one) === derivedId(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
  expect(derivedId('a', 'b')).not.toBe(derivedId('a,b'));
});
