/** A consumer of one peer: paused until the page has confirmed it, and whenever its picture is not shown. */
import type { types as mediasoup } from 'mediasoup';
import { highestLayers, type Layers, preferredLayers, type Size } from './layers.js';
import type { ConsumerOffer } from './media.js';
import type { RoomProducer } from './producer.js';

export interface OpenConsumerOptions {
  readonly producer: RoomProducer;
  readonly rtpCapabilities: mediasoup.RtpCapabilities;
  readonly size: Size | undefined;
}

/**
 * A page that has just begun to send finds out what its network takes, and its upper layers come
 * and go meanwhile; who waits for one sees nothing. The lowest always flows, so it is shown first,
 * for this long. Also, Chromium ignores a second request for a key frame within 300 ms.
 */
const lowestFirstMs = 500;

/** Rejects when the producer is gone. */
export async function openConsumer(
  transport: mediasoup.WebRtcTransport,
  { producer, rtpCapabilities, size }: OpenConsumerOptions,
): Promise<ReceivedMedia> {
  const layers = layersFor(producer, size, undefined);
  const lowestFirst = hasJustBegun(producer);
  const consumer = await transport.consume({
    producerId: producer.id,
    rtpCapabilities,
    // Media that arrives before the page has its side is lost, and with it the first key frame.
    paused: true,
    // Also for sound: a packet that comes late is better than a hole in a word.
    enableRtx: true,
    ...(layers && { preferredLayers: lowestFirst ? lowest(layers) : layers }),
  });
  return new ReceivedMedia(consumer, producer, layers, lowestFirst);
}

export class ReceivedMedia {
  /** The page has its side. */
  confirmed = false;
  /** Those that suit the size shown. */
  #layers: Layers | undefined;
  /** Those that the worker was told. */
  #told: Layers | undefined;
  #lowestFirst: boolean;
  #rise: NodeJS.Timeout | undefined;

  constructor(
    readonly consumer: mediasoup.Consumer,
    readonly producer: RoomProducer,
    layers: Layers | undefined,
    lowestFirst: boolean,
  ) {
    this.#layers = layers;
    this.#told = layers && lowestFirst ? lowest(layers) : layers;
    this.#lowestFirst = lowestFirst;
    consumer.observer.once('close', () => clearTimeout(this.#rise));
  }

  get offer(): ConsumerOffer {
    return {
      id: this.consumer.id,
      producerId: this.producer.id,
      producerPeerId: this.producer.peerId,
      source: this.producer.source,
      kind: this.producer.kind,
      rtpParameters: this.consumer.rtpParameters,
      producerPaused: this.consumer.producerPaused,
      slot: 0,
    };
  }

  /** The page should have a picture, but the bandwidth is not enough for the lowest layer. */
  get starved(): boolean {
    const { type, paused, producerPaused, currentLayers } = this.consumer;
    return type !== 'simple' && !paused && !producerPaused && !currentLayers;
  }

  /** Rejects when the consumer is gone. */
  async apply(active: boolean, size: Size | undefined): Promise<void> {
    if (active) {
      this.#layers = layersFor(this.producer, size, this.#layers);
      await this.#tellLayers();
    }
    const paused = !(active && this.confirmed);
    if (paused !== this.consumer.paused) await (paused ? this.consumer.pause() : this.consumer.resume());
    if (!paused) this.#riseLater();
  }

  close(): void {
    // With its producer the worker has closed it already, and would complain.
    if (!this.producer.producer.closed) this.consumer.close();
  }

  #riseLater(): void {
    if (!this.#lowestFirst || this.#rise || this.consumer.closed) return;
    this.#rise = setTimeout(() => {
      this.#lowestFirst = false;
      // It has ended in the same moment.
      this.#tellLayers().catch(() => undefined);
    }, lowestFirstMs).unref();
  }

  async #tellLayers(): Promise<void> {
    const layers = this.#layers && this.#lowestFirst ? lowest(this.#layers) : this.#layers;
    if (!layers || (layers.spatialLayer === this.#told?.spatialLayer && layers.temporalLayer === this.#told.temporalLayer)) return;
    this.#told = layers;
    await this.consumer.setPreferredLayers(layers);
  }
}

function lowest(layers: Layers): Layers {
  return { ...layers, spatialLayer: 0 };
}

/** Not all of its layers have arrived yet. */
function hasJustBegun({ layered, producer }: RoomProducer): boolean {
  return layered.type === 'simulcast' && producer.score.filter(({ score }) => score > 0).length < layered.encodings.length;
}

function layersFor({ source, kind, layered }: RoomProducer, size: Size | undefined, current: Layers | undefined): Layers | undefined {
  if (kind === 'audio') return undefined;
  return source === 'screen' || !size ? highestLayers(layered) : preferredLayers(layered, size, current);
}
