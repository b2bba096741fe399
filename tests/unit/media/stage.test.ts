import { describe, expect, test } from 'vitest';
import type { Source } from '../../../src/media/media.js';
import {
  defaultPolicy,
  hiddenPictures,
  nextChange,
  type Scene,
  type StageProducer,
  type StageView,
  wantedConsumers,
} from '../../../src/media/stage.js';

const producer = (peerId: string, source: Source): StageProducer => ({
  id: `${peerId}-${source}`,
  peerId,
  source,
  kind: source === 'camera' || source === 'screen' ? 'video' : 'audio',
});
const cameras = (count: number) => Array.from({ length: count }, (_, i) => producer(`p${i}`, 'camera'));
const size = { width: 640, height: 360 };
interface Given extends Partial<StageView> {
  readonly producers?: readonly StageProducer[];
  readonly slots?: Scene['slots'];
  readonly voices?: Scene['voices'];
}
const mapOf = (producers: readonly StageProducer[]) => new Map(producers.map((item) => [item.id, item]));
const view = ({ producers = [], slots = [], voices = 'direct', ...over }: Given): StageView => ({
  peerId: 'me',
  scene: {
    pictures: mapOf(producers.filter(({ kind }) => kind === 'video')),
    microphones: mapOf(producers.filter(({ source }) => source === 'microphone')),
    programSounds: mapOf(producers.filter(({ source }) => source === 'screen-audio')),
    slots,
    voices,
  },
  shown: null,
  hiddenSince: new Map(),
  received: new Map(),
  now: 0,
  ...over,
});
const idsOf = (over: Given) =>
  wantedConsumers(view(over), defaultPolicy).map(({ producer: { id }, active }) => `${id}${active ? '' : ' (ready)'}`);
const showing = (...ids: string[]) => new Map(ids.map((id) => [id, size]));

describe('wantedConsumers', () => {
  test('gives all sound of everybody else, and nothing of oneself', () => {
    const producers = [
      producer('me', 'microphone'),
      producer('me', 'camera'),
      producer('a', 'microphone'),
      producer('b', 'microphone'),
      producer('b', 'screen-audio'),
    ];
    expect(idsOf({ producers })).toEqual(['a-microphone', 'b-microphone', 'b-screen-audio']);
    expect(idsOf({ producers, shown: new Map() })).toEqual(['a-microphone', 'b-microphone', 'b-screen-audio']);
  });

  test('offers the first nine pictures, screens first, until the page says what it shows', () => {
    const ids = idsOf({ producers: [...cameras(12), producer('late', 'screen')] });
    expect(ids).toEqual(['late-screen', ...cameras(8).map(({ id }) => id)]);
  });

  test('then activates exactly the pictures shown and keeps others ready', () => {
    expect(idsOf({ producers: cameras(3), shown: showing('p1-camera') })).toEqual(['p1-camera', 'p0-camera (ready)', 'p2-camera (ready)']);
  });

  test('gives any picture that is shown, also beyond the first nine', () => {
    expect(idsOf({ producers: cameras(30), shown: showing('p29-camera') })[0]).toBe('p29-camera');
  });

  test('gives a picture back after it was not shown for a while, and again when it is', () => {
    const producers = cameras(2);
    const hiddenSince = new Map([['p1-camera', 0]]);
    const shown = showing('p0-camera');
    expect(idsOf({ producers, shown, hiddenSince, now: defaultPolicy.hiddenMs - 1 })).toEqual(['p0-camera', 'p1-camera (ready)']);
    expect(idsOf({ producers, shown, hiddenSince, now: defaultPolicy.hiddenMs })).toEqual(['p0-camera']);
    expect(idsOf({ producers, shown: showing('p0-camera', 'p1-camera'), hiddenSince, now: defaultPolicy.hiddenMs })).toEqual([
      'p0-camera',
      'p1-camera',
    ]);
  });

  test('shows no more pictures than a page can decode', () => {
    const producers = cameras(80);
    const active = wantedConsumers(view({ producers, shown: showing(...producers.map(({ id }) => id)) }), defaultPolicy).filter(
      (wanted) => wanted.active,
    );
    expect(active).toHaveLength(defaultPolicy.shownPictures);
  });

  test('passes over what a page shows that is not in the room', () => {
    expect(idsOf({ producers: cameras(1), shown: showing('gone', 'me-camera') })).toEqual(['p0-camera (ready)']);
  });

  test('takes smaller pictures for granted the more there are', () => {
    const first = (count: number) => wantedConsumers(view({ producers: cameras(count) }), defaultPolicy)[0]?.size?.height;
    expect([first(1), first(4), first(9)]).toEqual([720, 360, 180]);
  });
});

describe('wantedConsumers in a large room', () => {
  const microphones = Array.from({ length: 20 }, (_, i) => producer(`p${i}`, 'microphone'));
  const slot = (n: number, ...occupants: string[]) => ({ producer: { ...producer('', 'microphone'), id: `slot-${n}` }, occupants });
  const slots = [slot(1, 'p3'), slot(2, 'me')];
  const received = (...entries: readonly [string, boolean][]) => new Map(entries);

  test('makes the slots ready first, while the microphones that are there go on', () => {
    expect(
      idsOf({ producers: microphones, slots, voices: 'slots', received: received(['p0-microphone', true], ['slot-1', true]) }),
    ).toEqual(['slot-1 (ready)', 'slot-2 (ready)', 'p0-microphone']);
  });

  test('then hears the slots and no microphone, and never the slot that one is in oneself', () => {
    const there = received(['p0-microphone', true], ['slot-1', true], ['slot-2', true]);
    expect(idsOf({ producers: microphones, slots, voices: 'slots', received: there })).toEqual(['slot-1', 'slot-2 (ready)']);
  });

  test('goes back to the microphones once all of them are ready', () => {
    const few = microphones.slice(0, 2);
    const ready = received(['slot-1', true], ['slot-2', true], ['p0-microphone', true], ['p1-microphone', false]);
    expect(idsOf({ producers: few, slots, voices: 'direct', received: ready })).toEqual([
      'slot-1',
      'slot-2 (ready)',
      'p0-microphone (ready)',
      'p1-microphone (ready)',
    ]);
    const all = received(['slot-1', true], ['slot-2', true], ['p0-microphone', true], ['p1-microphone', true]);
    expect(idsOf({ producers: few, slots, voices: 'direct', received: all })).toEqual(['p0-microphone', 'p1-microphone']);
  });

  test('keeps no picture ready that the page has not asked for', () => {
    expect(idsOf({ producers: cameras(30), shown: showing('p1-camera') })).toEqual(['p1-camera']);
  });

  test('keeps a picture that was shown ready for a while', () => {
    const there = received(['p2-camera', true]);
    const given = { producers: cameras(30), shown: showing('p1-camera'), received: there, hiddenSince: new Map([['p2-camera', 0]]) };
    expect(idsOf({ ...given, now: 1 })).toEqual(['p1-camera', 'p2-camera (ready)']);
    expect(idsOf({ ...given, now: defaultPolicy.hiddenMs })).toEqual(['p1-camera']);
  });
});

describe('hiddenPictures', () => {
  test('remembers since when each picture is left aside, and forgets those that are shown or gone', () => {
    const before = new Map([
      ['p0-camera', 5],
      ['p1-camera', 5],
      ['gone-camera', 5],
    ]);
    const hidden = hiddenPictures(view({ producers: cameras(3), shown: showing('p1-camera'), hiddenSince: before, now: 9 }), defaultPolicy);
    expect([...hidden]).toEqual([
      ['p0-camera', 5],
      ['p2-camera', 9],
    ]);
  });

  test('hides nothing before the page has said what it shows', () => {
    expect(hiddenPictures(view({ producers: cameras(3) }), defaultPolicy).size).toBe(0);
  });
});

describe('nextChange', () => {
  test('is when the first hidden picture runs out, and never for those that have', () => {
    const hiddenSince = new Map([
      ['old', 0],
      ['a', 2_000],
      ['b', 1_000],
    ]);
    expect(nextChange({ hiddenSince, now: defaultPolicy.hiddenMs }, defaultPolicy)).toBe(1_000 + defaultPolicy.hiddenMs);
    expect(nextChange({ hiddenSince: new Map([['old', 0]]), now: defaultPolicy.hiddenMs }, defaultPolicy)).toBeUndefined();
  });
});
