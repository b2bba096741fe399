import { describe, expect, it } from 'vitest';
import { findHoles } from '../../../../src/recording/captions/transcript/holes.js';

const track = { fromMs: 0, untilMs: 60_000, left: [] };

describe('what nobody has listened to', () => {
  it('is the whole track when captions were off', () => {
    expect(findHoles({ ...track, covered: [] })).toEqual([{ fromMs: 0, untilMs: 60_000 }]);
  });

  it('is nothing when they were on all the time', () => {
    expect(findHoles({ ...track, covered: [{ fromMs: -50, untilMs: 59_900 }] })).toEqual([]);
  });

  it('lies before, between and after what was heard', () => {
    const covered = [
      { fromMs: 30_000, untilMs: 40_000 },
      { fromMs: 10_000, untilMs: 20_000 },
      { fromMs: 35_000, untilMs: 50_000 },
    ];
    expect(findHoles({ ...track, covered })).toEqual([
      { fromMs: 0, untilMs: 10_000 },
      { fromMs: 20_000, untilMs: 30_000 },
      { fromMs: 50_000, untilMs: 60_000 },
    ]);
  });

  it('is also what engines had no time for, a moment more on each side', () => {
    const covered = [{ fromMs: 0, untilMs: 60_000 }];
    const left = [
      { fromMs: 20_000, untilMs: 22_000 },
      { fromMs: 22_100, untilMs: 23_000 },
      { fromMs: 59_000, untilMs: 60_000 },
    ];
    expect(findHoles({ ...track, covered, left })).toEqual([
      { fromMs: 19_850, untilMs: 23_150 },
      { fromMs: 58_850, untilMs: 60_000 },
    ]);
  });
});
