import { describe, expect, it } from 'vitest';
import { Turnstile } from '../../../src/signaling/turnstile.js';

describe('A turnstile', () => {
  it('lets so many through at once, in the order in which they came', async () => {
    const turnstile = new Turnstile(3);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        turnstile.pass(async () => {
          order.push(index);
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('gives what came of it, and the place of one who failed to the next', async () => {
    const turnstile = new Turnstile(1);
    const failing = turnstile.pass(() => Promise.reject(new Error('no')));
    const next = turnstile.pass(async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(await turnstile.pass(async () => 'again')).toBe('again');
  });
});
