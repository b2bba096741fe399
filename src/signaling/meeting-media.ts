/**
 * Sound and picture of a meeting that is on: the room in the media core, what participants do with
 * it, and what the room tells, passed on to the state machine and to the pages.
 */
import type { types as mediasoup } from 'mediasoup';
import type { causeway } from '#proto';
import type { AddPeerOptions, Media, MediaRoom, PeerOffer, Shown, TapWish } from '../media/index.js';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import type { Meeting } from './meeting.js';
import type { ProducerState } from './meeting-state.js';
import type { Presence, Presences } from './presences.js';
import { RemoteSession } from './remote-session.js';
import { toConsumerOptions, toMediaSource } from './wire.js';

export interface MeetingMediaDeps {
  readonly clock: Clock;
  readonly meetingId: string;
  readonly media: Media;
  readonly machine: Meeting;
  readonly presences: Presences;
}

export interface ProduceOptions {
  readonly transportId: string;
  readonly source: causeway.Source;
  readonly rtpParameters: mediasoup.RtpParameters;
  readonly paused: boolean;
}

/** So often a page may say that its microphone begins to carry a voice. */
const speakingPerSecond = 5;

export class MeetingMedia {
  readonly #deps: MeetingMediaDeps;
  /** When each last said so. */
  readonly #spoke = new WeakMap<Presence, readonly number[]>();
  #room: Promise<MediaRoom> | undefined;
  /** Undefined until somebody says what should be tapped: after a takeover the parts keep what the home before said. */
  #taps: readonly TapWish[] | undefined;
  #closed = false;

  constructor(deps: MeetingMediaDeps) {
    this.#deps = deps;
  }

  /** Transports and first consumers of one who comes in. @throws MEDIA_UNAVAILABLE, MEDIA_BAD_CAPABILITIES */
  async addPeer(participantId: string, rtpCapabilities: mediasoup.RtpCapabilities, options: AddPeerOptions): Promise<PeerOffer> {
    const room = await this.#open();
    return room.addPeer(participantId, rtpCapabilities, options);
  }

  /** Harmless when it has none. */
  async removePeer(participantId: string): Promise<void> {
    const room = await this.#room?.catch(() => undefined);
    room?.removePeer(participantId);
  }

  /** Everything anew for one who is in. @throws MEETING_NOT_IN when he left while the worker answered. */
  async renew(
    { participantId, session }: Presence,
    rtpCapabilities: mediasoup.RtpCapabilities,
    options: AddPeerOptions,
  ): Promise<PeerOffer> {
    const offer = await this.addPeer(participantId, rtpCapabilities, { ...options, ...placeOf(session) }).catch(async (error: unknown) => {
      // What he had is closed all the same, and nobody should look for it.
      const room = await this.#room?.catch(() => undefined);
      if (!room?.peerIds.includes(participantId)) this.#deps.machine.removeProducersOf(participantId);
      throw error;
    });
    if (this.#deps.presences.find(session)?.participantId !== participantId) {
      await this.removePeer(participantId);
      throw new CausewayError('MEETING_NOT_IN');
    }
    this.#deps.machine.removeProducersOf(participantId);
    return offer;
  }

  async connectTransport(session: Session, transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    const { room, participantId } = await this.#of(session);
    await room.connectTransport(participantId, transportId, dtlsParameters);
  }

  async restartIce(session: Session, transportId: string): Promise<mediasoup.IceParameters> {
    const { room, participantId } = await this.#of(session);
    return room.restartIce(participantId, transportId);
  }

  async produce(session: Session, options: ProduceOptions): Promise<string> {
    const { machine, presences } = this.#deps;
    const source = toMediaSource(options.source);
    machine.assertMaySend(presences.get(session).participantId, options.source);
    const { room, participantId } = await this.#of(session);
    const { id } = await room.produce(participantId, { ...options, source });
    try {
      // Somebody else may have begun to share, or this one may have left, while the worker answered.
      machine.assertMaySend(presences.get(session).participantId, options.source);
    } catch (error) {
      room.closeProducer(participantId, id);
      throw error;
    }
    machine.addProducer(participantId, { id, source: options.source, paused: options.paused });
    return id;
  }

  async setProducerPaused(session: Session, producerId: string, paused: boolean): Promise<void> {
    await this.#pause(this.#deps.presences.get(session).participantId, producerId, paused);
  }

  /** By a host. One who has left meanwhile is silent anyway. */
  async mute(participantId: string, producerId: string): Promise<void> {
    try {
      await this.#pause(participantId, producerId, true);
    } catch (error) {
      if (!(error instanceof CausewayError && error.code === 'MEDIA_NOT_FOUND')) throw error;
    }
  }

  async closeProducer(session: Session, producerId: string): Promise<void> {
    const { room, participantId } = await this.#of(session);
    room.closeProducer(participantId, producerId);
    this.#deps.machine.removeProducer(participantId, producerId);
  }

  async resumeConsumers(session: Session, consumerIds: readonly string[]): Promise<void> {
    const { room, participantId } = await this.#of(session);
    await room.resumeConsumers(participantId, consumerIds);
  }

  async setView(session: Session, shown: readonly Shown[]): Promise<void> {
    const { room, participantId } = await this.#of(session);
    await room.setView(participantId, shown);
  }

  /** Whoever says so too often, and a viewer, is not heeded. */
  async speaking(session: Session): Promise<void> {
    const { machine, presences, clock } = this.#deps;
    const presence = presences.get(session);
    if (!machine.state.participants.has(presence.participantId)) return;
    const now = clock.now();
    const recently = (this.#spoke.get(presence) ?? []).filter((at) => now - at < 1_000);
    if (recently.length >= speakingPerSecond) return;
    this.#spoke.set(presence, [...recently, now]);
    const room = await this.#open();
    room.speaking(presence.participantId);
  }

  /** The whole list of what is recorded or captioned. */
  setTaps(taps: readonly TapWish[]): void {
    this.#taps = taps;
    this.#room?.then(
      (room) => room.setTaps(taps),
      () => undefined,
    );
  }

  async scores(session: Session): Promise<{ send: number | null; receive: number | null }> {
    const { room, participantId } = await this.#of(session);
    return room.scores(participantId);
  }

  /** Closes what somebody sends who may not any more. */
  async closeProducersOf(participantId: string, producers: readonly ProducerState[]): Promise<void> {
    const room = await this.#room?.catch(() => undefined);
    for (const { id } of producers) room?.closeProducer(participantId, id);
  }

  /** After another node directed the room: what it had lives on; whose part of it is lost is told to rebuild. */
  async takeOver(): Promise<void> {
    const { presences } = this.#deps;
    try {
      const room = await this.#open();
      const there = new Set(room.peerIds);
      this.#moved([...presences].map(({ participantId }) => participantId).filter((id) => !there.has(id)));
      for (const id of there) if (!presences.sessionOf(id)) room.removePeer(id);
    } catch (error) {
      this.#moved([...presences].map(({ participantId }) => participantId));
      throw error;
    }
  }

  /** For one who was taken up late: where the room has nothing of his any more, his page builds it anew. */
  async checkPeer(participantId: string): Promise<void> {
    const room = await this.#room?.catch(() => undefined);
    if (room && !room.peerIds.includes(participantId)) this.#moved([participantId]);
  }

  /** Another node directs the room from now on. Idempotent. */
  abandon(): void {
    this.#closed = true;
    this.#room?.then(
      (room) => room.abandon(),
      () => undefined,
    );
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#room?.then(
      (room) => room.close(),
      () => undefined,
    );
  }

  /** @throws MEETING_NOT_IN, before a room is opened for somebody who is not in. */
  async #of(session: Session): Promise<{ room: MediaRoom; participantId: string }> {
    const { participantId } = this.#deps.presences.get(session);
    return { room: await this.#open(), participantId };
  }

  async #pause(participantId: string, producerId: string, paused: boolean): Promise<void> {
    const room = await this.#open();
    await room.setProducerPaused(participantId, producerId, paused);
    this.#deps.machine.setProducerPaused(participantId, producerId, paused);
  }

  /** The room opens with the first who needs it, and anew after it was lost. */
  #open(): Promise<MediaRoom> {
    if (this.#room) return this.#room;
    const opening = this.#deps.media.openRoom(this.#deps.meetingId).then((room) => this.#listen(room));
    opening.catch(() => {
      this.#room = undefined;
    });
    this.#room = opening;
    return opening;
  }

  #listen(room: MediaRoom): MediaRoom {
    const { machine, presences, meetingId } = this.#deps;
    if (this.#closed) {
      room.close();
      throw new CausewayError('MEETING_ENDED');
    }
    if (this.#taps) room.setTaps(this.#taps);
    room.on('consumers', (peerId, { added, removed }) => {
      presences.sessionOf(peerId)?.send({ consumersChanged: { added: added.map(toConsumerOptions), removed: [...removed] } });
    });
    room.on('producerclosed', (peerId, producerId) => {
      machine.removeProducer(peerId, producerId);
      presences.sessionOf(peerId)?.send({ producerStopped: { producerId, closed: true } });
    });
    room.on('speaker', (peerId) => machine.setSpeaker(peerId !== null && machine.state.participants.has(peerId) ? peerId : null));
    room.on('heard', (peerIds) => machine.setHeard(peerIds));
    room.on('demand', (peerId, producerId, maxSpatialLayer) => {
      presences.sessionOf(peerId)?.send({ producerDemand: { producerId, maxSpatialLayer } });
    });
    room.on('undecodable', (peerId, producerId) => presences.sessionOf(peerId)?.send({ producerUndecodable: { producerId } }));
    room.on('starved', (peerId, consumerIds) => {
      presences.sessionOf(peerId)?.send({ videoStarved: { meetingId, consumerIds: [...consumerIds] } });
    });
    room.on('moved', (peerIds) => this.#moved(peerIds));
    room.on('lost', () => {
      this.#room = undefined;
      this.#moved([...presences].map(({ participantId }) => participantId));
      machine.setHeard([]);
    });
    return room;
  }

  /** Tell the pages first: every millisecond is one without sound. */
  #moved(participantIds: readonly string[]): void {
    const { machine, presences, meetingId } = this.#deps;
    for (const id of participantIds) presences.sessionOf(id)?.send({ mediaMoved: { meetingId } });
    for (const id of participantIds) machine.removeProducersOf(id);
    if (machine.state.activeSpeakerId !== null && participantIds.includes(machine.state.activeSpeakerId)) machine.setSpeaker(null);
  }
}

/** Media should not travel between nodes on the way to the page: it is served where its socket is. */
export function placeOf(session: Session): Pick<AddPeerOptions, 'node'> {
  return session instanceof RemoteSession ? { node: session.node } : {};
}
