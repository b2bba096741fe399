import { describe, expect, it } from 'vitest';
import type { Gap } from '../../../src/recording/capture/index.js';
import { type GapFacts, gapList } from '../../../src/recording/gap-list.js';

const ana = { id: 'ana', name: 'Ana' };
const ben = { id: 'ben', name: 'Ben' };
const minute = 60_000;
type Track = GapFacts['tracks'][number];

function track(person: typeof ana, gaps: readonly Partial<Gap>[] = [], more: Partial<Track> = {}): Track {
  const source = more.source ?? 'microphone';
  return {
    id: `${person.id} ${source}`,
    person,
    source,
    removed: false,
    from: 0,
    to: 60 * minute,
    gaps: gaps.map((gap) => ({ what: 'disk-full', from: 0, to: 0, packets: 1, ...gap })),
    ...more,
  };
}

const list = (facts: Partial<GapFacts>) =>
  gapList({
    extent: { from: 0, to: 60 * minute },
    pauses: [],
    redactions: [],
    tracks: [],
    composed: [],
    withdrawn: [],
    names: true,
    ...facts,
  });

describe('what is missing in a recording', () => {
  it('is nothing where nothing is', () => {
    expect(list({ tracks: [track(ana), track(ben, [], { source: 'camera' })] })).toEqual([]);
  });

  it('is everything of everybody in a pause and in a cut, with who paused it', () => {
    const found = list({
      pauses: [{ from: 5 * minute, to: 6 * minute, by: ana }],
      redactions: [{ from: minute, to: 2 * minute }],
      // Nothing was to be there anyway.
      tracks: [track(ben, [{ what: 'interrupted', from: 5 * minute, to: 6 * minute }])],
    });
    expect(found).toEqual([
      { what: 'redacted', fromMs: minute, toMs: 2 * minute, people: null, sources: [], by: null, partly: false },
      { what: 'paused', fromMs: 5 * minute, toMs: 6 * minute, people: null, sources: [], by: ana, partly: false },
    ]);
  });

  it('goes on as long as a pause does that nobody has ended, and as the recording is on', () => {
    expect(list({ extent: { from: 0, to: null }, pauses: [{ from: minute, to: null, by: null }] })).toMatchObject([
      { toMs: null, by: null },
    ]);
  });

  it('is one entry of all whom the same befell at the same time', () => {
    const gap = { from: 10 * minute, to: 12 * minute };
    const found = list({
      tracks: [
        track(ben, [{ ...gap, from: gap.from + 900 }]),
        track(ana, [gap]),
        track(ana, [gap], { source: 'camera' }),
        track(ana, [{ what: 'disk-slow', from: 40 * minute, to: 41 * minute }], { source: 'screen' }),
      ],
    });
    expect(found).toMatchObject([
      { what: 'disk-full', fromMs: 10 * minute, toMs: 12 * minute, people: [ana, ben], sources: ['camera', 'microphone'] },
      { what: 'disk-slow', people: [ana], sources: ['screen'] },
    ]);
  });

  it('after a crash lasts until the next track of the same, and else to the end', () => {
    const cut = { what: 'interrupted', from: 10 * minute, to: null } as const;
    const next = track(ana, [], { id: 'next', from: 11 * minute });
    const found = list({ tracks: [track(ana, [cut], { to: cut.from }), next, track(ben, [cut], { to: cut.from })] });
    expect(found).toMatchObject([
      { people: [ana], toMs: 11 * minute },
      { people: [ben], toMs: 60 * minute },
    ]);
  });

  it('of a bad network is what compose missed, and one entry of many losses', () => {
    const composed = [0, 10, 20, 500].map((second) => ({
      track: 'ana microphone',
      what: 'lost' as const,
      from: second * 1_000,
      to: second * 1_000 + 1_500,
    }));
    // The log of capture says how much was lost between two moments, and not when.
    const found = list({ tracks: [track(ana, [{ what: 'lost', from: 0, to: 30 * minute }])], composed });
    expect(found).toMatchObject([
      { what: 'lost', fromMs: 0, toMs: 21_500, partly: true },
      { what: 'lost', fromMs: 500_000, toMs: 501_500, partly: false },
    ]);
  });

  it('is not what nobody notices', () => {
    const short = { from: minute, to: minute + 900 };
    const composed = [{ track: 'ana camera', what: 'damaged' as const, from: minute, to: minute + 1_900 }];
    expect(list({ tracks: [track(ana, [short]), track(ana, [], { source: 'camera' })], composed })).toEqual([]);
  });

  it('is told once, by the better reason', () => {
    const composed = [{ track: 'ana microphone', what: 'lost' as const, from: minute, to: 3 * minute }];
    expect(list({ tracks: [track(ana, [{ from: minute + 1_000, to: 3 * minute }])], composed })).toMatchObject([{ what: 'disk-full' }]);
  });

  it('is all of who took consent back, whose name not everybody is told', () => {
    const facts: Partial<GapFacts> = {
      tracks: [
        track(ana, [], { removed: true, to: 20 * minute }),
        track(ana, [], { removed: true, source: 'camera', from: 4 * minute, to: 20 * minute }),
        track(ben),
      ],
      withdrawn: [{ from: 20 * minute, to: 30 * minute, person: ana }],
    };
    const entry = { what: 'withdrawn', fromMs: 0, toMs: 30 * minute, sources: [], by: null, partly: false };
    expect(list(facts)).toEqual([{ ...entry, people: [ana] }]);
    expect(list({ ...facts, names: false })).toEqual([{ ...entry, people: [] }]);
  });

  it('is of the part that there is: what was cut off at its ends is nobody’s loss', () => {
    const found = list({
      extent: { from: 10 * minute, to: 20 * minute },
      pauses: [
        { from: minute, to: 2 * minute, by: ana },
        { from: 9 * minute, to: 11 * minute, by: ana },
        { from: 19 * minute, to: null, by: ana },
      ],
      withdrawn: [{ from: 30 * minute, to: null, person: ben }],
    });
    expect(found.map(({ fromMs, toMs }) => [fromMs / minute, (toMs ?? 0) / minute])).toEqual([
      [10, 11],
      [19, 20],
    ]);
  });

  it('is a list that stays short, of what is longest', () => {
    const gaps = Array.from({ length: 900 }, (_, index) => ({ from: index * 4_000, to: index * 4_000 + 1_001 + (index % 7) }));
    const found = list({ tracks: [track(ana, gaps)] });
    expect(found.length).toBe(200);
    expect(found.map(({ fromMs }) => fromMs)).toEqual([...found.map(({ fromMs }) => fromMs)].sort((a, b) => a - b));
    expect(Math.min(...found.map(({ fromMs, toMs }) => (toMs ?? 0) - fromMs))).toBeGreaterThan(1_004);
  });
});
