import { describe, expect, test } from 'vitest';
import { framesBetween, heardBetween, lines, longestGap, longestSilence } from '../../browser/network/record.js';
import type { Sample } from '../../browser/network/relayed-person.js';

const sample = (at: number, packets: number, { track = 'a', frames = 0, height = 0 } = {}): Sample => ({
  at,
  sounds: { [track]: { packets, samples: packets * 960, concealed: packets } },
  pictures: { [track]: { frames, height } },
  protocols: ['udp'],
});

describe('the record of a page', () => {
  test('counts sound between two moments, and a new track from nothing', () => {
    const samples = [sample(0, 10), sample(200, 20), sample(400, 5, { track: 'b' }), sample(600, 25, { track: 'b' })];
    expect(heardBetween(samples, 0, 600)).toEqual({ packets: 35, samples: 35 * 960, concealed: 35 });
    expect(heardBetween(samples, 400, 600).packets).toBe(20);
  });

  test('finds the longest time without a packet, at the end as well', () => {
    expect(
      longestSilence(
        [0, 200, 400, 600, 800, 1_000].map((at, index) => sample(at, index < 2 ? index : 1)),
        0,
        1_000,
      ),
    ).toBe(800);
    expect(longestSilence([sample(0, 1), sample(200, 1), sample(400, 1), sample(600, 2)], 0, 600)).toBe(400);
  });

  test('knows when the page itself stood still', () => {
    expect(longestGap([sample(0, 1), sample(200, 2), sample(3_200, 3)], 0, 4_000)).toBe(3_000);
  });

  test('takes only pictures that move for pictures', () => {
    const moving = [0, 1, 2, 3].map((step) => sample(step * 200, 1, { frames: step, height: 360 }));
    const standing = [0, 1, 2, 3].map((step) => sample(step * 200, 1, { frames: 9, height: 360 }));
    expect([lines(moving), lines(standing)]).toEqual([360, 0]);
    expect(framesBetween(moving, 0, 600)).toBe(3);
  });
});
