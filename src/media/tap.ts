/**
 * Taps: what one producer sends is also sent, as plain RTP on loopback, to a process of this node that
 * records it or makes captions of it. A room is told the whole list of taps that should be; the part on
 * the producer's own node opens and closes them. What is not on the list has no tap: no packet of it
 * leaves the worker.
 */
import type { types as mediasoup } from 'mediasoup';
import type { Source } from './source.js';

export const tapPurposes = ['capture', 'captions'] as const;
export type TapPurpose = (typeof tapPurposes)[number];

/** A tap that should be. The same producer may have one for each purpose. */
export interface TapWish {
  readonly producerId: string;
  readonly purpose: TapPurpose;
  /** For the sink alone, such as whose voice it is. The media core passes it on unread. Another context: another tap. */
  readonly context: Readonly<Record<string, string>>;
}

/** What a sink learns of a tap before the first packet. */
export interface TapStream {
  /** New for each tap. */
  readonly id: string;
  readonly roomId: string;
  readonly producerId: string;
  readonly peerId: string;
  readonly source: Source;
  readonly kind: mediasoup.MediaKind;
  readonly context: Readonly<Record<string, string>>;
  /** Of the packets that come. Others on the same port (bandwidth probes, SSRC 1234) are none of it. */
  readonly ssrc: number;
  readonly payloadType: number;
  readonly mimeType: string;
  /** Hz. */
  readonly clockRate: number;
  readonly channels: number;
  /** Asks the publisher for a key frame; more often than it gives them is harmless. */
  requestKeyFrame(): void;
}

/** The publisher's clock: at `ntp` its RTP clock stood at `rtp` (RFC 3550 section 6.4.1). */
export interface SenderReport {
  /** Of the publisher's stream, one for each simulcast layer. */
  readonly ssrc: number;
  /** Seconds since 1900, 32.32 fixed point. */
  readonly ntp: bigint;
  /** In units of the clock rate, 32 bits. */
  readonly rtp: number;
  /** When it came, milliseconds since 1970. */
  readonly at: number;
}

/** Of one tap, in the process that has the sink. */
export interface TapReceiver {
  /** UDP port on 127.0.0.1 that takes RTP and RTCP together. */
  readonly port: number;
  reported(report: SenderReport): void;
  /** The publisher is muted, or not any more: silence is no loss. */
  paused(paused: boolean): void;
  /** No packet comes any more. Idempotent. */
  end(): void;
}

/** The process of this node that takes what is tapped for one purpose. */
export interface TapSink {
  /** @throws Error while the process is not there; the tap is tried again. */
  begin(stream: TapStream): Promise<TapReceiver>;
  /** The process was lost and is back: all taps are to be opened anew. */
  onRestarted(listener: () => void): void;
}

/** By purpose. A purpose without a sink has no taps on this node. */
export type TapSinks = Readonly<Partial<Record<TapPurpose, TapSink>>>;
