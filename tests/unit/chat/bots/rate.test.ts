import { describe, expect, it } from 'vitest';
import { Rate } from '../../../../src/chat/bots/rate.js';
import { CausewayError } from '../../../../src/platform/errors.js';

function refusal(rate: Rate, key: string): CausewayError | null {
  try {
    rate.take(key);
    return null;
  } catch (error) {
    if (error instanceof CausewayError) return error;
    throw error;
  }
}

describe('A rate', () => {
  it('lets a minute’s worth through at once, then one whenever there is room again', () => {
    let now = 0;
    const rate = new Rate({ now: () => now }, 6);
    for (let i = 0; i < 6; i += 1) expect(refusal(rate, 'a')).toBeNull();
    expect(refusal(rate, 'a')).toMatchObject({ code: 'REQUEST_RATE', retryAfterMs: 10_000 });
    now += 9_999;
    expect(refusal(rate, 'a')?.retryAfterMs).toBeCloseTo(1, 3);
    now += 1;
    expect(refusal(rate, 'a')).toBeNull();
    expect(refusal(rate, 'a')).not.toBeNull();
  });

  it('counts each key for itself, and saves up no more than a minute', () => {
    let now = 0;
    const rate = new Rate({ now: () => now }, 2);
    expect([refusal(rate, 'a'), refusal(rate, 'a'), refusal(rate, 'b')]).toEqual([null, null, null]);
    now += 3_600_000;
    expect([refusal(rate, 'a'), refusal(rate, 'a')]).toEqual([null, null]);
    expect(refusal(rate, 'a')).not.toBeNull();
  });

  it('stands a clock that goes back', () => {
    let now = 100_000;
    const rate = new Rate({ now: () => now }, 1);
    expect(refusal(rate, 'a')).toBeNull();
    now = 0;
    expect(refusal(rate, 'a')).not.toBeNull();
    expect(refusal(rate, 'b')).toBeNull();
  });

  it('forgets the oldest of very many keys', () => {
    const rate = new Rate({ now: () => 0 }, 1);
    for (let i = 0; i <= 10_000; i += 1) rate.take(`key ${i}`);
    expect(refusal(rate, 'key 0')).toBeNull();
    expect(refusal(rate, 'key 10000')).not.toBeNull();
  });
});
