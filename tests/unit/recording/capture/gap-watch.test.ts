import { describe, expect, test } from 'vitest';
import { GapWatch } from '../../../../src/recording/capture/gap-watch.js';

const watchOf = (...sequences: readonly number[]) => {
  const watch = new GapWatch({ graceMs: 200 });
  for (const sequence of sequences) watch.packet(sequence, 0);
  return watch;
};

describe('A gap', () => {
  test('is none while packets come in order, across the wrap of numbers too', () => {
    const watch = watchOf(65_533, 65_534, 65_535, 0, 1);
    expect(watch.due(1_000)).toEqual({ ask: [], lost: [] });
  });

  test('is asked for at once, a second time a little later, and not more often', () => {
    const watch = watchOf(65_534, 2);
    expect(watch.due(1)).toEqual({ ask: [65_535, 0, 1], lost: [] });
    expect(watch.due(50)).toEqual({ ask: [], lost: [] });
    expect(watch.due(90)).toEqual({ ask: [65_535, 0, 1], lost: [] });
    expect(watch.due(180)).toEqual({ ask: [], lost: [] });
  });

  test('is lost when the time is up, once, and told in runs', () => {
    const watch = watchOf(10, 13, 15);
    expect(watch.due(200)).toEqual({
      ask: [],
      lost: [
        { from: 11, to: 12, since: 0 },
        { from: 14, to: 14, since: 0 },
      ],
    });
    expect(watch.due(400)).toEqual({ ask: [], lost: [] });
  });

  test('is closed by what comes late', () => {
    const watch = watchOf(65_534, 1);
    watch.packet(0, 100);
    watch.packet(65_535, 100);
    expect(watch.due(1_000)).toEqual({ ask: [], lost: [] });
  });

  test('is none when numbers begin somewhere else, or a packet comes twice', () => {
    const watch = watchOf(100, 101, 101, 30_000, 30_001, 5, 6);
    expect(watch.due(1_000)).toEqual({ ask: [], lost: [] });
  });

  test('does not grow when packets come from before the first', () => {
    const watch = watchOf(0, 65_535, 65_534, 1);
    expect(watch.due(1_000)).toEqual({ ask: [], lost: [] });
  });

  test('is right after millions of packets', () => {
    const watch = new GapWatch({ graceMs: 200 });
    for (let number = 0; number < 300_000; number += 1) if (number !== 250_000) watch.packet(number % 0x1_0000, number);
    expect(watch.due(600_000).lost).toEqual([{ from: 250_000 % 0x1_0000, to: 250_000 % 0x1_0000, since: 250_001 }]);
  });
});
