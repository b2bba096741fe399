/** Who is seen and heard by whom: which producers a peer consumes, and which of these are active. Pure. */
import type { types as mediasoup } from 'mediasoup';
import type { Size } from './layers.js';
import type { Source } from './media.js';

export interface StagePolicy {
  /** Pictures that are offered before a page has said what it shows, and kept ready beside those shown. */
  readonly firstPictures: number;
  /** Pictures that one page may show, at most. */
  readonly shownPictures: number;
  /** A picture that is not shown is given back after this long, milliseconds. */
  readonly hiddenMs: number;
}

export const defaultPolicy: StagePolicy = { firstPictures: 9, shownPictures: 49, hiddenMs: 30_000 };

export interface StageProducer {
  readonly id: string;
  readonly peerId: string;
  readonly source: Source;
  readonly kind: mediasoup.MediaKind;
}

export interface StageView<Producer extends StageProducer = StageProducer> {
  readonly peerId: string;
  /** Of the whole room, oldest first. */
  readonly producers: readonly Producer[];
  /** What the page shows, by producer; null until it has said so. */
  readonly shown: ReadonlyMap<string, Size> | null;
  /** The answer of `hiddenPictures` before. */
  readonly hiddenSince: ReadonlyMap<string, number>;
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
  const others = view.producers.filter((producer) => producer.peerId !== view.peerId);
  const sounds = others.filter((producer) => producer.kind === 'audio').map((producer) => ({ producer, active: true, size: undefined }));
  const pictures = others.filter((producer) => producer.kind === 'video').sort(screensFirst);
  return [...sounds, ...wantedPictures(pictures, view, policy)];
}

/**
 * Since when the page leaves each picture aside, by producer. A picture stays in here after it was
 * given back, so that it comes again only when it is shown.
 */
export function hiddenPictures({ peerId, producers, shown, hiddenSince, now }: StageView): Map<string, number> {
  const hidden = new Map<string, number>();
  if (!shown) return hidden;
  for (const producer of producers) {
    if (producer.kind === 'video' && producer.peerId !== peerId && !shown.has(producer.id)) {
      hidden.set(producer.id, hiddenSince.get(producer.id) ?? now);
    }
  }
  return hidden;
}

/** When a picture's time hidden is over, and the wanted set changes by itself; undefined: never. */
export function nextChange(view: Pick<StageView, 'hiddenSince' | 'now'>, policy: StagePolicy): number | undefined {
  const ends = [...view.hiddenSince.values()].map((since) => since + policy.hiddenMs).filter((end) => end > view.now);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function wantedPictures<Producer extends StageProducer>(
  pictures: readonly Producer[],
  { shown, hiddenSince, now }: StageView,
  policy: StagePolicy,
): Wanted<Producer>[] {
  if (!shown) {
    const first = pictures.slice(0, policy.firstPictures);
    return first.map((producer) => ({ producer, active: true, size: sizeInGallery(first.length) }));
  }

  const wanted: Wanted<Producer>[] = [];
  const ready: Wanted<Producer>[] = [];
  for (const producer of pictures) {
    const size = shown.get(producer.id);
    if (size) wanted.push({ producer, active: true, size });
    // One that is new to the page is kept ready, so that showing it takes no further round trip.
    else if (now - (hiddenSince.get(producer.id) ?? now) < policy.hiddenMs) ready.push({ producer, active: false, size: undefined });
  }
  return [...wanted.slice(0, policy.shownPictures), ...ready.slice(0, policy.firstPictures)];
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
