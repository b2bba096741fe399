import { describe, expect, it } from 'vitest';
import { backOff } from '../../../../web/src/core/back-off';

describe('backOff', () => {
  it('doubles up to its cap', () => {
    const waits = [0, 1, 2, 3, 40].map((attempt) => backOff(attempt, { firstMs: 100, maxMs: 500, random: () => 1 }));
    expect(waits).toEqual([100, 200, 400, 500, 500]);
  });

  it('spreads between half of the wait and all of it', () => {
    expect(backOff(0, { firstMs: 100, maxMs: 500, random: () => 0 })).toBe(50);
    expect(backOff(0, { firstMs: 100, maxMs: 500, random: () => 0.5 })).toBe(75);
  });
});
