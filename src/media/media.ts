/**
 * The face of the SFU core. It knows rooms and peers and what they send and receive; it knows
 * nothing of people, roles or meetings. `signaling` decides who may do what and calls here.
 */
import type { EventEmitter } from 'node:events';
import type { types as mediasoup } from 'mediasoup';

export const sources = ['microphone', 'camera', 'screen', 'screen-audio'] as const;
export type Source = (typeof sources)[number];

export interface Media {
  /** What every router can route; pages load their device with it before they join. */
  readonly rtpCapabilities: mediasoup.RtpCapabilities;
  /** A new room, on the worker with the least load. @throws MEDIA_UNAVAILABLE */
  openRoom(id: string): Promise<MediaRoom>;
  /** For health, doctor and metrics. */
  describe(): MediaDescription;
  /** Idempotent. Closes all rooms and workers. */
  close(): Promise<void>;
}

export interface MediaDescription {
  readonly workers: readonly { readonly pid: number; readonly port: number; readonly rooms: number }[];
  readonly consumers: number;
  readonly producers: number;
  readonly transports: number;
}

export interface MediaRoomEvents {
  /** What a peer receives has changed; tell its page. */
  consumers: [peerId: string, change: { added: readonly ConsumerOffer[]; removed: readonly string[] }];
  /** A producer ended without a call of closeProducer: its transport was lost. */
  producerclosed: [peerId: string, producerId: string];
  /** Who speaks now; null when nobody does. */
  speaker: [peerId: string | null];
  /** The worker died, and the room is open again on another one: every peer's transports, producers and consumers are gone. Call addPeer for each peer again when its page asks. */
  moved: [];
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
  addPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities): Promise<PeerOffer>;
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
  /** mediasoup's scores of the peer, 0 to 10; null: nothing to judge. */
  scores(peerId: string): { send: number | null; receive: number | null };
  /** Idempotent. */
  close(): void;
}

export interface Shown {
  readonly producerId: string;
  readonly width: number;
  readonly height: number;
}

export interface PeerOffer {
  readonly send: TransportOffer;
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
  readonly producerPeerId: string;
  readonly source: Source;
  readonly kind: mediasoup.MediaKind;
  readonly rtpParameters: mediasoup.RtpParameters;
  readonly producerPaused: boolean;
}
