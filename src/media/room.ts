/** A room: peers around one router. When its worker dies it opens again on another one. */
import { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { types as mediasoup } from 'mediasoup';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Log } from '../platform/log.js';
import { Floor } from './floor.js';
import type { MediaRoom, MediaRoomEvents, PeerOffer, Shown } from './media.js';
import type { Resident } from './media-worker.js';
import { Peer, type ProduceOptions } from './peer.js';
import type { RoomProducer } from './producer.js';
import { peerScores } from './scores.js';
import type { StagePolicy } from './stage.js';
import type { WorkerPool } from './worker-pool.js';

export interface RoomOptions {
  readonly id: string;
  readonly policy: StagePolicy;
  readonly initialOutgoingBitrate: number;
  readonly maxIncomingBitrate: number;
  /** A room whose worker died waits this long for another one, milliseconds. */
  readonly reopenMs: number;
}

export interface RoomDeps {
  readonly pool: WorkerPool;
  readonly log: Log;
  readonly clock: Clock;
  readonly onMoved: () => void;
  readonly onLost: () => void;
  /** Called once, after `close` or when the room is lost. */
  readonly onClosed: (room: Room) => void;
}

/** A new room waits this long for a worker, milliseconds. */
const openMs = 3_000;
const tryAgainMs = 20;
/** After a move the load that a room had counts for this long, so that not all rooms move to the same worker. */
const rememberLoadMs = 10_000;
/** A room under which workers die this often in so short a time kills them itself; it is given up before it takes every meeting with it. */
const deathLimit = { deaths: 8, withinMs: 10_000 };

export class Room extends EventEmitter<MediaRoomEvents> implements MediaRoom, Resident {
  readonly id: string;
  readonly #options: RoomOptions;
  readonly #deps: RoomDeps;
  readonly #peers = new Map<string, Peer>();
  /** Peers whose transports are being opened; the last asking of each counts. */
  readonly #arriving = new Map<string, symbol>();
  /** Of all peers, oldest first. */
  readonly #producers = new Map<string, RoomProducer>();
  #floor: Promise<Floor>;
  #openFloor: Floor | undefined;
  #remembered = { load: 0, until: 0 };
  #deaths: number[] = [];
  #closed = false;

  private constructor(options: RoomOptions, deps: RoomDeps) {
    super();
    this.id = options.id;
    this.#options = options;
    this.#deps = deps;
    this.#floor = this.#open(openMs);
  }

  /** @throws MEDIA_UNAVAILABLE */
  static async open(options: RoomOptions, deps: RoomDeps): Promise<Room> {
    const room = new Room(options, deps);
    await room.#floor;
    return room;
  }

  get load(): number {
    const { transports, consumers } = this.counts;
    return Math.max(1 + transports + consumers, this.#deps.clock.now() < this.#remembered.until ? this.#remembered.load : 0);
  }

  get counts(): { transports: number; producers: number; consumers: number; starved: number } {
    const sum = { transports: 0, producers: 0, consumers: 0, starved: 0 };
    for (const peer of this.#peers.values()) {
      const counts = peer.counts;
      sum.transports += counts.transports;
      sum.producers += counts.producers;
      sum.consumers += counts.consumers;
      for (const media of peer.received) sum.starved += Number(media.starved);
    }
    return sum;
  }

  async addPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities): Promise<PeerOffer> {
    if (this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
    this.removePeer(peerId);
    const arrival = Symbol(peerId);
    this.#arriving.set(peerId, arrival);
    try {
      const floor = await this.#floor;
      const peer = await this.#openPeer(peerId, rtpCapabilities, floor);
      if (this.#arriving.get(peerId) !== arrival || floor !== this.#openFloor) {
        peer.close();
        throw this.#refusal(floor);
      }
      this.#arriving.delete(peerId);
      this.#peers.set(peerId, peer);
      const offer = await peer.offer();
      if (peer.closed) throw this.#refusal(floor);
      return offer;
    } catch (error) {
      if (this.#arriving.get(peerId) === arrival) this.#arriving.delete(peerId);
      throw error;
    }
  }

  removePeer(peerId: string): void {
    this.#arriving.delete(peerId);
    const peer = this.#peers.get(peerId);
    if (!peer) return;
    this.#peers.delete(peerId);
    const producers = peer.producers;
    peer.close();
    for (const producer of producers) this.#forget(producer);
    if (producers.length > 0) this.#reconcileAll();
  }

  async connectTransport(peerId: string, transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    await this.#peer(peerId).connect(transportId, dtlsParameters);
  }

  async restartIce(peerId: string, transportId: string): Promise<mediasoup.IceParameters> {
    return this.#peer(peerId).restartIce(transportId);
  }

  async produce(peerId: string, options: ProduceOptions): Promise<{ id: string }> {
    const producer = await this.#peer(peerId).produce(options);
    if (producer.producer.closed) throw new CausewayError('MEDIA_NOT_FOUND');
    this.#producers.set(producer.id, producer);
    if (producer.source === 'microphone') this.#observe(producer);
    this.#reconcileAll(peerId);
    return { id: producer.id };
  }

  async setProducerPaused(peerId: string, producerId: string, paused: boolean): Promise<void> {
    const producer = await this.#peer(peerId).setProducerPaused(producerId, paused);
    if (paused && producer.source === 'microphone') this.#openFloor?.microphoneGone(peerId);
  }

  closeProducer(peerId: string, producerId: string): void {
    const producer = this.#peers.get(peerId)?.closeProducer(producerId);
    if (!producer) return;
    this.#forget(producer);
    this.#reconcileAll(peerId);
  }

  async resumeConsumers(peerId: string, consumerIds: readonly string[]): Promise<void> {
    await this.#peers.get(peerId)?.resumeConsumers(consumerIds);
  }

  get peerIds(): string[] {
    return [...this.#peers.keys()];
  }

  speaking(): void {}

  async setView(peerId: string, shown: readonly Shown[]): Promise<void> {
    await this.#peers.get(peerId)?.setView(shown);
  }

  async scores(peerId: string): Promise<{ send: number | null; receive: number | null }> {
    const peer = this.#peers.get(peerId);
    return peer ? peerScores(peer.producers, peer.received) : { send: null, receive: null };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#arriving.clear();
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
    this.#producers.clear();
    this.#leaveFloor()?.close();
    this.#deps.onClosed(this);
  }

  /** The pool calls it. mediasoup has closed everything that was on the worker by itself. */
  workerDied(): void {
    if (this.#closed) return;
    this.#remember();
    const peerIds = this.peerIds;
    this.#arriving.clear();
    for (const peer of this.#peers.values()) {
      peer.workerDied();
      this.#openFloor?.microphoneGone(peer.id);
    }
    this.#peers.clear();
    this.#producers.clear();
    this.#leaveFloor()?.workerDied();
    this.#floor = this.#open(this.#diesTooOften() ? 0 : this.#options.reopenMs);
    this.#floor.then(
      () => {
        if (this.#closed) return;
        this.#deps.onMoved();
        this.#tell(() => this.emit('moved', peerIds));
      },
      () => {
        if (this.#closed) return;
        this.#deps.log.error({ room: this.id }, 'no media worker can take the room');
        this.#deps.onLost();
        this.close();
        this.#tell(() => this.emit('lost'));
      },
    );
  }

  /** @throws MEDIA_UNAVAILABLE when no worker takes the room in time. */
  async #open(ms: number): Promise<Floor> {
    const { pool, clock, log } = this.#deps;
    const deadline = clock.now() + ms;
    for (;;) {
      const left = deadline - clock.now();
      // It stands for the room while the floor is opened: a worker that dies meanwhile is noticed below.
      const arriving: Resident = { load: this.load, workerDied: () => undefined };
      const worker = left > 0 ? await pool.admit(arriving, left) : undefined;
      if (!worker) throw new CausewayError('MEDIA_UNAVAILABLE');
      try {
        if (this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
        const floor = await Floor.open({
          worker,
          initialOutgoingBitrate: this.#options.initialOutgoingBitrate,
          maxIncomingBitrate: this.#options.maxIncomingBitrate,
          peerOf: (producerId) => this.#producers.get(producerId)?.peerId,
          onSpeaker: (peerId) => this.#tell(() => this.emit('speaker', peerId)),
        });
        if (this.#closed) {
          floor.close();
          throw new CausewayError('MEDIA_UNAVAILABLE');
        }
        if (floor.router.closed) continue;
        worker.residents.add(this);
        this.#openFloor = floor;
        return floor;
      } catch (error) {
        if (error instanceof CausewayError) throw error;
        log.warn({ err: error, room: this.id }, 'media worker did not take the room; trying again');
        await setTimeout(tryAgainMs);
      } finally {
        worker.residents.delete(arriving);
      }
    }
  }

  #leaveFloor(): Floor | undefined {
    const floor = this.#openFloor;
    this.#openFloor = undefined;
    floor?.worker.residents.delete(this);
    return floor;
  }

  async #openPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities, floor: Floor): Promise<Peer> {
    try {
      return await Peer.open({
        id: peerId,
        rtpCapabilities,
        floor,
        policy: this.#options.policy,
        clock: this.#deps.clock,
        log: this.#deps.log,
        roomProducers: () => [...this.#producers.values()],
        onConsumers: (change) => this.#tell(() => this.emit('consumers', peerId, change)),
        onProducerLost: (producer) => {
          this.#forget(producer);
          this.#reconcileAll(peerId);
          this.#tell(() => this.emit('producerclosed', peerId, producer.id));
        },
      });
    } catch (cause) {
      throw cause instanceof CausewayError ? cause : new CausewayError('MEDIA_UNAVAILABLE', { cause });
    }
  }

  /** Why a peer that was being opened is not in the room: its floor is gone, or it left. */
  #refusal(floor: Floor): CausewayError {
    return new CausewayError(floor === this.#openFloor ? 'MEDIA_NOT_FOUND' : 'MEDIA_UNAVAILABLE');
  }

  #peer(peerId: string): Peer {
    const peer = this.#peers.get(peerId);
    if (!peer) throw new CausewayError('MEDIA_NOT_FOUND');
    return peer;
  }

  #observe(microphone: RoomProducer): void {
    this.#openFloor?.observe(microphone.producer).catch((error: unknown) => {
      // It has ended in the same moment.
      this.#deps.log.debug({ err: error, room: this.id, producer: microphone.id }, 'microphone is not observed');
    });
  }

  #forget(producer: RoomProducer): void {
    this.#producers.delete(producer.id);
    if (producer.source === 'microphone') this.#openFloor?.microphoneGone(producer.peerId);
  }

  #reconcileAll(except?: string): void {
    for (const peer of this.#peers.values()) if (peer.id !== except) void peer.reconcile();
  }

  #remember(): void {
    const now = this.#deps.clock.now();
    this.#remembered = { load: this.load, until: now + rememberLoadMs };
  }

  #diesTooOften(): boolean {
    const now = this.#deps.clock.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < deathLimit.withinMs), now];
    return this.#deaths.length > deathLimit.deaths;
  }

  /** A listener that throws must not stop what is under way here. */
  #tell(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#deps.log.error({ err: error, room: this.id }, 'a listener of the room has failed');
    }
  }
}
