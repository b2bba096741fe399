/** A feed: what the room has from one producer, wherever its peer is: on a floor here, or on another node. */
import type { types as mediasoup } from 'mediasoup';
import type { Floor } from './floor.js';
import type { Layered } from './layers.js';
import type { Source } from './media.js';
import type { RoomProducer } from './producer.js';
import type { StageProducer } from './stage.js';

/** What nodes tell each other of a producer. */
export interface ProducerFace extends StageProducer {
  readonly source: Source;
  readonly layered: Layered;
  readonly paused: boolean;
  readonly node: string;
  /** The floor there that it arrives at. */
  readonly floor: string;
}

export interface Feed extends StageProducer {
  readonly layered: Layered;
  /** From 1 for a slot of the audio stage, 0 otherwise. */
  readonly slot: number;
  /** Where it arrives from its peer; null for one of another node. */
  readonly origin: FeedOrigin | null;
  /** Where it comes from, when that is another node. */
  readonly distant: { readonly node: string; readonly floor: string } | null;
  /** The floor that gets it from the other node, and gives it to the others here; null while nobody here wants it. */
  landing: { readonly floor: Floor; producer: mediasoup.Producer | null } | null;
  /** Muted. */
  paused: boolean;
}

export interface FeedOrigin {
  readonly floor: Floor;
  readonly producer: mediasoup.Producer;
}

/** A producer of this node. */
export function ownFeed(producer: RoomProducer, floor: Floor): Feed {
  const { id, peerId, source, kind, layered, slot } = producer;
  return {
    id,
    peerId,
    source,
    kind,
    layered,
    slot,
    origin: { floor, producer: producer.producer },
    distant: null,
    landing: null,
    paused: producer.producer.paused,
  };
}

/** A producer of another node. */
export function distantFeed({ id, peerId, source, kind, layered, paused, node, floor }: ProducerFace): Feed {
  return { id, peerId, source, kind, layered, slot: 0, origin: null, distant: { node, floor }, landing: null, paused };
}

export function faceOf(feed: Feed, node: string): ProducerFace | null {
  if (!feed.origin || feed.distant) return null;
  const { id, peerId, source, kind, layered, origin } = feed;
  return { id, peerId, source, kind, layered, paused: feed.paused, node, floor: origin.floor.id };
}
