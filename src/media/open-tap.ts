/** One tap: a consumer of a producer on its own floor, whose packets go to a UDP port of this machine. */
import type { types as mediasoup } from 'mediasoup';
import { z } from 'zod';
import { newId } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import { routerCapabilities } from './codecs.js';
import type { Feed, FeedOrigin } from './feed.js';
import type { Guest } from './floor.js';
import { highestLayers, type Layers, preferredLayers } from './layers.js';
import type { TapReceiver, TapSink, TapStream, TapWish } from './tap.js';

export interface OpenTapOptions {
  readonly roomId: string;
  readonly wish: TapWish;
  readonly feed: Feed;
  readonly origin: FeedOrigin;
  readonly sink: TapSink;
  readonly log: Log;
  /** It has ended without `close`: its producer or its worker has. Called once. */
  readonly onLost: () => void;
}

const loopback = '127.0.0.1';
/** Bursts of key frames. The kernel cuts it to net.core.wmem_max. */
const sendBufferBytes = 4 * 1024 * 1024;
/** Of a camera the layer is taken that a tile of this size gets: with three of them the middle one. */
const cameraSize = { width: 640, height: 360 };
/**
 * The worker looks for a better layer when one comes, and at its first sender report; but it can
 * switch only after a packet that follows that report, and to who is not estimated it does not look again by itself.
 */
const lookForLayerMs = 1_000;
const audioLevel = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const capabilities = tapCapabilities();

const senderReport = z.object({ ssrc: z.number(), ntpSec: z.number(), ntpFrac: z.number(), rtpTs: z.number() });

/** The layers that are taken, and stay: nothing estimates the bandwidth of loopback. Undefined where there is only one. */
export function tapLayers({ kind, source, layered }: Pick<Feed, 'kind' | 'source' | 'layered'>): Layers | undefined {
  if (kind === 'audio') return undefined;
  return source === 'camera' ? preferredLayers(layered, cameraSize, undefined) : highestLayers(layered);
}

export class OpenTap {
  readonly #options: OpenTapOptions;
  /** For placement it is like a peer who receives one thing. */
  readonly #guest: Guest = { load: 1 };
  #transport: mediasoup.PlainTransport | undefined;
  #layerTimer: NodeJS.Timeout | undefined;
  #receiver: TapReceiver | undefined;
  #closed = false;

  constructor(options: OpenTapOptions) {
    this.#options = options;
  }

  /** Rejects, with nothing left open, when it can't be: the sink or the worker is gone. */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** No packet leaves the worker for it any more, and none that still does is taken. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { floor, producer } = this.#options.origin;
    // The sink first: what is on the way from the worker is not to be taken.
    this.#receiver?.end();
    producer.off('trace', this.#traced);
    producer.observer.off('pause', this.#muted);
    producer.observer.off('resume', this.#unmuted);
    clearInterval(this.#layerTimer);
    floor.guests.delete(this.#guest);
    this.#transport?.close();
  }

  async #open(): Promise<void> {
    const { roomId, wish, feed, origin, sink } = this.#options;
    const { floor, producer } = origin;
    const transport = await floor.router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: loopback, sendBufferSize: sendBufferBytes },
      rtcpMux: true,
      comedia: false,
    });
    this.#transport = transport;
    if (this.#closed) return transport.close();
    floor.guests.add(this.#guest);
    transport.observer.once('close', () => this.#lost());
    const layers = tapLayers(feed);
    const consumer = await transport.consume({
      producerId: producer.id,
      rtpCapabilities: capabilities,
      // Media that comes before somebody listens is lost, and with it the first key frame.
      paused: true,
      ...(layers && { preferredLayers: layers }),
    });
    if (this.#closed) return;
    consumer.observer.once('close', () => this.#lost());
    const receiver = await sink.begin(this.#stream(roomId, wish, feed, consumer));
    this.#receiver = receiver;
    if (this.#closed) return receiver.end();
    this.#watch(producer, receiver);
    await producer.enableTraceEvent(['sr']);
    await transport.connect({ ip: loopback, port: receiver.port });
    // The worker asks the publisher for a key frame by itself.
    await consumer.resume();
    if (layers && !this.#closed) this.#layerTimer = setInterval(() => this.#pinLayer(consumer, layers), lookForLayerMs).unref();
  }

  #pinLayer(consumer: mediasoup.Consumer, layers: Layers): void {
    const now = consumer.currentLayers?.spatialLayer;
    const isSent = this.#options.origin.producer.score.some(({ encodingIdx, score }) => encodingIdx === layers.spatialLayer && score > 0);
    if (now === undefined || now === layers.spatialLayer || !isSent) return;
    // The same wish again would not make it look. Either rejects when the consumer has ended in the same moment.
    consumer
      .setPreferredLayers({ ...layers, spatialLayer: now })
      .then(() => consumer.setPreferredLayers(layers))
      .catch(() => undefined);
  }

  #stream(roomId: string, wish: TapWish, feed: Feed, consumer: mediasoup.Consumer): TapStream {
    const [codec] = consumer.rtpParameters.codecs;
    const [encoding] = consumer.rtpParameters.encodings ?? [];
    if (!codec || encoding?.ssrc === undefined) throw new Error('mediasoup gave a consumer without codec or SSRC');
    return {
      id: newId(),
      roomId,
      producerId: feed.id,
      peerId: feed.peerId,
      source: feed.source,
      kind: feed.kind,
      context: wish.context,
      ssrc: encoding.ssrc,
      payloadType: codec.payloadType,
      mimeType: codec.mimeType,
      clockRate: codec.clockRate,
      channels: codec.channels ?? 1,
      requestKeyFrame: () => {
        // It has ended in the same moment.
        if (!this.#closed && feed.kind === 'video') consumer.requestKeyFrame().catch(() => undefined);
      },
    };
  }

  #watch(producer: mediasoup.Producer, receiver: TapReceiver): void {
    if (producer.paused) receiver.paused(true);
    producer.observer.on('pause', this.#muted);
    producer.observer.on('resume', this.#unmuted);
    producer.on('trace', this.#traced);
  }

  readonly #muted = (): void => this.#receiver?.paused(true);
  readonly #unmuted = (): void => this.#receiver?.paused(false);

  readonly #traced = (trace: mediasoup.ProducerTraceEventData): void => {
    if (trace.type !== 'sr') return;
    const report = senderReport.safeParse(trace.info);
    if (!report.success) {
      this.#options.log.warn({ err: report.error }, 'a sender report of the worker is not readable');
      return;
    }
    const { ssrc, ntpSec, ntpFrac, rtpTs } = report.data;
    this.#receiver?.reported({ ssrc, ntp: (BigInt(ntpSec) << 32n) | BigInt(ntpFrac), rtp: rtpTs, at: Date.now() });
  };

  #lost(): void {
    if (this.#closed) return;
    this.close();
    this.#options.onLost();
  }
}

/**
 * What a sink takes: every codec as the router numbers it. NACK, because a process that is held up
 * loses packets to a full socket; no RTX, so that what is sent again comes under its own number
 * (RFC 4585 section 6.2.1). Of header extensions only the loudness (RFC 6464).
 */
function tapCapabilities(): mediasoup.RtpCapabilities {
  const { codecs = [], headerExtensions = [] } = routerCapabilities();
  return {
    codecs: codecs.filter(({ mimeType }) => !/\/rtx$/i.test(mimeType)),
    headerExtensions: headerExtensions.filter(({ uri, kind }) => uri === audioLevel && kind === 'audio'),
  };
}
