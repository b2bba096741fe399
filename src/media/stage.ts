/**
 * Who is seen and heard by whom: which producers a peer consumes, and which of these are active. Pure.
 *
 * Nothing here walks through a whole large room: what one peer should get follows from what it
 * shows, what it has, and the few things that are for everybody.
 */
import type { types as mediasoup } from 'mediasoup';
import type { Size } from './layers.js';
import type { Source } from './media.js';

export interface StagePolicy {
  /**
   * Pictures that are offered before a page has said what it shows. A room with no more of them is
   * small: there all pictures are kept ready, so that showing one takes no further round trip.
   */
  readonly firstPictures: number;
  /** Pictures that one page may show, at most. */
  readonly shownPictures: number;
  /** A picture that is not shown is given back after this long, milliseconds. */
  readonly hiddenMs: number;
}

export const defaultPolicy: StagePolicy = { firstPictures: 9, shownPictures: 49, hiddenMs: 30_000 };

export interface StageProducer {
  readonly id: string;
  /** Empty for a slot. */
  readonly peerId: string;
  readonly source: Source;
  readonly kind: mediasoup.MediaKind;
}

/** What the room has for everybody. */
export interface Scene<Producer extends StageProducer = StageProducer> {
  /** By id, oldest first. */
  readonly pictures: ReadonlyMap<string, Producer>;
  readonly microphones: ReadonlyMap<string, Producer>;
  /** The sound of shared screens. */
  readonly programSounds: ReadonlyMap<string, Producer>;
  /** Empty where there are none. They may still be there for a while after voices became direct again. */
  readonly slots: readonly Slot<Producer>[];
  /** `direct`: each microphone is consumed by itself. `slots`: the loudest are heard through the slots. */
  readonly voices: 'direct' | 'slots';
}

export interface Slot<Producer extends StageProducer = StageProducer> {
  readonly producer: Producer;
  /** Who is in it now, and while it is switched also who is about to be: they would hear themselves. */
  readonly occupants: readonly string[];
}

export interface StageView<Producer extends StageProducer = StageProducer> {
  readonly peerId: string;
  readonly scene: Scene<Producer>;
  /** What the page shows, by producer; null until it has said so. */
  readonly shown: ReadonlyMap<string, Size> | null;
  /** The answer of `hiddenPictures` before. */
  readonly hiddenSince: ReadonlyMap<string, number>;
  /** Ids of the producers that the peer consumes; true: its page has its side of it. */
  readonly received: ReadonlyMap<string, boolean>;
  readonly now: number;
}

export interface Wanted<Producer extends StageProducer = StageProducer> {
  readonly producer: Producer;
  /** False: the consumer is kept ready, paused. */
  readonly active: boolean;
  readonly size: Size | undefined;
}

/** Everything that the peer should consume now, in the order of importance. */
export function wantedConsumers<Producer extends StageProducer>(view: StageView<Producer>, policy: StagePolicy): Wanted<Producer>[] {
  return [...wantedSounds(view), ...wantedPictures(view, policy)];
}

/**
 * Since when the page leaves each picture aside, by producer. A picture stays in here after it was
 * given back, so that it comes again only when it is shown.
 */
export function hiddenPictures({ peerId, scene, shown, hiddenSince, received, now }: StageView, policy: StagePolicy): Map<string, number> {
  const hidden = new Map<string, number>();
  if (!shown) return hidden;
  const candidates = isSmall(scene, policy) ? scene.pictures.keys() : new Set([...received.keys(), ...hiddenSince.keys()]);
  for (const id of candidates) {
    const producer = scene.pictures.get(id);
    if (producer && producer.peerId !== peerId && !shown.has(id)) hidden.set(id, hiddenSince.get(id) ?? now);
  }
  return hidden;
}

/** When a picture's time hidden is over, and the wanted set changes by itself; undefined: never. */
export function nextChange(view: Pick<StageView, 'hiddenSince' | 'now'>, policy: StagePolicy): number | undefined {
  let next: number | undefined;
  for (const since of view.hiddenSince.values()) {
    const end = since + policy.hiddenMs;
    if (end > view.now && (next === undefined || end < next)) next = end;
  }
  return next;
}

/** So few pictures that all are kept ready. */
export function isSmall({ pictures }: Pick<Scene, 'pictures'>, { firstPictures }: StagePolicy): boolean {
  return pictures.size <= firstPictures;
}

/**
 * Between direct voices and slots the new ones are made ready first, and then taken up all at once:
 * nobody misses a word, and nobody hears a voice twice.
 */
function wantedSounds<Producer extends StageProducer>({ peerId, scene, received }: StageView<Producer>): Wanted<Producer>[] {
  const sound = (producer: Producer, active: boolean): Wanted<Producer> => ({ producer, active, size: undefined });
  const confirmed = ({ id }: Producer) => received.get(id) === true;
  const programs = [...scene.programSounds.values()].filter((producer) => producer.peerId !== peerId);
  const microphones: Producer[] = [];
  if (scene.voices === 'direct') {
    for (const producer of scene.microphones.values()) if (producer.peerId !== peerId) microphones.push(producer);
  } else {
    for (const id of received.keys()) {
      const producer = scene.microphones.get(id);
      if (producer) microphones.push(producer);
    }
  }
  const slots = scene.slots.filter(({ producer }) => scene.voices === 'slots' || received.has(producer.id));
  const bySlots =
    slots.length > 0 &&
    (scene.voices === 'slots' ? slots.every(({ producer }) => confirmed(producer)) : !microphones.every((producer) => confirmed(producer)));
  const wanted: Wanted<Producer>[] = [];
  // Who is in a slot does not hear himself.
  for (const { producer, occupants } of slots) {
    if (scene.voices === 'slots' || bySlots) wanted.push(sound(producer, bySlots && !occupants.includes(peerId)));
  }
  for (const producer of microphones) if (scene.voices === 'direct' || !bySlots) wanted.push(sound(producer, !bySlots));
  for (const producer of programs) wanted.push(sound(producer, true));
  return wanted;
}

function wantedPictures<Producer extends StageProducer>(
  { peerId, scene, shown, hiddenSince, received, now }: StageView<Producer>,
  policy: StagePolicy,
): Wanted<Producer>[] {
  if (!shown) {
    const first = firstPictures(scene, peerId, policy.firstPictures);
    return first.map((producer) => ({ producer, active: true, size: sizeInGallery(first.length) }));
  }
  const wanted: Wanted<Producer>[] = [];
  for (const [id, size] of shown) {
    const producer = scene.pictures.get(id);
    if (producer && producer.peerId !== peerId) wanted.push({ producer, active: true, size });
  }
  wanted.sort((a, b) => screensFirst(a.producer, b.producer));
  const ready: Wanted<Producer>[] = [];
  const candidates = isSmall(scene, policy) ? scene.pictures.keys() : received.keys();
  for (const id of candidates) {
    const producer = scene.pictures.get(id);
    if (!producer || producer.peerId === peerId || shown.has(id)) continue;
    if (now - (hiddenSince.get(id) ?? now) < policy.hiddenMs) ready.push({ producer, active: false, size: undefined });
  }
  return [...wanted.slice(0, policy.shownPictures), ...ready.slice(0, policy.firstPictures)];
}

function firstPictures<Producer extends StageProducer>({ pictures }: Scene<Producer>, peerId: string, limit: number): Producer[] {
  const first: Producer[] = [];
  for (const producer of pictures.values()) {
    if (producer.peerId === peerId) continue;
    if (producer.source === 'screen') first.unshift(producer);
    else if (first.length < limit) first.push(producer);
  }
  return first.slice(0, limit);
}

/** A page that has not spoken yet most likely shows a gallery. Too small is better than too large: many large pictures at once starve each other. */
function sizeInGallery(pictures: number): Size {
  if (pictures <= 1) return { width: 1280, height: 720 };
  return pictures <= 4 ? { width: 640, height: 360 } : { width: 320, height: 180 };
}

/** The sort is stable, so that the older one comes first among equals. */
function screensFirst(a: StageProducer, b: StageProducer): number {
  return Number(b.source === 'screen') - Number(a.source === 'screen');
}
