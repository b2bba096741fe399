/**
 * The face of the SFU core. It knows rooms and peers and what they send and receive; it knows
 * nothing of people, roles or meetings. `signaling` decides who may do what and calls here.
 */
import type { EventEmitter } from 'node:events';
import type { types as mediasoup } from 'mediasoup';
import { type Source, sources } from './source.js';
import type { TapWish } from './tap.js';

export { type Source, sources };

export interface Media {
  /** What every router can route; pages load their device with it before they join. */
  readonly rtpCapabilities: mediasoup.RtpCapabilities;
  /**
   * The room, directed from this node from now on. What nodes have of a room of this id already is
   * taken over: after its director was lost, peers go on as if nothing had been. @throws MEDIA_UNAVAILABLE
   */
  openRoom(id: string): Promise<MediaRoom>;
  /** For health, doctor and metrics. */
  describe(): MediaDescription;
  /** Idempotent. Closes all rooms and workers. */
  close(): Promise<void>;
}

export interface MediaDescription {
  readonly workers: readonly { readonly pid: number; readonly port: number; readonly rooms: number }[];
  /** Share of the workers' cores that is in use, 0 to 1. */
  readonly load: number;
  readonly consumers: number;
  readonly producers: number;
  readonly transports: number;
}

export interface MediaRoomEvents {
  /** What a peer receives has changed; tell its page. Removed ones have been closed. */
  consumers: [peerId: string, change: { added: readonly ConsumerOffer[]; removed: readonly string[] }];
  /** A producer ended without a call of closeProducer: its transport was lost. */
  producerclosed: [peerId: string, producerId: string];
  /** Who speaks now; null when nobody does. */
  speaker: [peerId: string | null];
  /** Their worker or node died: all that these peers had is gone, and there is another place for them. Call addPeer for each again when its page asks. */
  moved: [peerIds: readonly string[]];
  /** The highest layer of a producer that anybody receives now, from 0; -1: nobody receives it. */
  demand: [peerId: string, producerId: string, maxSpatialLayer: number];
  /** A peer that should see this picture can't decode it. Once for each producer and node. */
  undecodable: [peerId: string, producerId: string];
  /** Pictures that a peer shows and does not get for lack of bandwidth; the whole list. */
  starved: [peerId: string, consumerIds: readonly string[]];
  /** Who is heard through which slot; empty when everybody is heard directly. */
  heard: [peerIds: readonly (string | null)[]];
  /** No worker can take the room. It is closed. */
  lost: [];
}

export interface MediaRoom extends EventEmitter<MediaRoomEvents> {
  readonly id: string;
  /**
   * Makes both transports and the first consumers of a peer. A peer that is there is replaced: all
   * it had is closed first. Its events begin in the turn of the event loop after the answer: have the
   * way to its page ready before, and await nothing between this and the answer to the page.
   * @throws MEDIA_BAD_CAPABILITIES, MEDIA_UNAVAILABLE, MEDIA_NOT_FOUND (removed or added again meanwhile)
   */
  addPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities, options?: AddPeerOptions): Promise<PeerOffer>;
  /** Ids of the peers that are there: those taken over, and those added since. */
  readonly peerIds: readonly string[];
  /** Closes all that the peer has. Harmless when it is not there. */
  removePeer(peerId: string): void;
  /** @throws MEDIA_NOT_FOUND, MEDIA_BAD_PARAMETERS */
  connectTransport(peerId: string, transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void>;
  /** @throws MEDIA_NOT_FOUND */
  restartIce(peerId: string, transportId: string): Promise<mediasoup.IceParameters>;
  /** @throws MEDIA_NOT_FOUND, MEDIA_BAD_PARAMETERS, MEDIA_SOURCE_TAKEN (nothing is left open) */
  produce(
    peerId: string,
    options: { transportId: string; source: Source; rtpParameters: mediasoup.RtpParameters; paused: boolean },
  ): Promise<{ id: string }>;
  /** @throws MEDIA_NOT_FOUND */
  setProducerPaused(peerId: string, producerId: string, paused: boolean): Promise<void>;
  /** Harmless when it is gone. */
  closeProducer(peerId: string, producerId: string): void;
  /** Ids that are gone are passed over. */
  resumeConsumers(peerId: string, consumerIds: readonly string[]): Promise<void>;
  /** The pictures that the peer's page shows, in device pixels; others are paused. */
  setView(peerId: string, shown: readonly Shown[]): Promise<void>;
  /** The peer's page hears a voice in its microphone: listen closer. Harmless when it is not so. */
  speaking(peerId: string): void;
  /** The whole list of taps that should be. A producer that is not there is passed over; one that comes later needs another call. */
  setTaps(taps: readonly TapWish[]): void;
  /** mediasoup's scores of the peer, 0 to 10; null: nothing to judge. */
  scores(peerId: string): Promise<{ send: number | null; receive: number | null }>;
  /** Another node directs the room from now on: what this one directed lives on, and is silent here. Idempotent. */
  abandon(): void;
  /** Ends all that the room has, on all nodes. Idempotent. */
  close(): void;
}

export interface AddPeerOptions {
  /** It will send. False for a viewer: no transport for sending, and the audience's places. Default true. */
  readonly sends?: boolean;
  /** The node whose workers should serve it: where its socket is. Default: this one. */
  readonly node?: string;
}

export interface Shown {
  readonly producerId: string;
  readonly width: number;
  readonly height: number;
}

export interface PeerOffer {
  /** Null for a peer that does not send. */
  readonly send: TransportOffer | null;
  readonly receive: TransportOffer;
  readonly consumers: readonly ConsumerOffer[];
}

export interface TransportOffer {
  readonly id: string;
  readonly iceParameters: mediasoup.IceParameters;
  readonly iceCandidates: readonly mediasoup.IceCandidate[];
  readonly dtlsParameters: mediasoup.DtlsParameters;
}

/** A consumer that exists on the server, paused, until the page has it too. */
export interface ConsumerOffer {
  readonly id: string;
  readonly producerId: string;
  /** Empty for a slot. */
  readonly producerPeerId: string;
  /** From 1 for a slot of the audio stage, 0 otherwise. */
  readonly slot: number;
  readonly source: Source;
  readonly kind: mediasoup.MediaKind;
  readonly rtpParameters: mediasoup.RtpParameters;
  readonly producerPaused: boolean;
}
