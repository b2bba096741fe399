/** A consumer of one peer: paused until the page has confirmed it, and whenever its picture is not shown. */
import type { types as mediasoup } from 'mediasoup';
import { highestLayers, type Layers, preferredLayers, type Size } from './layers.js';
import type { ConsumerOffer } from './media.js';
import { priorityOf } from './priorities.js';
import type { RoomProducer } from './producer.js';

export interface OpenConsumerOptions {
  readonly producer: RoomProducer;
  readonly rtpCapabilities: mediasoup.RtpCapabilities;
  readonly size: Size | undefined;
  /** Called once when it has ended, whoever ended it. */
  readonly onClosed: () => void;
  /** What is sent of it, or should be, may have changed: `starved` and `limited` are worth a look. */
  readonly onChange?: () => void;
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
  { producer, rtpCapabilities, size, onClosed, onChange }: OpenConsumerOptions,
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
  consumer.observer.once('close', onClosed);
  return new ReceivedMedia(consumer, producer, layers, lowestFirst, onChange);
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
  #active = false;
  #priority = 1;
  readonly #onChange: (() => void) | undefined;

  constructor(
    readonly consumer: mediasoup.Consumer,
    readonly producer: RoomProducer,
    layers: Layers | undefined,
    lowestFirst: boolean,
    onChange?: () => void,
  ) {
    this.#layers = layers;
    this.#told = layers && lowestFirst ? lowest(layers) : layers;
    this.#lowestFirst = lowestFirst;
    this.#onChange = onChange;
    consumer.observer.once('close', () => clearTimeout(this.#rise));
    // The score comes with layers that the publisher begins or ends to send.
    if (onChange) for (const event of ['layerschange', 'score', 'pause', 'resume'] as const) consumer.observer.on(event, onChange);
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
      slot: this.producer.slot,
    };
  }

  /** The highest layer that the page has a use for, from 0; -1: none now. */
  get wantedLayer(): number {
    return this.#active ? (this.#layers?.spatialLayer ?? 0) : -1;
  }

  /** The page should have a picture, the publisher sends one, but the bandwidth is not enough for the lowest layer. */
  get starved(): boolean {
    return this.#isGated && !this.consumer.currentLayers && this.#highestSent >= 0;
  }

  /** The page gets less than suits the size shown, though the publisher sends it. */
  get limited(): boolean {
    const { currentLayers } = this.consumer;
    const told = this.#told;
    if (!this.#isGated || !told || this.#highestSent < 0) return false;
    if (!currentLayers) return true;
    return (
      currentLayers.spatialLayer < Math.min(told.spatialLayer, this.#highestSent) || (currentLayers.temporalLayer ?? 0) < told.temporalLayer
    );
  }

  /** Rejects when the consumer is gone. */
  async apply(active: boolean, size: Size | undefined): Promise<void> {
    this.#active = active;
    if (active) {
      this.#layers = layersFor(this.producer, size, this.#layers);
      await Promise.all([this.#tellLayers(), this.#tellPriority(priorityOf(this.producer.source, size))]);
    }
    const paused = !(active && this.confirmed);
    if (paused !== this.consumer.paused) await (paused ? this.consumer.pause() : this.consumer.resume());
    if (!paused) this.#riseLater();
    this.#onChange?.();
  }

  close(): void {
    // With its producer the worker has closed it already, and would complain.
    if (!this.producer.producer.closed) this.consumer.close();
  }

  /** It flows as far as the worker's estimate allows; what has one layer always flows. */
  get #isGated(): boolean {
    const { closed, type, paused, producerPaused } = this.consumer;
    return !closed && !paused && !producerPaused && (type === 'simulcast' || type === 'svc');
  }

  /** The highest layer that arrives from the publisher; -1: none. */
  get #highestSent(): number {
    const { layered, producer } = this.producer;
    // The layers of a scalable stream have one score in common.
    if (layered.type !== 'simulcast') return producer.score.some(({ score }) => score > 0) ? Number.POSITIVE_INFINITY : -1;
    return Math.max(-1, ...producer.score.filter(({ score }) => score > 0).map(({ encodingIdx }) => encodingIdx));
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

  async #tellPriority(priority: number): Promise<void> {
    // Sound is not weighed against anything.
    if (this.producer.kind === 'audio' || priority === this.#priority) return;
    this.#priority = priority;
    await this.consumer.setPriority(priority);
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
