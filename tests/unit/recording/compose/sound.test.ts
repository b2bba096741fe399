import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOut } from '../../../../src/recording/compose/lanes.js';
import { opusDurationMs, opusSilence } from '../../../../src/recording/compose/opus.js';
import { clip, union, without } from '../../../../src/recording/compose/spans.js';
import { speechSpans, turnsOf } from '../../../../src/recording/compose/speakers.js';

describe('lanes', () => {
  it('are as many as speak at once', () => {
    const stretch = (trackId: string, from: number, to: number) => ({ trackId, from, to });
    const lanes = shareOut([stretch('a', 0, 1_000), stretch('b', 500, 2_000), stretch('c', 1_500, 3_000), stretch('a', 4_000, 5_000)]);
    expect(lanes.map((lane) => lane.map(({ trackId }) => trackId))).toEqual([['a', 'c', 'a'], ['b']]);
  });

  it('have never two voices at once, and lose none', () => {
    const stretches = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 5_000 }))
        .map(([from, length]) => ({ trackId: `${from}`, from, to: from + length })),
    );
    fc.assert(
      fc.property(stretches, (given) => {
        const lanes = shareOut(given);
        expect(lanes.flat()).toHaveLength(given.length);
        for (const lane of lanes)
          for (const [index, { to }] of lane.entries()) expect(lane[index + 1]?.from ?? Infinity).toBeGreaterThan(to);
      }),
    );
  });
});

describe('an Opus packet', () => {
  it.each([
    [[0xfc], 20],
    [[0x08], 20],
    [[0x18], 60],
    [[0x81], 5],
    [[0xfb, 0x03], 60],
    [[0x1b, 0x3f], 0],
    [[], 0],
  ])('%j lasts %i ms', (bytes, ms) => {
    expect(opusDurationMs(Uint8Array.from(bytes))).toBe(ms);
  });

  it('of silence lasts 20 ms', () => {
    expect(opusDurationMs(opusSilence)).toBe(20);
  });
});

describe('speech', () => {
  it('is what is loud, with its breaths, without coughs', () => {
    const levels = [-90, -20, -20, -20, -90, -90, -20, -20, ...Array<number>(10).fill(-90), -10, -90];
    expect(speechSpans(levels, 1_000)).toEqual([{ from: 1_100, to: 1_800 }]);
  });

  it('gives the floor to whoever speaks on when another one is silent', () => {
    const talks = [
      {
        id: 'a',
        spans: [
          { from: 0, to: 5_000 },
          { from: 9_000, to: 12_000 },
        ],
      },
      {
        id: 'b',
        spans: [
          { from: 2_000, to: 2_500 },
          { from: 4_000, to: 8_000 },
        ],
      },
    ];
    expect(turnsOf(talks)).toEqual([
      { id: 'a', from: 0, to: 5_000 },
      { id: 'b', from: 5_000, to: 9_000 },
      { id: 'a', from: 9_000, to: 12_000 },
    ]);
  });
});

describe('spans', () => {
  const span = (from: number, to: number) => ({ from, to });
  it('join, are cut out of one another, and clipped', () => {
    expect(union([span(5, 7), span(0, 2), span(2, 3)])).toEqual([span(0, 3), span(5, 7)]);
    expect(without([span(0, 10)], [span(2, 3), span(8, 20)])).toEqual([span(0, 2), span(3, 8)]);
    expect(clip([span(-5, 3), span(20, 30)], 0, 10)).toEqual([span(0, 3)]);
  });
});
