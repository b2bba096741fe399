/**
 * What the director of a room asks of a node that has a part of it, and what that part tells. The
 * same for the part on the director's own node and for those on others, where it travels by
 * platform/cluster.
 */
import type { types as mediasoup } from 'mediasoup';
import type { ProducerFace } from './feed.js';
import type { Volume } from './floor.js';
import type { ConsumerOffer, PeerOffer, Shown, Source } from './media.js';
import type { TapWish } from './tap.js';

export interface ProduceOptions {
  readonly transportId: string;
  readonly source: Source;
  readonly rtpParameters: mediasoup.RtpParameters;
  readonly paused: boolean;
}

/** Of what one peer receives. */
export interface ConsumersChange {
  readonly added: readonly ConsumerOffer[];
  readonly removed: readonly string[];
}

export interface RoomPart {
  readonly node: string;
  addPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities, sends: boolean): Promise<PeerOffer>;
  removePeer(peerId: string): void;
  connectTransport(peerId: string, transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void>;
  restartIce(peerId: string, transportId: string): Promise<mediasoup.IceParameters>;
  produce(peerId: string, options: ProduceOptions): Promise<ProducerFace>;
  setProducerPaused(peerId: string, producerId: string, paused: boolean): Promise<void>;
  closeProducer(peerId: string, producerId: string): void;
  resumeConsumers(peerId: string, consumerIds: readonly string[]): Promise<void>;
  setView(peerId: string, shown: readonly Shown[]): Promise<void>;
  scores(peerId: string): Promise<{ send: number | null; receive: number | null }>;
  /** Producers on other nodes that have come, changed or gone. */
  setDistant(change: DistantChange): void;
  /** How voices are heard, and who is in the slots. */
  setVoices(voices: Voices): void;
  /** The whole list of taps of the room; the part has those whose producers are its own. */
  setTaps(taps: readonly TapWish[]): void;
  /** Ends the part, with all that it has. */
  close(): void;
}

export interface DistantChange {
  /** What was known before is forgotten. */
  readonly anew?: boolean;
  /** New ones, and those whose face has changed. */
  readonly set?: readonly ProducerFace[];
  readonly removed?: readonly string[];
}

export interface Voices {
  readonly mode: 'direct' | 'slots';
  /** Producer ids by slot; null: empty. */
  readonly slots: readonly (string | null)[];
  readonly warm: readonly string[];
}

/** What a part tells its director, in order. */
export interface PartEvents {
  consumers: [peerId: string, change: ConsumersChange];
  /** A producer ended without a call of closeProducer. */
  producerclosed: [peerId: string, producerId: string];
  /** Their worker died; there is another place for them on this node. */
  moved: [peerIds: readonly string[]];
  /** Their worker died, and no other can take them. The part is closed. */
  lost: [peerIds: readonly string[]];
  starved: [peerId: string, consumerIds: readonly string[]];
  /** A picture that a peer of this part should see, and can't decode. */
  undecodable: [producerId: string];
  /** Microphones above the threshold in the last half second, loudest first. */
  volumes: [volumes: readonly Volume[]];
  /** The one of them that stands out. */
  dominant: [producerId: string];
  /** A microphone that is listened to closely carries a voice. */
  voice: [producerId: string, level: number];
  /** The highest layer of a producer that peers of this part want; -1: none. */
  demand: [producerId: string, layer: number];
}

export type PartEventName = keyof PartEvents;
export type AnyPartEvent = { [Name in PartEventName]: [name: Name, ...event: PartEvents[Name]] }[PartEventName];
export type PartListener = (event: AnyPartEvent) => void;

/** What a part has when another director takes it over. */
export interface PartFace {
  readonly peerIds: readonly string[];
  readonly producers: readonly ProducerFace[];
  readonly demands: readonly (readonly [producerId: string, layer: number])[];
}
