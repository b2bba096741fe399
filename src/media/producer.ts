/** A producer in a room: what one peer sends from one source. */
import type { types as mediasoup } from 'mediasoup';
import { CausewayError } from '../platform/errors.js';
import type { Layered } from './layers.js';
import type { Source } from './media.js';
import type { StageProducer } from './stage.js';

export interface RoomProducer extends StageProducer {
  /** As it is on the floor of the one who has it in hand: the producer itself, or the end of a pipe. */
  readonly producer: mediasoup.Producer;
  readonly layered: Layered;
  /** From 1 for a slot of the audio stage, 0 otherwise. */
  readonly slot: number;
}

export interface OpenProducerOptions {
  readonly peerId: string;
  readonly source: Source;
  readonly rtpParameters: mediasoup.RtpParameters;
  readonly paused: boolean;
}

const kindOf: Readonly<Record<Source, mediasoup.MediaKind>> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'video',
  'screen-audio': 'audio',
};

/**
 * Everybody who joins asks for a key frame; answering each one would double what the publisher
 * sends. Chromium ignores a request within 300 ms of the one before, and mediasoup would repeat it
 * only after a second; this is longer by what a network may push the two together.
 */
const keyFrameRequestDelayMs = 400;

/** @throws MEDIA_BAD_PARAMETERS, MEDIA_NOT_FOUND. Nothing is left open. */
export async function openProducer(
  transport: mediasoup.WebRtcTransport,
  { peerId, source, rtpParameters, paused }: OpenProducerOptions,
): Promise<RoomProducer> {
  const kind = kindOf[source];
  if (!rtpParameters.codecs.every((codec) => codec.mimeType.toLowerCase().startsWith(`${kind}/`))) {
    throw badParameters(new TypeError(`codecs: a ${source} sends ${kind} only`));
  }
  let producer: mediasoup.Producer;
  try {
    producer = await transport.produce({
      kind,
      rtpParameters,
      paused,
      ...(kind === 'video' && { keyFrameRequestDelay: keyFrameRequestDelayMs }),
    });
  } catch (cause) {
    throw transport.closed ? new CausewayError('MEDIA_NOT_FOUND', { cause }) : badParameters(cause);
  }
  if (transport.closed) {
    // The transport was closed while the worker answered, too early to take this producer with it.
    producer.close();
    throw new CausewayError('MEDIA_NOT_FOUND');
  }
  return {
    id: producer.id,
    peerId,
    source,
    kind,
    producer,
    slot: 0,
    layered: { type: producer.type, encodings: rtpParameters.encodings ?? [] },
  };
}

/** What mediasoup refused, in its words. */
export function badParameters(cause: unknown): CausewayError {
  const detail = cause instanceof Error ? cause.message.replace(/ \[method:.*$/, '') : 'not readable';
  return new CausewayError('MEDIA_BAD_PARAMETERS', { fill: { detail }, cause });
}
