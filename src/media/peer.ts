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
import { Downlink } from './downlink.js';
import type { Feed } from './feed.js';
import type { Floor } from './floor.js';
import type { Hold } from './inflows.js';
import type { Size } from './layers.js';
import type { ConsumerOffer, PeerOffer, Shown, Source, TransportOffer } from './media.js';
import { NarrowCapabilities } from './narrow-capabilities.js';
import { badParameters, openProducer, type RoomProducer } from './producer.js';
import { RepeatedTask } from './repeated-task.js';
import type { ConsumersChange, ProduceOptions } from './room-part.js';
import { hiddenPictures, isSmall, nextChange, type Scene, type StagePolicy, type Wanted, wantedConsumers } from './stage.js';

export interface PeerOptions {
  readonly id: string;
  readonly rtpCapabilities: mediasoup.RtpCapabilities;
  readonly floor: Floor;
  readonly policy: StagePolicy;
  readonly clock: Clock;
  readonly log: Log;
  /** False for a viewer: there is no transport for sending. */
  readonly sends: boolean;
  /** What the room has for everybody. */
  readonly scene: Scene<Feed>;
  /** Brings a feed to the peer's floor. Rejects when it is gone. */
  readonly hold: (feed: Feed) => Promise<Hold>;
  /** How much of a picture the peer wants has changed: see `wantedLayer`. */
  readonly onDemand: (producerId: string) => void;
  readonly onConsumers: (change: ConsumersChange) => void;
  /** Pictures that are shown and don't come for lack of bandwidth; the whole list. */
  readonly onStarved: (consumerIds: readonly string[]) => void;
  /** A picture that it should see is in a codec that it can't decode. */
  readonly onUndecodable: (producerId: string) => void;
  /** It ended without a call of `closeProducer`. */
  readonly onProducerLost: (producer: RoomProducer) => void;
}

/** What could not be opened is tried again after this time, milliseconds. */
const tryAgainMs = 1_000;

export class Peer {
  readonly id: string;
  readonly #options: PeerOptions;
  readonly #send: mediasoup.WebRtcTransport | null;
  readonly #receive: mediasoup.WebRtcTransport;
  /** Null while the worker opens it: the source is taken already. */
  readonly #producers = new Map<Source, RoomProducer | null>();
  /** By producer. */
  readonly #received = new Map<string, ReceivedMedia>();
  readonly #capabilities: NarrowCapabilities;
  readonly #reconciling = new RepeatedTask(() => this.#pass());
  /** The highest layer that the page has a use for, of each picture that it shows. */
  readonly #demands = new Map<string, number>();
  #shown: ReadonlyMap<string, Size> | null = null;
  #hiddenSince: ReadonlyMap<string, number> = new Map();
  #wake: NodeJS.Timeout | undefined;
  readonly #downlink: Downlink;
  /** Collects the first consumers for the answer of addPeer; null when they are given. */
  #firstOffers: ConsumerOffer[] | null = [];
  /** Events wait for it, so that none overtakes the answer of addPeer. */
  #answered: Promise<void> = Promise.resolve();
  /** Something that is wanted could not be opened. */
  #failed = false;
  #closed = false;

  private constructor(options: PeerOptions, send: mediasoup.WebRtcTransport | null, receive: mediasoup.WebRtcTransport) {
    this.id = options.id;
    this.#options = options;
    this.#capabilities = new NarrowCapabilities(options.rtpCapabilities);
    this.#send = send;
    this.#receive = receive;
    this.#downlink = new Downlink(receive, {
      received: () => this.#received.values(),
      onStarved: options.onStarved,
      clock: options.clock,
    });
    // ICE that is disconnected or DTLS that has failed stays: the page restarts ICE, or asks for new
    // transports. DTLS that was closed by the page (RFC 5246 section 7.2.1) never comes back.
    send?.on('dtlsstatechange', (state) => state === 'closed' && this.#sendLost());
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
    const { floor, sends } = options;
    const opening = await Promise.allSettled([sends ? floor.createTransport() : null, floor.createTransport()]);
    const [send, receive] = opening;
    try {
      if (send.status === 'rejected') throw send.reason;
      if (receive.status === 'rejected' || receive.value === null)
        throw receive.status === 'rejected' ? receive.reason : new Error('no transport');
      await send.value?.setMaxIncomingBitrate(floor.options.maxIncomingBitrate);
      return new Peer({ ...options, rtpCapabilities }, send.value, receive.value);
    } catch (error) {
      for (const transport of opening) if (transport.status === 'fulfilled') transport.value?.close();
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

  get floor(): Floor {
    return this.#options.floor;
  }

  /** For placement: transports, and what flows through them. */
  get load(): number {
    return 2 + this.#producers.size + this.#received.size;
  }

  /** The highest layer of a picture that the page has a use for, from 0; -1: none. */
  wantedLayer(producerId: string): number {
    return this.#demands.get(producerId) ?? -1;
  }

  has(producerId: string): boolean {
    return this.#received.has(producerId);
  }

  /** Whether a picture that came, or went, can change what this peer receives. */
  concerns({ id, source }: Pick<Feed, 'id' | 'source'>): boolean {
    if (this.#received.has(id)) return true;
    const { scene, policy } = this.#options;
    if (this.#shown) return this.#shown.has(id) || isSmall(scene, policy);
    // A page that has not spoken gets the first ones, and every screen.
    if (source === 'screen') return true;
    let pictures = 0;
    for (const { producer } of this.#received.values()) if (producer.kind === 'video') pictures += 1;
    return pictures < policy.firstPictures;
  }

  get counts(): { transports: number; producers: number; consumers: number } {
    return {
      transports: Number(this.#send !== null && !this.#send.closed) + Number(!this.#receive.closed),
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
    return { send: this.#send && transportOffer(this.#send), receive: transportOffer(this.#receive), consumers };
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
    if (this.#closed || !this.#send || this.#send.closed || transportId !== this.#send.id) throw new CausewayError('MEDIA_NOT_FOUND');
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
    this.#send?.close();
    this.#receive.close();
  }

  /** mediasoup has closed everything by itself. */
  workerDied(): void {
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    clearTimeout(this.#wake);
    this.#downlink.close();
    this.#producers.clear();
    this.#received.clear();
    const demanded = [...this.#demands.keys()];
    this.#demands.clear();
    for (const producerId of demanded) this.#options.onDemand(producerId);
  }

  #transport(id: string): mediasoup.WebRtcTransport {
    const transport = [this.#send, this.#receive].find((candidate) => candidate?.id === id && !candidate.closed);
    if (!transport || this.#closed) throw new CausewayError('MEDIA_NOT_FOUND');
    return transport;
  }

  #sendLost(): void {
    const lost = this.producers;
    this.#producers.clear();
    this.#send?.close();
    for (const producer of lost) this.#options.onProducerLost(producer);
  }

  #receiveLost(): void {
    this.#receive.close();
    void this.reconcile();
  }

  async #pass(): Promise<void> {
    if (this.#closed) return;
    const { scene, policy, clock } = this.#options;
    const received = new Map([...this.#received].map(([id, { confirmed }]) => [id, confirmed]));
    const view = { peerId: this.id, scene, shown: this.#shown, hiddenSince: this.#hiddenSince, received, now: clock.now() };
    const hiddenSince = hiddenPictures(view, policy);
    this.#hiddenSince = hiddenSince;
    const wanted = this.#receive.closed ? [] : wantedConsumers({ ...view, hiddenSince }, policy);
    const removed = this.#closeAllBut(wanted);
    const added = await this.#openMissing(wanted);
    await this.#deliver({ added, removed });
    await Promise.all(wanted.map((item) => this.#apply(item)));
    this.#noticeDemands(wanted);
    const again = this.#failed ? clock.now() + tryAgainMs : Number.POSITIVE_INFINITY;
    this.#wakeUpAt(Math.min(nextChange({ hiddenSince, now: view.now }, policy) ?? Number.POSITIVE_INFINITY, again));
  }

  #closeAllBut(wanted: readonly Wanted[]): string[] {
    const ids = new Set(wanted.map(({ producer }) => producer.id));
    const removed: string[] = [];
    for (const [producerId, media] of this.#received) {
      // One whose pipe has ended is opened again, through another.
      if (ids.has(producerId) && !media.consumer.closed) continue;
      this.#received.delete(producerId);
      removed.push(media.consumer.id);
      media.close();
    }
    return removed;
  }

  async #openMissing(wanted: readonly Wanted<Feed>[]): Promise<ConsumerOffer[]> {
    this.#failed = false;
    const missing = wanted.filter(({ producer }) => !this.#received.has(producer.id));
    const opened = await Promise.all(missing.map(({ producer, size }) => this.#open(producer, size)));
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

  async #open(feed: Feed, size: Size | undefined): Promise<ReceivedMedia | null> {
    const { floor, log, hold } = this.#options;
    let held: Hold | undefined;
    try {
      held = await hold(feed);
      const rtpCapabilities = this.#capabilities.for(held.producer);
      if (!floor.router.canConsume({ producerId: feed.id, rtpCapabilities })) {
        held.release();
        if (feed.kind === 'video') this.#options.onUndecodable(feed.id);
        return null;
      }
      const { id, peerId, source, kind, layered, slot } = feed;
      const producer = { id, peerId, source, kind, layered, slot, producer: held.producer };
      return await openConsumer(this.#receive, {
        producer,
        rtpCapabilities,
        size,
        onClosed: held.release,
        onChange: () => this.#downlink.look(),
      });
    } catch (error) {
      held?.release();
      // Its producer has ended meanwhile, or the worker has died; both come with a pass of their own.
      // A pipe that could not be made is worth another one.
      this.#failed = !this.#receive.closed;
      log.debug({ err: error, peer: this.id, producer: feed.id }, 'consumer was not opened');
      return null;
    }
  }

  #noticeDemands(wanted: readonly Wanted<Feed>[]): void {
    if (this.#closed) return;
    const before = new Map(this.#demands);
    this.#demands.clear();
    for (const { producer, active } of wanted) {
      const layer = producer.kind === 'video' && active ? (this.#received.get(producer.id)?.wantedLayer ?? -1) : -1;
      if (layer >= 0) this.#demands.set(producer.id, layer);
      if (before.get(producer.id) !== this.#demands.get(producer.id)) this.#options.onDemand(producer.id);
      before.delete(producer.id);
    }
    for (const producerId of before.keys()) this.#options.onDemand(producerId);
  }

  async #apply({ producer, active, size }: Wanted<Feed>): Promise<void> {
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

  #wakeUpAt(time: number): void {
    clearTimeout(this.#wake);
    if (time === Number.POSITIVE_INFINITY || this.#closed) return;
    this.#wake = setTimeout(() => void this.reconcile(), Math.max(0, time - this.#options.clock.now())).unref();
  }
}

function transportOffer(transport: mediasoup.WebRtcTransport): TransportOffer {
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
  return { id, iceParameters, iceCandidates, dtlsParameters };
}
