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

/** Rejects when the producer is gone. */
export async function openConsumer(
  transport: mediasoup.WebRtcTransport,
  { producer, rtpCapabilities, size }: OpenConsumerOptions,
): Promise<ReceivedMedia> {
  const layers = layersFor(producer, size, undefined);
  const consumer = await transport.consume({
    producerId: producer.id,
    rtpCapabilities,
    // Media that arrives before the page has its side is lost, and with it the first key frame.
    paused: true,
    // Also for sound: a packet that comes late is better than a hole in a word.
    enableRtx: true,
    ...(layers && { preferredLayers: layers }),
  });
  return new ReceivedMedia(consumer, producer, layers);
}

export class ReceivedMedia {
  /** The page has its side. */
  confirmed = false;
  #layers: Layers | undefined;

  constructor(
    readonly consumer: mediasoup.Consumer,
    readonly producer: RoomProducer,
    layers: Layers | undefined,
  ) {
    this.#layers = layers;
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
    };
  }

  /** The page should have a picture, but the bandwidth is not enough for the lowest layer. */
  get starved(): boolean {
    const { type, paused, producerPaused, currentLayers } = this.consumer;
    return type !== 'simple' && !paused && !producerPaused && !currentLayers;
  }

  /** Rejects when the consumer is gone. */
  async apply(active: boolean, size: Size | undefined): Promise<void> {
    if (active) await this.#prefer(layersFor(this.producer, size, this.#layers));
    const paused = !(active && this.confirmed);
    if (paused !== this.consumer.paused) await (paused ? this.consumer.pause() : this.consumer.resume());
  }

  close(): void {
    // With its producer the worker has closed it already, and would complain.
    if (!this.producer.producer.closed) this.consumer.close();
  }

  async #prefer(layers: Layers | undefined): Promise<void> {
    if (!layers || (layers.spatialLayer === this.#layers?.spatialLayer && layers.temporalLayer === this.#layers.temporalLayer)) return;
    this.#layers = layers;
    await this.consumer.setPreferredLayers(layers);
  }
}

function layersFor({ source, kind, layered }: RoomProducer, size: Size | undefined, current: Layers | undefined): Layers | undefined {
  if (kind === 'audio') return undefined;
  return source === 'screen' || !size ? highestLayers(layered) : preferredLayers(layered, size, current);
}
