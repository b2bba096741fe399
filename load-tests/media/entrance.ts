/** How an attendee reaches the server under test: the product by its socket, or the bare script. */
import type { types as mediasoup } from 'mediasoup';
import type { TransportParameters } from './client-transport.js';
import type { Kind } from './tally.js';
import { extensions } from './wire/rtp.js';

export type Source = 'microphone' | 'camera';

/** A stream that the server will send. */
export interface OfferedStream {
  readonly consumerId: string;
  readonly producerId: string;
  readonly kind: Kind;
  readonly ssrc: number;
  /** Id of the extension that says when a packet was sent; 0: it has none. */
  readonly stampId: number;
  /** From 1 for a slot of the audio stage. */
  readonly slot: number;
}

export interface OfferedTransport extends TransportParameters {
  readonly id: string;
}

export interface Setup {
  readonly send: OfferedTransport | undefined;
  readonly receive: OfferedTransport;
  readonly streams: readonly OfferedStream[];
}

export interface EntranceEvents {
  added(streams: readonly OfferedStream[]): void;
  removed(consumerIds: readonly string[]): void;
  /** The highest layer that anybody receives; -1: none. */
  demand(producerId: string, highestLayer: number): void;
  lost(reason: Error): void;
}

export interface Entrance {
  join(events: EntranceEvents): Promise<Setup>;
  connect(transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void>;
  /** Gives the producer's id. */
  produce(transportId: string, source: Source, rtpParameters: mediasoup.RtpParameters): Promise<string>;
  resume(consumerIds: readonly string[]): Promise<void>;
  /** Producers whose pictures are shown. */
  show(producerIds: readonly string[], size: { readonly width: number; readonly height: number }): Promise<void>;
  /** A voice begins. */
  speaking(): Promise<void>;
  close(): Promise<void>;
}

export function offeredStream(
  consumer: { readonly id: string; readonly producerId: string; readonly slot?: number },
  kind: Kind,
  { encodings, headerExtensions }: mediasoup.RtpParameters,
): OfferedStream {
  return {
    consumerId: consumer.id,
    producerId: consumer.producerId,
    kind,
    ssrc: encodings?.[0]?.ssrc ?? 0,
    stampId: headerExtensions?.find(({ uri }) => uri === extensions.sentAt.uri)?.id ?? 0,
    slot: consumer.slot ?? 0,
  };
}
