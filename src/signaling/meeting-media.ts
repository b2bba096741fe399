/**
 * Sound and picture of a meeting that is on: the room in the media core, what participants do with
 * it, and what the room tells, passed on to the state machine and to the pages.
 */
import type { types as mediasoup } from 'mediasoup';
import type { causeway } from '#proto';
import type { Media, MediaRoom, PeerOffer, Shown } from '../media/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import type { Meeting } from './meeting.js';
import type { Presence, Presences } from './presences.js';
import { toConsumerOptions, toMediaSource } from './wire.js';

export interface MeetingMediaDeps {
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

export class MeetingMedia {
  readonly #deps: MeetingMediaDeps;
  #room: Promise<MediaRoom> | undefined;
  #closed = false;

  constructor(deps: MeetingMediaDeps) {
    this.#deps = deps;
  }

  /** Transports and first consumers of one who comes in. @throws MEDIA_UNAVAILABLE, MEDIA_BAD_CAPABILITIES */
  async addPeer(participantId: string, rtpCapabilities: mediasoup.RtpCapabilities): Promise<PeerOffer> {
    const room = await this.#open();
    return room.addPeer(participantId, rtpCapabilities);
  }

  /** Harmless when it has none. */
  async removePeer(participantId: string): Promise<void> {
    const room = await this.#room?.catch(() => undefined);
    room?.removePeer(participantId);
  }

  /** Everything anew for one who is in. @throws MEETING_NOT_IN when he left while the worker answered. */
  async renew({ participantId, session }: Presence, rtpCapabilities: mediasoup.RtpCapabilities): Promise<PeerOffer> {
    const offer = await this.addPeer(participantId, rtpCapabilities);
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

  async speaking(session: Session): Promise<void> {
    const { room, participantId } = await this.#of(session);
    room.speaking(participantId);
  }

  async scores(session: Session): Promise<{ send: number | null; receive: number | null }> {
    const { room, participantId } = await this.#of(session);
    return room.scores(participantId);
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
    const { machine, presences } = this.#deps;
    if (this.#closed) {
      room.close();
      throw new CausewayError('MEETING_ENDED');
    }
    room.on('consumers', (peerId, { added, removed }) => {
      presences.sessionOf(peerId)?.send({ consumersChanged: { added: added.map(toConsumerOptions), removed: [...removed] } });
    });
    room.on('producerclosed', (peerId, producerId) => {
      machine.removeProducer(peerId, producerId);
      presences.sessionOf(peerId)?.send({ producerStopped: { producerId, closed: true } });
    });
    room.on('speaker', (peerId) => machine.setSpeaker(peerId !== null && machine.state.participants.has(peerId) ? peerId : null));
    room.on('moved', () => this.#moved());
    room.on('lost', () => {
      this.#room = undefined;
      this.#moved();
    });
    return room;
  }

  /** Tell the pages first: every millisecond is one without sound. */
  #moved(): void {
    const { machine, presences, meetingId } = this.#deps;
    for (const { session } of presences) session.send({ mediaMoved: { meetingId } });
    for (const { participantId } of presences) machine.removeProducersOf(participantId);
    machine.setSpeaker(null);
  }
}
