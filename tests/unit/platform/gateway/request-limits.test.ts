import { describe, expect, it } from 'vitest';
import { RequestLimits } from '../../../../src/platform/gateway/request-limits.js';

describe('the limits of requests', () => {
  let now = 0;
  const make = (over: Partial<{ perSecond: number; burst: number; inFlight: number }> = {}) => {
    now = 1_000_000;
    return new RequestLimits({ perSecond: 10, burst: 5, inFlight: 1_000, ...over, clock: { now: () => now } });
  };
  const start = (limits: RequestLimits, times: number) => Array.from({ length: times }, () => limits.start());

  it('grant a burst at once, then refuse', () => {
    expect(start(make(), 6)).toEqual([...Array(5).fill('granted'), 'refused']);
  });

  it('grant as many as the time that passed allows, and never more than a burst', () => {
    const limits = make();
    start(limits, 5);
    now += 200;
    expect(start(limits, 3)).toEqual(['granted', 'granted', 'refused']);
    now += 3_600_000;
    expect(start(limits, 6)).toEqual([...Array(5).fill('granted'), 'refused']);
  });

  it('say hammering to who goes on for two bursts of refusals', () => {
    const limits = make();
    const answers = start(limits, 20);
    expect(answers.filter((answer) => answer === 'refused').length).toBe(10);
    expect(answers.at(-1)).toBe('hammering');
  });

  it('count large requests as many, and grant the largest when nothing was asked for a while', () => {
    const limits = make();
    expect(limits.start(3 * 4_096)).toBe('granted');
    expect(start(limits, 2)).toEqual(['granted', 'refused']);
    now += 600;
    expect(limits.start(1_000_000)).toBe('granted');
    expect(limits.start()).toBe('refused');
  });

  it('cap requests that are unanswered', () => {
    const limits = make({ inFlight: 2 });
    expect(start(limits, 3)).toEqual(['granted', 'granted', 'refused']);
    limits.done();
    expect(limits.start()).toBe('granted');
  });

  it('grant nothing for a clock that is set back', () => {
    const limits = make();
    start(limits, 5);
    now -= 60_000;
    expect(limits.start()).toBe('refused');
    now += 100;
    expect(limits.start()).toBe('refused');
  });

  it('are as fresh as new ones when all is answered and the burst is whole again', () => {
    const limits = make();
    expect(limits.isFresh).toBe(true);
    limits.start();
    now += 3_600_000;
    expect(limits.isFresh).toBe(false);
    limits.done();
    expect(limits.isFresh).toBe(true);
    limits.start();
    limits.done();
    expect(limits.isFresh).toBe(false);
  });
});
