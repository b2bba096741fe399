/**
 * A room, directed: which node has which peer, what they send, who is heard, and who sends more than
 * anybody wants. What is done with media is done by the parts of the room, one on each node.
 */
import { EventEmitter } from 'node:events';
import type { types as mediasoup } from 'mediasoup';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Log } from '../platform/log.js';
import { AudioStage } from './audio-stage.js';
import { Demand } from './demand.js';
import type { ProducerFace } from './feed.js';
import type { Volume } from './floor.js';
import { highestLayers } from './layers.js';
import type { AddPeerOptions, MediaRoom, MediaRoomEvents, PeerOffer, Shown } from './media.js';
import type { AnyPartEvent, PartFace, PartListener, ProduceOptions, RoomPart, Voices } from './room-part.js';
import { SpeakerWatch } from './speaker-watch.js';
import type { TapWish } from './tap.js';

export interface RoomOptions {
  readonly id: string;
  /** Slots of the audio stage. */
  readonly slots: number;
  /** Up to so many microphones everybody hears each of them directly. */
  readonly directVoices: number;
  /** Up to so many pictures the lowest layer of each flows always: see StagePolicy. */
  readonly firstPictures: number;
}

export interface RoomDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** This node. */
  readonly node: string;
  /** The part of the room on a node, opened if need be. @throws MEDIA_UNAVAILABLE, CLUSTER_NODE_GONE */
  readonly openPart: (node: string, listener: PartListener) => Promise<RoomPart>;
  /** Called once, after `close` or when the room is lost. */
  readonly onClosed: (room: Room) => void;
}

/** Microphones that are listened to closely beside those in the slots. */
const warmMicrophones = 24;
/** Voices become direct again when there are this many fewer microphones than would make slots of them. */
const directAgain = 3;
const chooseEveryMs = 250;

export class Room extends EventEmitter<MediaRoomEvents> implements MediaRoom {
  readonly id: string;
  readonly #options: RoomOptions;
  readonly #deps: RoomDeps;
  readonly #parts = new Map<string, Promise<RoomPart>>();
  /** Peers that are on their way in; the last asking of each counts. */
  readonly #arriving = new Map<string, symbol>();
  /** Where each peer is. */
  readonly #peers = new Map<string, RoomPart>();
  /** Those that were added here, each time anew: a producer of the time before is none of the one who is there now. */
  readonly #stays = new Map<string, symbol>();
  readonly #producers = new Map<string, ProducerFace>();
  readonly #demands = new Map<string, Demand>();
  readonly #volumes = new Map<string, readonly Volume[]>();
  readonly #speaker: SpeakerWatch;
  readonly #audio: AudioStage;
  #voices: Voices = { mode: 'direct', slots: [], warm: [] };
  #heard = '';
  /** Undefined until somebody says it. A part that was there before this room keeps what it was told until then. */
  #taps: readonly TapWish[] | undefined;
  #choosing: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RoomOptions, deps: RoomDeps) {
    super();
    this.id = options.id;
    this.#options = options;
    this.#deps = deps;
    this.#audio = new AudioStage({ slots: options.slots, warm: warmMicrophones });
    this.#speaker = new SpeakerWatch({ onChange: (peerId) => this.#tell(() => this.emit('speaker', peerId)) });
  }

  get peerIds(): string[] {
    return [...this.#peers.keys()];
  }

  /** Opens the part on this node; a room that can have none is not opened. @throws MEDIA_UNAVAILABLE */
  async begin(): Promise<void> {
    await this.#part(this.#deps.node);
  }

  /** A part that was directed from another node before. */
  takeOver(part: RoomPart, { peerIds, producers, demands }: PartFace): void {
    this.#parts.set(part.node, Promise.resolve(part));
    for (const peerId of peerIds) this.#peers.set(peerId, part);
    for (const producer of producers) this.#added(producer);
    for (const [producerId, layer] of demands) this.#demands.get(producerId)?.want(part.node, layer);
  }

  /** After all parts were taken over: tells each what the others have. */
  resume(): void {
    for (const opening of this.#parts.values()) {
      this.#with(opening, (part) => {
        part.setDistant({ anew: true, set: this.#elsewhere(part) });
        part.setVoices(this.#voices);
      });
    }
    // Once somebody listens: what the last director has said of these is not known here.
    setImmediate(() => {
      if (this.#closed) return;
      for (const [id, { told }] of this.#demands) {
        const peerId = this.#producers.get(id)?.peerId;
        if (peerId !== undefined) this.#tell(() => this.emit('demand', peerId, id, told));
      }
      this.#tell(() => this.emit('heard', this.#whoIsHeard()));
    });
  }

  async addPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities, options: AddPeerOptions = {}): Promise<PeerOffer> {
    if (this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
    this.removePeer(peerId);
    const arrival = Symbol(peerId);
    this.#arriving.set(peerId, arrival);
    try {
      const part = await this.#part(options.node ?? this.#deps.node);
      if (this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
      if (this.#arriving.get(peerId) !== arrival) throw new CausewayError('MEDIA_NOT_FOUND');
      this.#peers.set(peerId, part);
      this.#stays.set(peerId, arrival);
      return await part.addPeer(peerId, rtpCapabilities, options.sends ?? true);
    } catch (error) {
      // A node whose answer came too late may have him all the same.
      if (this.#arriving.get(peerId) === arrival) this.removePeer(peerId);
      throw error;
    } finally {
      if (this.#arriving.get(peerId) === arrival) this.#arriving.delete(peerId);
    }
  }

  removePeer(peerId: string): void {
    this.#arriving.delete(peerId);
    this.#stays.delete(peerId);
    const part = this.#peers.get(peerId);
    if (!part) return;
    this.#peers.delete(peerId);
    part.removePeer(peerId);
    for (const producer of [...this.#producers.values()]) if (producer.peerId === peerId) this.#removed(producer.id);
  }

  async connectTransport(peerId: string, transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    await this.#of(peerId).connectTransport(peerId, transportId, dtlsParameters);
  }

  async restartIce(peerId: string, transportId: string): Promise<mediasoup.IceParameters> {
    return this.#of(peerId).restartIce(peerId, transportId);
  }

  async produce(peerId: string, options: ProduceOptions): Promise<{ id: string }> {
    const part = this.#of(peerId);
    const stay = this.#stays.get(peerId);
    const producer = await part.produce(peerId, options);
    if (this.#peers.get(peerId) !== part || this.#stays.get(peerId) !== stay || this.#closed) {
      part.closeProducer(peerId, producer.id);
      throw new CausewayError('MEDIA_NOT_FOUND');
    }
    this.#added(producer);
    return { id: producer.id };
  }

  async setProducerPaused(peerId: string, producerId: string, paused: boolean): Promise<void> {
    await this.#of(peerId).setProducerPaused(peerId, producerId, paused);
    const producer = this.#producers.get(producerId);
    if (!producer || producer.paused === paused) return;
    const changed = { ...producer, paused };
    this.#producers.set(producerId, changed);
    this.#tellOthers(producer.node, { set: [changed] });
    if (changed.source !== 'microphone') return;
    if (paused) this.#microphoneOff(changed);
    else this.#audio.on(producerId, performance.now());
    this.#choose();
  }

  closeProducer(peerId: string, producerId: string): void {
    const producer = this.#producers.get(producerId);
    if (producer?.peerId !== peerId) return;
    this.#peers.get(peerId)?.closeProducer(peerId, producerId);
    this.#removed(producerId);
  }

  async resumeConsumers(peerId: string, consumerIds: readonly string[]): Promise<void> {
    await this.#peers.get(peerId)?.resumeConsumers(peerId, consumerIds);
  }

  async setView(peerId: string, shown: readonly Shown[]): Promise<void> {
    await this.#peers.get(peerId)?.setView(peerId, shown);
  }

  speaking(peerId: string): void {
    if (this.#voices.mode === 'direct') return;
    for (const { id, source, peerId: owner } of this.#producers.values()) {
      if (owner !== peerId || source !== 'microphone') continue;
      this.#audio.hinted(id, performance.now());
      this.#choose();
    }
  }

  setTaps(taps: readonly TapWish[]): void {
    if (this.#closed) return;
    this.#taps = taps;
    for (const opening of this.#parts.values()) this.#with(opening, (part) => part.setTaps(taps));
  }

  async scores(peerId: string): Promise<{ send: number | null; receive: number | null }> {
    return (await this.#peers.get(peerId)?.scores(peerId)) ?? { send: null, receive: null };
  }

  /** Another node is gone, and with it its part. */
  nodeGone(node: string): void {
    if (!this.#parts.delete(node)) return;
    const peerIds = [...this.#peers].filter(([, part]) => part.node === node).map(([peerId]) => peerId);
    this.#forgetNode(node);
    this.#peersGone(node, peerIds);
    if (peerIds.length > 0) this.#tell(() => this.emit('moved', peerIds));
  }

  close(): void {
    if (this.#closed) return;
    this.#end();
    for (const opening of this.#parts.values()) this.#with(opening, (part) => part.close());
    this.#parts.clear();
    this.#deps.onClosed(this);
  }

  /** Another node directs the room from now on; the parts live on. */
  abandon(): void {
    if (this.#closed) return;
    this.#end();
    this.#parts.clear();
    this.#deps.onClosed(this);
  }

  #end(): void {
    this.#closed = true;
    clearTimeout(this.#choosing);
    this.#speaker.close();
    for (const demand of this.#demands.values()) demand.close();
    this.#demands.clear();
    this.#producers.clear();
    this.#peers.clear();
    this.#stays.clear();
  }

  // Parts

  #part(node: string): Promise<RoomPart> {
    const known = this.#parts.get(node);
    if (known) return known;
    const opening = this.#deps.openPart(node, (event) => this.hear(node, event));
    this.#parts.set(node, opening);
    opening.then(
      (part) => {
        if (this.#closed) return part.close();
        const set = this.#elsewhere(part);
        if (set.length > 0) part.setDistant({ set });
        if (this.#voices.mode === 'slots') part.setVoices(this.#voices);
        if (this.#taps) part.setTaps(this.#taps);
      },
      () => this.#parts.get(node) === opening && this.#parts.delete(node),
    );
    return opening;
  }

  #of(peerId: string): RoomPart {
    const part = this.#peers.get(peerId);
    if (!part) throw new CausewayError('MEDIA_NOT_FOUND');
    return part;
  }

  /** What a part tells. */
  hear(node: string, event: AnyPartEvent): void {
    if (this.#closed) return;
    switch (event[0]) {
      case 'consumers':
        this.#tell(() => this.emit('consumers', event[1], event[2]));
        break;
      case 'producerclosed':
        this.#removed(event[2]);
        this.#tell(() => this.emit('producerclosed', event[1], event[2]));
        break;
      case 'moved':
        this.#peersGone(node, event[1]);
        this.#tell(() => this.emit('moved', event[1]));
        break;
      case 'lost':
        this.#partLost(node, event[1]);
        break;
      case 'starved':
        this.#tell(() => this.emit('starved', event[1], event[2]));
        break;
      case 'undecodable':
        this.#undecodable(event[1]);
        break;
      case 'volumes':
        this.#measured(node, event[1]);
        break;
      case 'dominant':
        this.#dominant(event[1]);
        break;
      case 'voice':
        this.#audio.heard(event[1], performance.now(), event[2]);
        this.#choose();
        break;
      case 'demand':
        this.#demands.get(event[1])?.want(node, event[2]);
    }
  }

  #partLost(node: string, peerIds: readonly string[]): void {
    this.#parts.delete(node);
    this.#forgetNode(node);
    this.#peersGone(node, peerIds);
    if (this.#parts.size > 0) {
      this.#tell(() => this.emit('moved', peerIds));
      return;
    }
    this.close();
    this.#tell(() => this.emit('lost'));
  }

  /** Nobody there wants anything, and nobody there is loud, any more. */
  #forgetNode(node: string): void {
    for (const demand of this.#demands.values()) demand.forget(node);
    this.#volumes.delete(node);
  }

  #peersGone(node: string, peerIds: readonly string[]): void {
    const gone = new Set(peerIds);
    for (const peerId of gone) {
      if (this.#peers.get(peerId)?.node !== node) continue;
      this.#peers.delete(peerId);
      this.#stays.delete(peerId);
    }
    for (const producer of [...this.#producers.values()]) if (gone.has(producer.peerId)) this.#removed(producer.id);
    if (this.#voices.mode === 'slots') this.#choose();
  }

  #with(opening: Promise<RoomPart>, act: (part: RoomPart) => void): void {
    // A part that did not open was told to who asked for it.
    opening.then(act, () => undefined);
  }

  #elsewhere(part: RoomPart): ProducerFace[] {
    return [...this.#producers.values()].filter(({ node }) => node !== part.node);
  }

  #tellOthers(node: string, change: Parameters<RoomPart['setDistant']>[0]): void {
    for (const [name, opening] of this.#parts) {
      if (name !== node) this.#with(opening, (part) => part.setDistant(change));
    }
  }

  // Producers

  #added(producer: ProducerFace): void {
    this.#producers.set(producer.id, producer);
    this.#tellOthers(producer.node, { set: [producer] });
    if (producer.kind === 'video') this.#watchDemand(producer);
    if (producer.source !== 'microphone') return;
    if (!producer.paused) this.#audio.on(producer.id, performance.now());
    this.#chooseMode();
  }

  #removed(producerId: string): void {
    const producer = this.#producers.get(producerId);
    if (!producer) return;
    this.#producers.delete(producerId);
    this.#demands.get(producerId)?.close();
    this.#demands.delete(producerId);
    this.#tellOthers(producer.node, { removed: [producerId] });
    if (producer.kind === 'video') this.#picturesChanged();
    if (producer.source !== 'microphone') return;
    this.#microphoneOff(producer);
    this.#chooseMode();
  }

  #watchDemand({ id, peerId, layered }: ProducerFace): void {
    this.#demands.get(id)?.close();
    const layers = (highestLayers(layered)?.spatialLayer ?? 0) + 1;
    this.#demands.set(id, new Demand({ layers, onChange: (layer) => this.#tell(() => this.emit('demand', peerId, id, layer)) }));
    this.#picturesChanged();
  }

  #undecodable(producerId: string): void {
    const producer = this.#producers.get(producerId);
    if (producer) this.#tell(() => this.emit('undecodable', producer.peerId, producerId));
  }

  #picturesChanged(): void {
    const least = this.#demands.size <= this.#options.firstPictures ? 0 : -1;
    for (const demand of this.#demands.values()) demand.setLeast(least);
  }

  // Voices

  #microphoneOff({ id, peerId }: ProducerFace): void {
    this.#audio.off(id);
    // Its floor may have died with it, and will not say that it is silent.
    for (const [node, volumes] of this.#volumes) {
      const others = volumes.filter(({ producerId }) => producerId !== id);
      if (others.length < volumes.length) this.#volumes.set(node, others);
    }
    this.#speaker.gone(peerId);
  }

  #measured(node: string, volumes: readonly Volume[]): void {
    this.#volumes.set(node, volumes);
    const now = performance.now();
    for (const { producerId, level } of volumes) this.#audio.heard(producerId, now, level);
    const all = [...this.#volumes.values()].flat().sort((a, b) => b.level - a.level);
    if (all.length === 0) this.#speaker.silence();
    else this.#speaker.heard(all.flatMap(({ producerId }) => this.#producers.get(producerId)?.peerId ?? []));
    if (this.#voices.mode === 'slots') this.#choose();
  }

  /** Each floor has one who stands out among its own; of the room's it is one of those who are loud at all. */
  #dominant(producerId: string): void {
    const peerId = this.#producers.get(producerId)?.peerId;
    const loudest = [...this.#volumes.values()].flatMap((volumes) => volumes[0] ?? []).sort((a, b) => b.level - a.level)[0];
    if (peerId === undefined) return;
    if (this.#volumes.size <= 1 || loudest === undefined || loudest.producerId === producerId) this.#speaker.dominant(peerId);
  }

  #chooseMode(): void {
    const microphones = [...this.#producers.values()].filter(({ source }) => source === 'microphone').length;
    const { directVoices } = this.#options;
    const mode =
      microphones > directVoices || (this.#voices.mode === 'slots' && microphones > Math.max(0, directVoices - directAgain))
        ? 'slots'
        : 'direct';
    if (mode === 'slots') {
      this.#choose();
      return;
    }
    if (this.#voices.mode === 'direct') return;
    clearTimeout(this.#choosing);
    this.#choosing = undefined;
    this.#setVoices({ mode, slots: [], warm: [] });
  }

  #choose(): void {
    if (this.#closed || (this.#voices.mode === 'direct' && this.#microphoneCount() <= this.#options.directVoices)) return;
    this.#setVoices({ mode: 'slots', ...this.#audio.choose(performance.now()) });
    // Who falls silent makes room for another who speaks already.
    this.#choosing ??= setInterval(() => this.#choose(), chooseEveryMs).unref();
  }

  #microphoneCount(): number {
    let count = 0;
    for (const { source } of this.#producers.values()) if (source === 'microphone') count += 1;
    return count;
  }

  #setVoices(voices: Voices): void {
    const told = JSON.stringify([this.#voices.slots, this.#voices.warm, this.#voices.mode]);
    this.#voices = voices;
    if (JSON.stringify([voices.slots, voices.warm, voices.mode]) === told) return;
    for (const opening of this.#parts.values()) this.#with(opening, (part) => part.setVoices(voices));
    const heard = this.#whoIsHeard();
    if (heard.join() === this.#heard) return;
    this.#heard = heard.join();
    this.#tell(() => this.emit('heard', heard));
  }

  #whoIsHeard(): (string | null)[] {
    return this.#voices.slots.map((id) => (id === null ? null : (this.#producers.get(id)?.peerId ?? null)));
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
