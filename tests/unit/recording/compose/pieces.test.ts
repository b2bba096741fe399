import { describe, expect, it } from 'vitest';
import type { Scene } from '../../../../src/recording/compose/layout.js';
import { cut, windowOf } from '../../../../src/recording/compose/pieces.js';

const minute = 60_000;
const place = { x: 0, y: 0, width: 16, height: 9 };
const scene = (from: number, to: number, trackId: string | null): Scene => ({
  from,
  to,
  kind: 'stage',
  tiles: [{ personId: 'a', name: 'Ada', isScreen: false, isSpeaking: false, trackId, place }],
});

describe('what is made of a recording', () => {
  it('is all of it, to the end of its last frame', () => {
    expect(windowOf([], 10_001)).toEqual({ from: 0, to: 10_040 });
  });

  it('is what all trims leave, on the borders of frames', () => {
    const trims = [
      { what: 'trim', fromMs: 1_010, toMs: 8_000 },
      { what: 'redact', fromMs: 3_000, toMs: 4_000 },
      { what: 'trim', fromMs: 0, toMs: 7_030 },
    ] as const;
    expect(windowOf(trims, 10_000)).toEqual({ from: 1_000, to: 7_040 });
  });

  it.each([
    [50_000, 60_000],
    [-9_000, -1],
  ])('is never nothing: a trim from %i to %i', (fromMs, toMs) => {
    const { from, to } = windowOf([{ what: 'trim', fromMs, toMs }], 10_000);
    expect(to - from).toBeGreaterThanOrEqual(40);
    expect(from).toBeGreaterThanOrEqual(0);
    expect(from).toBeLessThan(10_000);
  });
});

describe('pieces', () => {
  it('follow each other, with what happens in them', () => {
    const scenes = [scene(0, 7 * minute, 'camera'), scene(7 * minute, 11 * minute, null)];
    const pieces = cut({
      from: 0,
      to: 11 * minute,
      height: 720,
      scenes,
      captions: [{ from: 4.9 * minute, to: 5.1 * minute, text: 'yes' }],
    });
    expect(pieces.map(({ from, to }) => [from, to])).toEqual([
      [0, 5 * minute],
      [5 * minute, 10 * minute],
      [0, minute],
    ]);
    expect(pieces[1]?.scenes.map(({ from, to }) => [from, to])).toEqual([
      [5 * minute, 7 * minute],
      [7 * minute, 10 * minute],
    ]);
    expect(pieces.map(({ captions }) => captions.length)).toEqual([1, 1, 0]);
  });

  it('of hours of cards are all the same one', () => {
    const pieces = cut({ from: 0, to: 240 * minute, height: 720, scenes: [scene(0, 240 * minute, null)], captions: [] });
    expect(new Set(pieces.map((piece) => JSON.stringify(piece))).size).toBe(1);
    expect(pieces).toHaveLength(48);
  });
});
