/**
 * The part of a room on this node: peers on floors. A floor is a router on one worker; the part begins
 * with one and grows over the workers when that one has enough to do.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { types as mediasoup } from 'mediasoup';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Log } from '../platform/log.js';
import { Deliveries } from './deliveries.js';
import { distantFeed, type Feed, faceOf, ownFeed, type ProducerFace } from './feed.js';
import type { Floor, FloorOptions } from './floor.js';
import { Floors } from './floors.js';
import type { Inflow } from './inflows.js';
import type { PeerOffer, Shown } from './media.js';
import type { MediaWorker } from './media-worker.js';
import { Peer } from './peer.js';
import type { RoomProducer } from './producer.js';
import type { AnyPartEvent, DistantChange, PartFace, PartListener, ProduceOptions, RoomPart, Voices } from './room-part.js';
import { peerScores } from './scores.js';
import type { StagePolicy } from './stage.js';
import type { TapPurpose, TapSinks, TapWish } from './tap.js';
import { Taps } from './taps.js';
import { VoicePart } from './voice-part.js';
import type { WorkerPool } from './worker-pool.js';

export interface LocalPartOptions {
  readonly roomId: string;
  readonly node: string;
  readonly policy: StagePolicy;
  readonly initialOutgoingBitrate: number;
  readonly maxIncomingBitrate: number;
  /** Slots of the audio stage. */
  readonly slots: number;
  /** A room on one worker grows to another from this load on: see `Resident.load`. */
  readonly growLoad: number;
  /** Peers whose worker died wait this long for another one before they are lost, milliseconds. */
  readonly reopenMs: number;
}

export interface LocalPartDeps {
  readonly pool: WorkerPool;
  readonly log: Log;
  readonly clock: Clock;
  readonly onMoved: () => void;
  readonly onLost: () => void;
  /** Called once, after `close` or when the part is lost. */
  readonly onClosed: (part: LocalPart) => void;
  /** Brings a producer of another node to a floor here. */
  readonly bringDistant: (roomId: string, feed: Feed, floor: Floor) => Promise<Inflow>;
  readonly taps: TapSinks;
}

/** A new room waits this long for a worker, milliseconds. */
const openMs = 3_000;
/** After a move the load that a floor had counts for this long, so that not all go to the same worker. */
const rememberLoadMs = 10_000;
/** Of so many peers at a time what they receive is brought up to date, so that the others' calls come between. */
const reconcileAtOnce = 4;
const demandMs = 50;

export class LocalPart implements RoomPart {
  readonly #options: LocalPartOptions;
  readonly #deps: LocalPartDeps;
  readonly #peers = new Map<string, Peer>();
  /** Peers whose transports are being opened; the last asking of each counts. */
  readonly #arriving = new Map<string, symbol>();
  readonly #feeds = new Map<string, Feed>();
  readonly #pictures = new Map<string, Feed>();
  readonly #microphones = new Map<string, Feed>();
  readonly #programSounds = new Map<string, Feed>();
  readonly #voices: VoicePart;
  readonly #floors: Floors;
  readonly #deliveries: Deliveries;
  readonly #taps: Taps;
  readonly #demands = new Map<string, number>();
  readonly #dirtyDemands = new Set<string>();
  /** Pictures that somebody here can't decode; that is told once. */
  readonly #undecodable = new Set<string>();
  #demandTimer: NodeJS.Timeout | undefined;
  #listener: PartListener;
  #closed = false;

  private constructor(options: LocalPartOptions, deps: LocalPartDeps, listener: PartListener) {
    this.#options = options;
    this.#deps = deps;
    this.#listener = listener;
    const { growLoad, initialOutgoingBitrate, maxIncomingBitrate } = options;
    const open = (worker: MediaWorker): FloorOptions => ({
      worker,
      initialOutgoingBitrate,
      maxIncomingBitrate,
      onVolumes: (floor, volumes) => this.#tell('volumes', this.#voices.volumes(floor, volumes)),
      onDominant: (producerId) => this.#tell('dominant', producerId),
      onDied: (floor) => this.#floorDied(floor),
    });
    this.#floors = new Floors({ growLoad, open }, deps);
    this.#deliveries = new Deliveries({
      bringDistant: (feed, floor) => deps.bringDistant(this.roomId, feed, floor),
      onBroken: (feed) => this.#broken(feed),
    });
    this.#taps = new Taps({
      roomId: this.roomId,
      log: deps.log,
      sinks: deps.taps,
      feed: (id) => this.#feeds.get(id),
      onDemand: (producerId) => this.#demandChanged(producerId),
    });
    this.#voices = new VoicePart({
      slots: options.slots,
      log: deps.log,
      scene: { pictures: this.#pictures, microphones: this.#microphones, programSounds: this.#programSounds },
      feed: (id) => this.#feeds.get(id),
      floor: () => [...this.#floors][0],
      hold: (feed, floor) => this.#deliveries.hold(feed, floor),
      onVoice: (producerId, level) => this.#tell('voice', producerId, level),
      onOccupants: async (peerIds) => {
        await Promise.all([...peerIds].map((id) => this.#peers.get(id)?.reconcile()));
      },
      onSounds: () => this.#reconcileAll(),
    });
  }

  /** @throws MEDIA_UNAVAILABLE */
  static async open(options: LocalPartOptions, deps: LocalPartDeps, listener: PartListener): Promise<LocalPart> {
    const part = new LocalPart(options, deps, listener);
    await part.#floors.place(openMs);
    return part;
  }

  get node(): string {
    return this.#options.node;
  }

  get roomId(): string {
    return this.#options.roomId;
  }

  get face(): PartFace {
    return {
      peerIds: [...this.#peers.keys()],
      producers: [...this.#feeds.values()].flatMap((feed) => faceOf(feed, this.node) ?? []),
      demands: [...this.#demands],
    };
  }

  get counts(): { transports: number; producers: number; consumers: number; starved: number; floors: number; pipes: number } {
    const sum = { transports: 0, producers: 0, consumers: 0, starved: 0, floors: this.#floors.size, pipes: 0 };
    for (const peer of this.#peers.values()) {
      const counts = peer.counts;
      sum.transports += counts.transports;
      sum.producers += counts.producers;
      sum.consumers += counts.consumers;
      for (const media of peer.received) sum.starved += Number(media.starved);
    }
    for (const floor of this.#floors) sum.pipes += floor.inflows.size;
    return sum;
  }

  /** Another director hears what happens here from now on. */
  listen(listener: PartListener): void {
    this.#listener = listener;
  }

  /** A feed of this node, for those who pipe it to another. */
  ownFeed(producerId: string): Feed | undefined {
    const feed = this.#feeds.get(producerId);
    return feed?.origin && !feed.distant ? feed : undefined;
  }

  async addPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities, sends: boolean): Promise<PeerOffer> {
    if (this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
    this.removePeer(peerId);
    const arrival = Symbol(peerId);
    this.#arriving.set(peerId, arrival);
    try {
      const floor = await this.#floors.place(this.#options.reopenMs);
      await floor.worker.joins.turn();
      const peer = await this.#openPeer(peerId, rtpCapabilities, sends, floor);
      if (this.#arriving.get(peerId) !== arrival || !this.#floors.has(floor)) {
        peer.close();
        throw this.#refusal(floor);
      }
      this.#arriving.delete(peerId);
      this.#peers.set(peerId, peer);
      floor.guests.add(peer);
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
    peer.floor.guests.delete(peer);
    const producers = peer.producers;
    peer.close();
    for (const producer of producers) this.#forget(producer.id);
  }

  async connectTransport(peerId: string, transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    await this.#peer(peerId).connect(transportId, dtlsParameters);
  }

  async restartIce(peerId: string, transportId: string): Promise<mediasoup.IceParameters> {
    return this.#peer(peerId).restartIce(transportId);
  }

  async produce(peerId: string, options: ProduceOptions): Promise<ProducerFace> {
    const peer = this.#peer(peerId);
    const producer = await peer.produce(options);
    const face = producer.producer.closed ? null : faceOf(this.#add(producer, peer), this.node);
    if (!face) throw new CausewayError('MEDIA_NOT_FOUND');
    return face;
  }

  async setProducerPaused(peerId: string, producerId: string, paused: boolean): Promise<void> {
    await this.#peer(peerId).setProducerPaused(producerId, paused);
    const feed = this.#feeds.get(producerId);
    if (feed) feed.paused = paused;
  }

  closeProducer(peerId: string, producerId: string): void {
    if (this.#peers.get(peerId)?.closeProducer(producerId)) this.#forget(producerId);
  }

  async resumeConsumers(peerId: string, consumerIds: readonly string[]): Promise<void> {
    await this.#peers.get(peerId)?.resumeConsumers(consumerIds);
  }

  async setView(peerId: string, shown: readonly Shown[]): Promise<void> {
    await this.#peers.get(peerId)?.setView(shown);
  }

  async scores(peerId: string): Promise<{ send: number | null; receive: number | null }> {
    const peer = this.#peers.get(peerId);
    return peer ? peerScores(peer.producers, peer.received) : { send: null, receive: null };
  }

  setDistant({ anew = false, set = [], removed = [] }: DistantChange): void {
    const stay = new Set(set.map(({ id }) => id));
    if (anew) for (const feed of [...this.#feeds.values()]) if (feed.distant && !stay.has(feed.id)) this.#forget(feed.id);
    for (const id of removed) if (this.#feeds.get(id)?.distant) this.#forget(id);
    for (const face of set) {
      const known = this.#feeds.get(face.id);
      if (!known) this.#addFeed(distantFeed(face));
      else if (known.distant && known.paused !== face.paused) {
        known.paused = face.paused;
        this.#deliveries.tellPaused(known);
      }
    }
  }

  setVoices(voices: Voices): void {
    if (!this.#closed) this.#voices.set(voices);
  }

  setTaps(taps: readonly TapWish[]): void {
    this.#taps.set(taps);
  }

  /** The process of this node that takes what is tapped for it was lost, and is back. */
  sinkRestarted(purpose: TapPurpose): void {
    this.#taps.sinkRestarted(purpose);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#demandTimer);
    this.#voices.close();
    this.#taps.close();
    this.#arriving.clear();
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
    this.#clearFeeds();
    this.#floors.close();
    this.#deps.onClosed(this);
  }

  // Floors

  /** mediasoup has closed everything that was on the worker by itself. */
  #floorDied(floor: Floor): void {
    if (this.#closed || !this.#floors.delete(floor)) return;
    const load = floor.load;
    const gone = [...this.#peers.values()].filter((peer) => peer.floor === floor);
    for (const peer of gone) {
      this.#peers.delete(peer.id);
      peer.workerDied();
    }
    for (const feed of [...this.#feeds.values()]) {
      // What came from another node lands somewhere else, when it is wanted.
      if (feed.landing?.floor === floor) feed.landing = null;
      if (feed.origin?.floor === floor) this.#forget(feed.id);
    }
    this.#voices.floorDied(floor);
    // What came through a pipe from there ended with it.
    this.#reconcileAll();
    const peerIds = gone.map(({ id }) => id);
    this.#floors.place(this.#floors.diedTooOften() ? 0 : this.#options.reopenMs).then(
      (next) => {
        if (this.#closed) return;
        next.rememberLoad(load, rememberLoadMs);
        this.#deps.onMoved();
        this.#tell('moved', peerIds);
      },
      () => {
        if (this.#closed) return;
        this.#deps.log.error({ room: this.roomId }, 'no media worker can take the room');
        this.#deps.onLost();
        const all = [...new Set([...peerIds, ...this.#peers.keys()])];
        this.close();
        this.#tell('lost', all);
      },
    );
  }

  // Peers

  async #openPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities, sends: boolean, floor: Floor): Promise<Peer> {
    try {
      return await Peer.open({
        id: peerId,
        rtpCapabilities,
        sends,
        floor,
        policy: this.#options.policy,
        clock: this.#deps.clock,
        log: this.#deps.log,
        scene: this.#voices.scene,
        hold: (feed) => this.#deliveries.hold(feed, floor),
        onDemand: (producerId) => this.#demandChanged(producerId),
        onConsumers: (change) => this.#tell('consumers', peerId, change),
        onStarved: (consumerIds) => this.#tell('starved', peerId, consumerIds),
        onUndecodable: (producerId) => this.#foundUndecodable(producerId),
        onProducerLost: (producer) => {
          this.#forget(producer.id);
          this.#tell('producerclosed', peerId, producer.id);
        },
      });
    } catch (cause) {
      throw cause instanceof CausewayError ? cause : new CausewayError('MEDIA_UNAVAILABLE', { cause });
    }
  }

  /** Why a peer that was being opened is not in the room: its floor is gone, or it left. */
  #refusal(floor: Floor): CausewayError {
    return new CausewayError(this.#floors.has(floor) ? 'MEDIA_NOT_FOUND' : 'MEDIA_UNAVAILABLE');
  }

  #peer(peerId: string): Peer {
    const peer = this.#peers.get(peerId);
    if (!peer) throw new CausewayError('MEDIA_NOT_FOUND');
    return peer;
  }

  #reconcileAll(): void {
    this.#reconcile([...this.#peers.values()]);
  }

  #reconcile(peers: readonly Peer[]): void {
    if (peers.length <= reconcileAtOnce) {
      for (const peer of peers) void peer.reconcile();
      return;
    }
    const next = async (): Promise<void> => {
      for (let at = 0; at < peers.length; at += reconcileAtOnce) {
        await Promise.all(peers.slice(at, at + reconcileAtOnce).map((peer) => peer.reconcile()));
        await nextTurn();
      }
    };
    // A peer's `reconcile` never rejects.
    void next();
  }

  // Feeds

  #add(producer: RoomProducer, peer: Peer): Feed {
    const feed = ownFeed(producer, peer.floor);
    if (feed.source === 'microphone') {
      peer.floor.observe(producer.producer).catch((error: unknown) => {
        // It has ended in the same moment.
        this.#deps.log.debug({ err: error, room: this.roomId, producer: feed.id }, 'microphone is not observed');
      });
    }
    this.#addFeed(feed);
    return feed;
  }

  #addFeed(feed: Feed): void {
    this.#feeds.set(feed.id, feed);
    this.#kindMap(feed).set(feed.id, feed);
    this.#taps.look();
    this.#feedChanged(feed);
  }

  #forget(producerId: string): void {
    const feed = this.#feeds.get(producerId);
    if (!feed) return;
    this.#feeds.delete(producerId);
    this.#kindMap(feed).delete(producerId);
    this.#dirtyDemands.delete(producerId);
    this.#undecodable.delete(producerId);
    this.#demands.delete(producerId);
    for (const floor of this.#floors) floor.inflows.drop(producerId);
    this.#taps.look();
    this.#feedChanged(feed);
  }

  #feedChanged(feed: Feed): void {
    if (this.#closed) return;
    const peers = [...this.#peers.values()];
    if (feed.source === 'screen-audio') this.#reconcile(peers);
    else if (feed.source === 'microphone') {
      this.#reconcile(this.#voices.scene.voices === 'direct' ? peers : peers.filter((peer) => peer.has(feed.id)));
    } else {
      // In a room that has just become small again, all pictures are to be kept ready.
      const crossed = this.#pictures.size === this.#options.policy.firstPictures;
      this.#reconcile(crossed ? peers : peers.filter((peer) => peer.concerns(feed)));
    }
  }

  #kindMap(feed: Feed): Map<string, Feed> {
    if (feed.kind === 'video') return this.#pictures;
    return feed.source === 'microphone' ? this.#microphones : this.#programSounds;
  }

  #clearFeeds(): void {
    for (const map of [this.#feeds, this.#pictures, this.#microphones, this.#programSounds]) map.clear();
  }

  /** A pipe has ended although its producer has not. */
  #broken(feed: Feed): void {
    if (!this.#closed && this.#feeds.get(feed.id) === feed) this.#reconcile([...this.#peers.values()].filter((peer) => peer.has(feed.id)));
  }

  #foundUndecodable(producerId: string): void {
    if (this.#undecodable.has(producerId)) return;
    this.#undecodable.add(producerId);
    this.#tell('undecodable', producerId);
  }

  // Demand

  #demandChanged(producerId: string): void {
    if (this.#closed) return;
    this.#dirtyDemands.add(producerId);
    this.#demandTimer ??= setTimeout(() => this.#tellDemands(), demandMs).unref();
  }

  #tellDemands(): void {
    this.#demandTimer = undefined;
    for (const producerId of this.#dirtyDemands) {
      let layer = this.#taps.wantedLayer(producerId);
      for (const peer of this.#peers.values()) layer = Math.max(layer, peer.wantedLayer(producerId));
      if ((this.#demands.get(producerId) ?? -1) === layer || !this.#feeds.has(producerId)) continue;
      this.#demands.set(producerId, layer);
      this.#tell('demand', producerId, layer);
    }
    this.#dirtyDemands.clear();
  }

  /** A listener that throws must not stop what is under way here. */
  #tell(...event: AnyPartEvent): void {
    try {
      this.#listener(event);
    } catch (error) {
      this.#deps.log.error({ err: error, room: this.roomId, event: event[0] }, 'a listener of the room has failed');
    }
  }
}
