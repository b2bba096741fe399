import { describe, expect, it } from 'vitest';
import { HintRules, type HintSituation } from '../../../../web/src/core/hint-rules';

const quiet = 0.1;
const loud = 0.7;

/** Asks every 20 ms, as the page does, and gives the times at which the server is told. */
function told(untilMs: number, situation: (ms: number) => Partial<HintSituation>): number[] {
  const rules = new HintRules();
  const times: number[] = [];
  for (let ms = 0; ms < untilMs; ms += 20) {
    if (rules.decide({ level: quiet, slots: true, heard: true, ...situation(ms) }, ms)) times.push(ms);
  }
  return times;
}

describe('telling the server that a voice begins', () => {
  it('takes no longer than 40 ms', () => {
    const [first] = told(2_000, (ms) => ({ level: ms >= 1_000 ? loud : quiet }));
    expect(first).toBeGreaterThanOrEqual(1_000);
    expect(first).toBeLessThanOrEqual(1_040);
  });

  it('is done once for one voice that is heard', () => {
    expect(told(3_000, (ms) => ({ level: ms >= 1_000 ? loud : quiet }))).toHaveLength(1);
  });

  it('is not done for a click', () => {
    expect(told(1_000, (ms) => ({ level: ms === 500 ? loud : quiet }))).toEqual([]);
  });

  it('is not done for a microphone that is off', () => {
    expect(told(1_000, () => ({ level: 0, heard: false }))).toEqual([]);
  });

  it('is not repeated between the words of one sentence', () => {
    expect(told(2_000, (ms) => ({ level: ms % 300 < 150 ? loud : quiet }))).toHaveLength(1);
  });

  it('is repeated while one speaks and is not heard', () => {
    const times = told(2_000, () => ({ level: loud, heard: false }));
    expect(times.length).toBeGreaterThanOrEqual(4);
    for (let at = 1; at < times.length; at += 1) expect((times[at] ?? 0) - (times[at - 1] ?? 0)).toBeGreaterThanOrEqual(400);
  });

  it('is not repeated while everybody is heard directly', () => {
    expect(told(2_000, () => ({ level: loud, heard: false, slots: false }))).toHaveLength(1);
  });

  it('never happens more than five times a second', () => {
    const times = told(10_000, (ms) => ({ level: ms % 420 < 60 ? loud : quiet, heard: false }));
    for (let at = 1; at < times.length; at += 1) expect((times[at] ?? 0) - (times[at - 1] ?? 0)).toBeGreaterThanOrEqual(200);
  });
});
