import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Coalesced } from '../../../src/signaling/coalesced.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('What is told of a crowd', () => {
  it('is told at once, then once more for all that came meanwhile', () => {
    const told = vi.fn();
    const coalesced = new Coalesced(told, 1_000);
    for (let i = 0; i < 50; i += 1) coalesced.ask();
    expect(told).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1_000);
    expect(told).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10_000);
    expect(told).toHaveBeenCalledTimes(2);
    coalesced.ask();
    expect(told).toHaveBeenCalledTimes(3);
  });

  it('is not told any more after the end', () => {
    const told = vi.fn();
    const coalesced = new Coalesced(told, 1_000);
    coalesced.ask();
    coalesced.ask();
    coalesced.close();
    vi.advanceTimersByTime(10_000);
    coalesced.ask();
    expect(told).toHaveBeenCalledTimes(1);
  });
});
