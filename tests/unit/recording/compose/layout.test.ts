import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  gallery,
  largeAndColumn,
  layOut,
  type Rectangle,
  type Stage,
  type StagePerson,
  widthOf,
} from '../../../../src/recording/compose/layout.js';

const person = (id: string, more: Partial<StagePerson> = {}): StagePerson => ({
  id,
  name: id.toUpperCase(),
  present: [{ from: 0, to: 10_000 }],
  speaking: [],
  cameras: [],
  screens: [],
  ...more,
});
const stage = (people: StagePerson[], more: Partial<Stage> = {}): Stage => ({
  durationMs: 10_000,
  height: 720,
  people,
  turns: [],
  pauses: [],
  redactions: [],
  ...more,
});
const whoAt = (scenes: ReturnType<typeof layOut>, at: number) =>
  scenes
    .find(({ from, to }) => from <= at && at < to)
    ?.tiles.map(({ personId, trackId, isScreen }) => `${personId}:${isScreen ? 'screen' : (trackId ?? 'card')}`);

describe('the stage', () => {
  it('is one scene where nothing changes', () => {
    expect(layOut(stage([person('a'), person('b')]))).toMatchObject([
      { from: 0, to: 10_000, kind: 'stage', tiles: [{ name: 'A' }, { name: 'B' }] },
    ]);
  });

  it('shows a card while there is sound without a picture, and the camera while it is on', () => {
    const scenes = layOut(stage([person('a', { cameras: [{ trackId: 'cam', spans: [{ from: 2_000, to: 6_000 }] }] })]));
    expect([1_000, 4_000, 8_000].map((at) => whoAt(scenes, at))).toEqual([['a:card'], ['a:cam'], ['a:card']]);
  });

  it('shows a screen large with people beside it, and the one begun last of several', () => {
    const screens = (trackId: string, from: number) => ({ screens: [{ trackId, spans: [{ from, to: 9_000 }] }] });
    const scenes = layOut(stage([person('a', screens('first', 1_000)), person('b', screens('second', 5_000))]));
    expect(whoAt(scenes, 3_000)).toEqual(['a:screen', 'a:card', 'b:card']);
    expect(whoAt(scenes, 7_000)?.[0]).toBe('b:screen');
    const [large, small] = scenes.find(({ from }) => from === 1_000)?.tiles ?? [];
    expect(large?.place.width).toBeGreaterThan(3 * (small?.place.width ?? 0));
  });

  it('lets whoever has the floor be large where more than nine are there', () => {
    const crowd = Array.from({ length: 12 }, (_, index) => person(String(index).padStart(2, '0')));
    const scenes = layOut(stage(crowd, { turns: [{ id: '11', from: 5_000, to: 8_000 }] }));
    expect(scenes.at(-1)?.tiles[0]).toMatchObject({ personId: '11' });
    expect(scenes.at(-1)?.tiles).toHaveLength(6);
  });

  it('keeps people in their places when another one comes or goes', () => {
    const late = person('c', { present: [{ from: 3_000, to: 6_000 }] });
    const scenes = layOut(stage([person('a'), person('b'), late]));
    expect([1_000, 4_000, 8_000].map((at) => whoAt(scenes, at))).toEqual([
      ['a:card', 'b:card'],
      ['a:card', 'b:card', 'c:card'],
      ['a:card', 'b:card'],
    ]);
  });

  it('shows nothing of what is redacted, not even that it was paused', () => {
    const camera = { cameras: [{ trackId: 'cam', spans: [{ from: 0, to: 10_000 }] }] };
    const scenes = layOut(stage([person('a', camera)], { pauses: [{ from: 4_000, to: 8_000 }], redactions: [{ from: 2_000, to: 6_000 }] }));
    expect(scenes.map(({ from, to, kind, tiles }) => [from, to, kind, tiles.length])).toEqual([
      [0, 2_000, 'stage', 1],
      [2_000, 6_000, 'redacted', 0],
      [6_000, 8_000, 'paused', 0],
      [8_000, 10_000, 'stage', 1],
    ]);
  });

  it('is without a gap from beginning to end, on the borders of frames, whatever happens in it', () => {
    const span = fc
      .tuple(fc.integer({ min: -500, max: 11_000 }), fc.integer({ min: 1, max: 6_000 }))
      .map(([from, length]) => ({ from, to: from + length }));
    const spans = fc.array(span, { maxLength: 4 });
    const people = fc.array(
      fc.record({ present: spans, speaking: spans, camera: spans, screen: spans }).map(({ present, speaking, camera, screen }) => ({
        present,
        speaking,
        cameras: [{ trackId: 'camera', spans: camera }],
        screens: [{ trackId: 'screen', spans: screen }],
      })),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(people, spans, spans, (several, pauses, redactions) => {
        const scenes = layOut(
          stage(
            several.map((one, index) => person(`p${index}`, one)),
            { pauses, redactions },
          ),
        );
        expect(scenes[0]?.from).toBe(0);
        expect(scenes.at(-1)?.to).toBe(10_000);
        for (const [index, { from, to, tiles }] of scenes.entries()) {
          expect(to % 40).toBe(0);
          expect(scenes[index + 1]?.from ?? to).toBe(to);
          expect(to).toBeGreaterThan(from);
          expectApart(tiles.map(({ place }) => place));
        }
      }),
    );
  });
});

describe('places', () => {
  it.each(Array.from({ length: 9 }, (_, index) => index + 1))('of a gallery of %i do not touch, and lie within the picture', (count) => {
    expect(gallery(720, count)).toHaveLength(count);
    expectApart(gallery(720, count));
  });

  it.each([180, 360, 720, 1_080])('beside something large do not touch it at a height of %i', (height) => {
    for (let count = 0; count <= 5; count += 1) {
      const { large, small } = largeAndColumn(height, count);
      expectApart([large, ...small], height);
    }
  });
});

function expectApart(places: readonly Rectangle[], height = 720): void {
  for (const [index, a] of places.entries()) {
    for (const value of Object.values(a)) expect(value % 2).toBe(0);
    expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= widthOf(height) && a.y + a.height <= height && a.width > 0 && a.height > 0).toBe(true);
    for (const b of places.slice(index + 1)) {
      expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true);
    }
  }
}
