/**
 * One peer of a room: its two transports, what it sends, and what it receives.
 *
 * What it receives follows from the room: whenever producers or the view change, `reconcile`
 * compares what the stage wants with what is there. There is no other path, so nothing can be
 * consumed twice, and changes reach the page in their order.
 */
import { type types as mediasoup, ortc } from 'mediasoup';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Log } from '../platform/log.js';
import { openConsumer, type ReceivedMedia } from './consumer.js';
import type { Floor } from './floor.js';
import type { Size } from './layers.js';
import type { ConsumerOffer, PeerOffer, Shown, Source, TransportOffer } from './media.js';
import { badParameters, openProducer, type RoomProducer } from './producer.js';
import { RepeatedTask } from './repeated-task.js';
import { hiddenPictures, nextChange, type StagePolicy, type Wanted, wantedConsumers } from './stage.js';

export interface PeerOptions {
  readonly id: string;
  readonly rtpCapabilities: mediasoup.RtpCapabilities;
  readonly floor: Floor;
  readonly policy: StagePolicy;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the whole room, oldest first. */
  readonly roomProducers: () => readonly RoomProducer[];
  readonly onConsumers: (change: ConsumersChange) => void;
  /** It ended without a call of `closeProducer`. */
  readonly onProducerLost: (producer: RoomProducer) => void;
}

export interface ConsumersChange {
  readonly added: readonly ConsumerOffer[];
  readonly removed: readonly string[];
}

export interface ProduceOptions {
  readonly transportId: string;
  readonly source: Source;
  readonly rtpParameters: mediasoup.RtpParameters;
  readonly paused: boolean;
}

export class Peer {
  readonly id: string;
  readonly #options: PeerOptions;
  readonly #send: mediasoup.WebRtcTransport;
  readonly #receive: mediasoup.WebRtcTransport;
  /** Null while the worker opens it: the source is taken already. */
  readonly #producers = new Map<Source, RoomProducer | null>();
  /** By producer. */
  readonly #received = new Map<string, ReceivedMedia>();
  readonly #reconciling = new RepeatedTask(() => this.#pass());
  #shown: ReadonlyMap<string, Size> | null = null;
  #hiddenSince: ReadonlyMap<string, number> = new Map();
  #wake: NodeJS.Timeout | undefined;
  /** Collects the first consumers for the answer of addPeer; null when they are given. */
  #firstOffers: ConsumerOffer[] | null = [];
  /** Events wait for it, so that none overtakes the answer of addPeer. */
  #answered: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: PeerOptions, send: mediasoup.WebRtcTransport, receive: mediasoup.WebRtcTransport) {
    this.id = options.id;
    this.#options = options;
    this.#send = send;
    this.#receive = receive;
    // ICE that is disconnected or DTLS that has failed stays: the page restarts ICE, or asks for new
    // transports. DTLS that was closed by the page (RFC 5246 section 7.2.1) never comes back.
    send.on('dtlsstatechange', (state) => state === 'closed' && this.#sendLost());
    receive.on('dtlsstatechange', (state) => state === 'closed' && this.#receiveLost());
  }

  /** @throws MEDIA_BAD_CAPABILITIES. Rejects, with nothing left open, when the worker is gone. */
  static async open(options: PeerOptions): Promise<Peer> {
    const rtpCapabilities = structuredClone(options.rtpCapabilities);
    try {
      ortc.validateAndNormalizeRtpCapabilities(rtpCapabilities);
    } catch (cause) {
      throw new CausewayError('MEDIA_BAD_CAPABILITIES', {
        fill: { detail: cause instanceof Error ? cause.message : 'not readable' },
        cause,
      });
    }
    const opening = await Promise.allSettled([options.floor.createTransport(), options.floor.createTransport()]);
    const [send, receive] = opening;
    try {
      if (send.status === 'rejected') throw send.reason;
      if (receive.status === 'rejected') throw receive.reason;
      await send.value.setMaxIncomingBitrate(options.floor.options.maxIncomingBitrate);
      return new Peer({ ...options, rtpCapabilities }, send.value, receive.value);
    } catch (error) {
      for (const transport of opening) if (transport.status === 'fulfilled') transport.value.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  get producers(): readonly RoomProducer[] {
    return [...this.#producers.values()].flatMap((producer) => producer ?? []);
  }

  get received(): Iterable<ReceivedMedia> {
    return this.#received.values();
  }

  get counts(): { transports: number; producers: number; consumers: number } {
    return {
      transports: Number(!this.#send.closed) + Number(!this.#receive.closed),
      producers: this.producers.length,
      consumers: this.#received.size,
    };
  }

  /** The first consumers and both transports. Called once. */
  async offer(): Promise<PeerOffer> {
    await this.reconcile();
    const consumers = this.#firstOffers ?? [];
    this.#firstOffers = null;
    this.#answered = new Promise((resolve) => setImmediate(resolve));
    return { send: transportOffer(this.#send), receive: transportOffer(this.#receive), consumers };
  }

  /** @throws MEDIA_NOT_FOUND, MEDIA_BAD_PARAMETERS */
  async connect(transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    const transport = this.#transport(transportId);
    try {
      await transport.connect({ dtlsParameters });
    } catch (cause) {
      throw transport.closed ? new CausewayError('MEDIA_NOT_FOUND', { cause }) : badParameters(cause);
    }
  }

  /** @throws MEDIA_NOT_FOUND */
  async restartIce(transportId: string): Promise<mediasoup.IceParameters> {
    const transport = this.#transport(transportId);
    try {
      return await transport.restartIce();
    } catch (cause) {
      throw transport.closed ? new CausewayError('MEDIA_NOT_FOUND', { cause }) : cause;
    }
  }

  /** @throws MEDIA_NOT_FOUND, MEDIA_BAD_PARAMETERS, MEDIA_SOURCE_TAKEN */
  async produce({ transportId, source, rtpParameters, paused }: ProduceOptions): Promise<RoomProducer> {
    if (this.#closed || this.#send.closed || transportId !== this.#send.id) throw new CausewayError('MEDIA_NOT_FOUND');
    if (this.#producers.has(source)) throw new CausewayError('MEDIA_SOURCE_TAKEN');
    this.#producers.set(source, null);
    try {
      const producer = await openProducer(this.#send, { peerId: this.id, source, rtpParameters, paused });
      if (producer.producer.closed) throw new CausewayError('MEDIA_NOT_FOUND');
      this.#producers.set(source, producer);
      return producer;
    } catch (error) {
      this.#producers.delete(source);
      throw error;
    }
  }

  /** @throws MEDIA_NOT_FOUND */
  async setProducerPaused(producerId: string, paused: boolean): Promise<RoomProducer> {
    const found = this.producers.find((candidate) => candidate.id === producerId);
    if (!found) throw new CausewayError('MEDIA_NOT_FOUND');
    try {
      await (paused ? found.producer.pause() : found.producer.resume());
      return found;
    } catch (cause) {
      throw found.producer.closed ? new CausewayError('MEDIA_NOT_FOUND', { cause }) : cause;
    }
  }

  /** Undefined: it was gone. */
  closeProducer(producerId: string): RoomProducer | undefined {
    const found = this.producers.find((candidate) => candidate.id === producerId);
    if (!found) return undefined;
    this.#producers.delete(found.source);
    found.producer.close();
    return found;
  }

  async resumeConsumers(consumerIds: readonly string[]): Promise<void> {
    const ids = new Set(consumerIds);
    for (const media of this.#received.values()) if (ids.has(media.consumer.id)) media.confirmed = true;
    await this.reconcile();
  }

  async setView(shown: readonly Shown[]): Promise<void> {
    this.#shown = new Map(
      shown.slice(0, this.#options.policy.shownPictures).map(({ producerId, width, height }) => [producerId, { width, height }]),
    );
    await this.reconcile();
  }

  /** Brings what the peer receives up to date. Never rejects. */
  reconcile(): Promise<void> {
    return this.#reconciling.run();
  }

  /** Idempotent. Closes all that the peer has. */
  close(): void {
    if (this.#closed) return;
    this.#end();
    this.#send.close();
    this.#receive.close();
  }

  /** mediasoup has closed everything by itself. */
  workerDied(): void {
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    clearTimeout(this.#wake);
    this.#producers.clear();
    this.#received.clear();
  }

  #transport(id: string): mediasoup.WebRtcTransport {
    const transport = [this.#send, this.#receive].find((candidate) => candidate.id === id && !candidate.closed);
    if (!transport || this.#closed) throw new CausewayError('MEDIA_NOT_FOUND');
    return transport;
  }

  #sendLost(): void {
    const lost = this.producers;
    this.#producers.clear();
    this.#send.close();
    for (const producer of lost) this.#options.onProducerLost(producer);
  }

  #receiveLost(): void {
    this.#receive.close();
    void this.reconcile();
  }

  async #pass(): Promise<void> {
    if (this.#closed) return;
    const view = {
      peerId: this.id,
      producers: this.#options.roomProducers(),
      shown: this.#shown,
      hiddenSince: this.#hiddenSince,
      now: this.#options.clock.now(),
    };
    const hiddenSince = hiddenPictures(view);
    this.#hiddenSince = hiddenSince;
    const wanted = this.#receive.closed ? [] : wantedConsumers({ ...view, hiddenSince }, this.#options.policy);
    const removed = this.#closeAllBut(wanted);
    const added = await this.#openMissing(wanted);
    await this.#deliver({ added, removed });
    await Promise.all(wanted.map((item) => this.#apply(item)));
    this.#wakeUpAt(nextChange({ hiddenSince, now: view.now }, this.#options.policy));
  }

  #closeAllBut(wanted: readonly Wanted[]): string[] {
    const ids = new Set(wanted.map(({ producer }) => producer.id));
    const removed: string[] = [];
    for (const [producerId, media] of this.#received) {
      if (ids.has(producerId)) continue;
      this.#received.delete(producerId);
      removed.push(media.consumer.id);
      media.close();
    }
    return removed;
  }

  async #openMissing(wanted: readonly Wanted<RoomProducer>[]): Promise<ConsumerOffer[]> {
    const { floor, rtpCapabilities, log } = this.#options;
    const missing = wanted.filter(
      ({ producer }) => !this.#received.has(producer.id) && floor.router.canConsume({ producerId: producer.id, rtpCapabilities }),
    );
    const opened = await Promise.all(
      missing.map(async ({ producer, size }) => {
        try {
          return await openConsumer(this.#receive, { producer, rtpCapabilities, size });
        } catch (error) {
          // Its producer has ended meanwhile, or the worker has died; both come with a pass of their own.
          log.debug({ err: error, peer: this.id, producer: producer.id }, 'consumer was not opened');
          return null;
        }
      }),
    );
    return opened.flatMap((media) => {
      if (!media) return [];
      if (this.#closed) {
        media.close();
        return [];
      }
      this.#received.set(media.producer.id, media);
      return [media.offer];
    });
  }

  async #apply({ producer, active, size }: Wanted<RoomProducer>): Promise<void> {
    const media = this.#received.get(producer.id);
    if (!media || this.#closed) return;
    try {
      await media.apply(active, size);
    } catch (error) {
      this.#options.log.debug({ err: error, peer: this.id, consumer: media.consumer.id }, 'consumer was not adjusted');
    }
  }

  async #deliver(change: ConsumersChange): Promise<void> {
    if (change.added.length === 0 && change.removed.length === 0) return;
    if (this.#firstOffers) {
      this.#firstOffers = [...this.#firstOffers.filter((offer) => !change.removed.includes(offer.id)), ...change.added];
      return;
    }
    await this.#answered;
    if (!this.#closed) this.#options.onConsumers(change);
  }

  #wakeUpAt(time: number | undefined): void {
    clearTimeout(this.#wake);
    if (time === undefined || this.#closed) return;
    this.#wake = setTimeout(() => void this.reconcile(), Math.max(0, time - this.#options.clock.now())).unref();
  }
}

function transportOffer(transport: mediasoup.WebRtcTransport): TransportOffer {
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
  return { id, iceParameters, iceCandidates, dtlsParameters };
}
