/**
 * A meeting that is on: joins the state machine with sessions, the media room, the records and the
 * chat. Every act of a participant comes through here; who may do it is the machine's to say.
 *
 * Ends in three ways: `end` (for all), `close` (the server drains; people come back), and nobody
 * having been in it for a while (`LiveMeetings` decides that).
 */
import { EventEmitter } from 'node:events';
import type { types as mediasoup } from 'mediasoup';
import { causeway } from '#proto';
import type { Chat } from '../chat/index.js';
import { conversationTopic } from '../chat/index.js';
import type { Media, MediaRoom, PeerOffer, Shown } from '../media/index.js';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Session, Topics } from '../platform/gateway/index.js';
import { newId } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import { decideAdmission } from './admission.js';
import { LeftReason, Meeting, moderates, type Wait } from './meeting.js';
import type { MeetingRecord, MeetingRecords } from './meeting-records.js';
import { type MeetingState, type ParticipantState, toSnapshot } from './meeting-state.js';
import { toConsumerOptions, toMediaSetup, toMediaSource, toWaiting } from './wire.js';

export interface LiveMeetingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly media: Media;
  readonly chat: Chat;
  readonly records: MeetingRecords;
  readonly maxParticipants: number;
  readonly maxWaiting: number;
}

export interface LiveMeetingEvents {
  /** The last participant has left, and nobody waits. */
  empty: [];
  /** Somebody came into an empty meeting. */
  occupied: [];
  /** Over for all. */
  ended: [];
}

/** A session that is in the meeting. */
interface Presence {
  readonly participantId: string;
  readonly personId: string;
  readonly session: Session;
  readonly stayId: string;
  readonly forget: () => void;
}

/** Somebody who was denied may knock again after this time. */
const deniedMs = 60_000;

export class LiveMeeting extends EventEmitter<LiveMeetingEvents> {
  readonly #deps: LiveMeetingDeps;
  readonly #machine: Meeting;
  readonly #topic: string;
  readonly #presences = new Map<string, Presence>();
  readonly #waiting = new Map<string, { session: Session; forget: () => void }>();
  readonly #deniedUntil = new Map<string, number>();
  #record: MeetingRecord;
  #room: Promise<MediaRoom> | undefined;
  /** Lost participants that are being written down. */
  readonly #leaving = new Set<Promise<void>>();
  /** The newest join of each session that is on its way in. */
  readonly #joining = new Map<string, Promise<void>>();
  /** The records say that it is on. What they said before it was opened here may have been old. */
  #begun = false;
  #closed = false;

  constructor(record: MeetingRecord, deps: LiveMeetingDeps) {
    super();
    this.#record = record;
    this.#deps = deps;
    this.#topic = `meeting/${record.id}`;
    this.#machine = new Meeting(
      {
        meetingId: record.id,
        title: record.title,
        code: record.code,
        locked: record.locked,
        startedAt: record.startedAt?.getTime() ?? deps.clock.now(),
        conversationId: record.conversationId,
      },
      deps,
    );
    this.#machine.on('event', (event, number) => {
      if (number > 0) deps.topics.publish(this.#topic, number, { meeting: event });
      else deps.topics.publishVolatile(this.#topic, { meeting: event });
    });
    this.#machine.on('lobby', (waiting) => this.#tellModerators(waiting));
  }

  get id(): string {
    return this.#record.id;
  }

  get record(): MeetingRecord {
    return this.#record;
  }

  get state(): MeetingState {
    return this.#machine.state;
  }

  /** Somebody is at the door, or its time has not come: it does not end although nobody is in it. */
  get awaited(): boolean {
    return this.#joining.size > 0 || this.#machine.waiting.length > 0 || (this.#record.startsAt?.getTime() ?? 0) > this.#deps.clock.now();
  }

  /** Takes over what was changed in the records: title, lobby, who may join. */
  updateRecord(record: MeetingRecord): void {
    this.#record = record;
  }

  /**
   * Enters or waits. Whatever fails leaves nothing behind: no transport, no participant, no stay.
   * Joins of one session run one after the other, so that the second finds the first's participant.
   */
  join(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.JoinReply.$Properties> {
    const before = this.#joining.get(session.id) ?? Promise.resolve();
    const joining = before.then(() => this.#join(session, rtpCapabilities));
    const settled = joining.then(
      () => undefined,
      () => undefined,
    );
    this.#joining.set(session.id, settled);
    void settled.then(() => this.#joining.get(session.id) === settled && this.#joining.delete(session.id));
    return joining;
  }

  /** Leaves the meeting or its lobby. Harmless when not in. */
  async leave(session: Session, reason: causeway.ParticipantLeft.Reason = LeftReason.REASON_LEFT): Promise<void> {
    this.#stopWaiting(session.id);
    const presence = this.#presences.get(session.id);
    if (presence) await this.#gone(presence, reason);
  }

  snapshot(session: Session): causeway.MeetingSnapshot.$Properties {
    this.#presence(session);
    return toSnapshot(this.state);
  }

  raiseHand(session: Session, raised: boolean): void {
    this.#machine.raiseHand(this.#presence(session).participantId, raised);
  }

  lowerHand(session: Session, participantId: string): void {
    this.#machine.lowerHand(this.#presence(session).participantId, participantId);
  }

  async answerLobby(session: Session, waitingId: string, admit: boolean): Promise<void> {
    const answered = this.#machine.answerLobby(this.#presence(session).participantId, waitingId);
    for (const wait of answered) {
      if (admit) await this.#deps.records.admit(this.#record, wait.personId);
      else this.#deniedUntil.set(wait.personId, this.#deps.clock.now() + deniedMs);
      const waiting = this.#waiting.get(wait.id);
      waiting?.forget();
      this.#waiting.delete(wait.id);
      waiting?.session.send({ lobbyAnswer: { meetingId: this.id, admitted: admit } });
    }
  }

  async setLock(session: Session, locked: boolean): Promise<void> {
    this.#machine.setLock(this.#presence(session).participantId, locked);
    await this.#deps.records.setLocked(this.#record, locked);
  }

  async mute(session: Session, participantId: string): Promise<void> {
    const room = await this.#openRoom();
    for (const { participant, producer } of this.#machine.mutable(this.#presence(session).participantId, participantId)) {
      try {
        await room.setProducerPaused(participant.id, producer.id, true);
      } catch (error) {
        // One who leaves meanwhile must not keep the others from being muted.
        if (error instanceof CausewayError && error.code === 'MEDIA_NOT_FOUND') continue;
        throw error;
      }
      this.#machine.setProducerPaused(participant.id, producer.id, true);
      this.#sessionOf(participant.id)?.send({
        producerStopped: { producerId: producer.id, closed: false, byName: session.principal.name },
      });
    }
  }

  askToUnmute(session: Session, participantId: string): void {
    const target = this.#machine.assertMayAsk(this.#presence(session).participantId, participantId);
    this.#sessionOf(target.id)?.send({ askedToUnmute: { byName: session.principal.name } });
  }

  async remove(session: Session, participantId: string): Promise<void> {
    const [first, ...others] = this.#machine.remove(this.#presence(session).participantId, participantId);
    if (!first) return;
    const { records, chat } = this.#deps;
    await records.remove(this.#record, first.personId);
    await chat.conversations.removeMember(this.#record.orgId, this.#record.conversationId, first.personId);
    for (const participant of [first, ...others]) {
      const presence = this.#presenceOf(participant.id);
      presence?.session.send({ removed: { meetingId: this.id, reason: causeway.Removed.Reason.REASON_BY_HOST } });
      if (presence) await this.#gone(presence, LeftReason.REASON_REMOVED);
    }
  }

  async setRole(session: Session, participantId: string, role: causeway.Role): Promise<void> {
    const changed = this.#machine.setRole(this.#presence(session).participantId, participantId, role);
    await this.#deps.records.setRole(this.#record, changed.personId, changed.role);
    this.#tellModerators(this.#machine.waiting);
  }

  async endForAll(session: Session): Promise<void> {
    this.#machine.assertMayEnd(this.#presence(session).participantId);
    await this.end();
  }

  /** Over for all, and for good. Idempotent. */
  async end(): Promise<void> {
    if (this.#closed) return;
    await this.#deps.records.end(this.#record);
    this.#record = { ...this.#record, status: 'ended' };
    this.#machine.end();
    const removed = { removed: { meetingId: this.id, reason: causeway.Removed.Reason.REASON_MEETING_ENDED } };
    for (const { session } of [...this.#presences.values(), ...this.#waiting.values()]) session.send(removed);
    this.#close();
    this.emit('ended');
  }

  /** The server goes down; the meeting does not end, people come back to it. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const stays = [...this.#presences.values()].map(({ stayId }) => stayId);
    this.#close();
    for (const stayId of stays) await this.#deps.records.closeStay(this.#record, stayId);
    await Promise.all(this.#leaving);
  }

  // Media

  async rebuild(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.MediaSetup.$Properties> {
    return toMediaSetup(await this.#renewMedia(this.#presence(session), rtpCapabilities));
  }

  async connectTransport(session: Session, transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    await (await this.#openRoom()).connectTransport(this.#presence(session).participantId, transportId, dtlsParameters);
  }

  async restartIce(session: Session, transportId: string): Promise<mediasoup.IceParameters> {
    return (await this.#openRoom()).restartIce(this.#presence(session).participantId, transportId);
  }

  async produce(
    session: Session,
    options: { transportId: string; source: causeway.Source; rtpParameters: mediasoup.RtpParameters; paused: boolean },
  ): Promise<string> {
    const { participantId } = this.#presence(session);
    const source = toMediaSource(options.source);
    this.#machine.assertMaySend(participantId, options.source);
    const room = await this.#openRoom();
    const { id } = await room.produce(participantId, { ...options, source });
    try {
      // Somebody else may have begun to share, or this one may have left, while the worker answered.
      this.#machine.assertMaySend(this.#presence(session).participantId, options.source);
    } catch (error) {
      room.closeProducer(participantId, id);
      throw error;
    }
    this.#machine.addProducer(participantId, { id, source: options.source, paused: options.paused });
    return id;
  }

  async setProducerPaused(session: Session, producerId: string, paused: boolean): Promise<void> {
    const { participantId } = this.#presence(session);
    await (await this.#openRoom()).setProducerPaused(participantId, producerId, paused);
    this.#machine.setProducerPaused(participantId, producerId, paused);
  }

  async closeProducer(session: Session, producerId: string): Promise<void> {
    const { participantId } = this.#presence(session);
    (await this.#openRoom()).closeProducer(participantId, producerId);
    this.#machine.removeProducer(participantId, producerId);
  }

  async resumeConsumers(session: Session, consumerIds: readonly string[]): Promise<void> {
    await (await this.#openRoom()).resumeConsumers(this.#presence(session).participantId, consumerIds);
  }

  async setView(session: Session, shown: readonly Shown[]): Promise<void> {
    await (await this.#openRoom()).setView(this.#presence(session).participantId, shown);
  }

  async scores(session: Session): Promise<{ send: number | null; receive: number | null }> {
    return (await this.#openRoom()).scores(this.#presence(session).participantId);
  }

  // Inside

  async #join(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.JoinReply.$Properties> {
    const { records, clock } = this.#deps;
    const { personId, name, role } = session.principal;
    const guest = role === 'guest';
    const present = this.#presences.get(session.id);
    if (present) return { joined: await this.#rejoin(present, rtpCapabilities) };

    const [member, guestWasRemoved] = await Promise.all([records.member(this.#record, personId), records.guestWasRemoved(this.#record)]);
    const answer = decideAdmission({ personId, guest, member }, { meeting: this.#record, locked: this.state.locked, guestWasRemoved });
    if (answer === 'wait') {
      if ((this.#deniedUntil.get(personId) ?? 0) > clock.now()) throw new CausewayError('MEETING_DENIED');
      return { waiting: toWaiting(this.#wait(session, { id: session.id, personId, name, guest })) };
    }
    this.#machine.assertRoom();
    return { joined: await this.#enter(session, member?.role ?? 'attendee', rtpCapabilities) };
  }

  async #enter(
    session: Session,
    role: 'host' | 'co-host' | 'attendee',
    rtpCapabilities: mediasoup.RtpCapabilities,
  ): Promise<causeway.Joined.$Properties> {
    const { records, clock } = this.#deps;
    const { personId, name, role: accountRole } = session.principal;
    const participantId = newId(clock.now());
    const stayId = newId(clock.now());
    const room = await this.#openRoom();
    await this.#begin();
    await records.admit(this.#record, personId);
    const membership = await this.#addToChat(personId);
    await records.openStay(this.#record, stayId, personId);
    try {
      const offer = await room.addPeer(participantId, rtpCapabilities);
      // No await from here on: what the room tells of this peer must find it present, and events
      // that the snapshot does not include must find it subscribed.
      if (session.ended) throw new CausewayError('AUTH_SIGNED_OUT');
      if (this.#closed) throw new CausewayError(this.state.ended ? 'MEETING_ENDED' : 'SERVER_DRAINING');
      this.#machine.enter({ id: participantId, personId, name, guest: accountRole === 'guest', role });
      const wasEmpty = this.#presences.size === 0;
      this.#stopWaiting(session.id);
      this.#presences.set(session.id, this.#watch(session, participantId, stayId));
      session.subscribe(this.#topic);
      session.subscribe(conversationTopic(this.#record.conversationId));
      if (wasEmpty) this.emit('occupied');
      // The socket may have been lost before anybody listened.
      if (!session.connected) this.#machine.setConnected(participantId, false);
      return this.#joined(participantId, offer, membership);
    } catch (error) {
      room.removePeer(participantId);
      await records.forgetStay(this.#record, stayId);
      // The room closes with the meeting; that is not the media's fault.
      throw this.state.ended ? new CausewayError('MEETING_ENDED', { cause: error }) : error;
    }
  }

  /** It is on from when the first comes in; a knock alone begins nothing. @throws MEETING_ENDED */
  async #begin(): Promise<void> {
    if (this.#begun) return;
    const startedAt = await this.#deps.records.begin(this.#record);
    // Its title or its door may have been changed meanwhile.
    this.#record = { ...this.#record, status: 'live', startedAt };
    this.#begun = true;
    this.#machine.begin(startedAt.getTime());
  }

  /** The page lost its state but not its session: same participant, all media anew. */
  async #rejoin(presence: Presence, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.Joined.$Properties> {
    const membership = await this.#addToChat(presence.personId);
    const offer = await this.#renewMedia(presence, rtpCapabilities);
    return this.#joined(presence.participantId, offer, membership);
  }

  /** @throws MEETING_NOT_IN when the participant left while the worker answered. */
  async #renewMedia({ participantId, session }: Presence, rtpCapabilities: mediasoup.RtpCapabilities): Promise<PeerOffer> {
    const room = await this.#openRoom();
    const offer = await room.addPeer(participantId, rtpCapabilities);
    if (this.#presences.get(session.id)?.participantId !== participantId) {
      room.removePeer(participantId);
      throw new CausewayError('MEETING_NOT_IN');
    }
    this.#machine.removeProducersOf(participantId);
    return offer;
  }

  #addToChat(personId: string): Promise<{ visibleAfter: number; latest: number }> {
    const { orgId, conversationId, chatHistory } = this.#record;
    return this.#deps.chat.conversations.addMember(orgId, conversationId, personId, chatHistory ? 'everything' : 'from now on');
  }

  #joined(participantId: string, offer: PeerOffer, chat: { visibleAfter: number; latest: number }): causeway.Joined.$Properties {
    const participant = this.state.participants.get(participantId);
    return {
      participantId,
      snapshot: toSnapshot(this.state),
      media: toMediaSetup(offer),
      ...(participant && moderates(participant) ? { lobby: { waiting: this.#machine.waiting.map(toWaiting) } } : {}),
      chatLast: chat.latest,
      chatVisibleAfter: chat.visibleAfter,
    };
  }

  #watch(session: Session, participantId: string, stayId: string): Presence {
    const away = () => this.#machine.setConnected(participantId, false);
    const back = () => this.#machine.setConnected(participantId, true);
    const ended = () => {
      const leaving = this.leave(session, LeftReason.REASON_LOST)
        .catch((error: unknown) =>
          this.#deps.log.error({ err: error, meeting: this.id }, 'live-meeting: a lost participant could not be written down'),
        )
        .finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    };
    session.on('away', away).on('back', back).on('ended', ended);
    return {
      participantId,
      personId: session.principal.personId,
      session,
      stayId,
      forget: () => session.off('away', away).off('back', back).off('ended', ended),
    };
  }

  async #gone(presence: Presence, reason: causeway.ParticipantLeft.Reason): Promise<void> {
    if (!this.#presences.delete(presence.session.id)) return;
    presence.forget();
    presence.session.unsubscribe(this.#topic);
    presence.session.unsubscribe(conversationTopic(this.#record.conversationId));
    this.#machine.leave(presence.participantId, reason);
    if (this.#presences.size === 0) this.emit('empty');
    if (this.#room) (await this.#room).removePeer(presence.participantId);
    await this.#deps.records.closeStay(this.#record, presence.stayId);
  }

  #wait(session: Session, wait: Omit<Wait, 'since'>): Wait {
    const waiting = this.#machine.wait(wait);
    if (!this.#waiting.has(session.id)) {
      const ended = () => this.#stopWaiting(session.id);
      session.on('ended', ended);
      this.#waiting.set(session.id, { session, forget: () => session.off('ended', ended) });
    }
    return waiting;
  }

  #stopWaiting(sessionId: string): void {
    this.#waiting.get(sessionId)?.forget();
    this.#waiting.delete(sessionId);
    this.#machine.stopWaiting(sessionId);
  }

  #tellModerators(waiting: readonly Wait[]): void {
    const list = { lobbyList: { waiting: waiting.map(toWaiting) } };
    for (const presence of this.#presences.values()) {
      const participant = this.state.participants.get(presence.participantId);
      if (participant && moderates(participant)) presence.session.send(list);
    }
  }

  /** The room opens with the first who needs it, and anew after it was lost. */
  #openRoom(): Promise<MediaRoom> {
    if (this.#room) return this.#room;
    const opening = this.#deps.media.openRoom(this.id).then((room) => this.#listen(room));
    opening.catch(() => {
      this.#room = undefined;
    });
    this.#room = opening;
    return opening;
  }

  #listen(room: MediaRoom): MediaRoom {
    if (this.#closed) {
      room.close();
      throw new CausewayError('MEETING_ENDED');
    }
    room.on('consumers', (peerId, { added, removed }) => {
      this.#sessionOf(peerId)?.send({ consumersChanged: { added: added.map(toConsumerOptions), removed: [...removed] } });
    });
    room.on('producerclosed', (peerId, producerId) => {
      this.#machine.removeProducer(peerId, producerId);
      this.#sessionOf(peerId)?.send({ producerStopped: { producerId, closed: true } });
    });
    room.on('speaker', (peerId) => this.#machine.setSpeaker(peerId !== null && this.state.participants.has(peerId) ? peerId : null));
    room.on('moved', () => this.#moved());
    room.on('lost', () => {
      this.#room = undefined;
      this.#moved();
    });
    return room;
  }

  /** Tell the pages first: every millisecond is one without sound. */
  #moved(): void {
    for (const { session } of this.#presences.values()) session.send({ mediaMoved: { meetingId: this.id } });
    for (const { participantId } of this.#presences.values()) this.#machine.removeProducersOf(participantId);
    this.#machine.setSpeaker(null);
  }

  #close(): void {
    this.#closed = true;
    for (const { forget, session } of this.#presences.values()) {
      forget();
      session.unsubscribe(this.#topic);
      session.unsubscribe(conversationTopic(this.#record.conversationId));
    }
    for (const { forget } of this.#waiting.values()) forget();
    this.#presences.clear();
    this.#waiting.clear();
    void this.#room?.then((room) => room.close()).catch(() => undefined);
    this.#deps.topics.drop(this.#topic);
  }

  /** @throws MEETING_NOT_IN */
  #presence(session: Session): Presence {
    const presence = this.#presences.get(session.id);
    if (!presence) throw new CausewayError('MEETING_NOT_IN');
    return presence;
  }

  #presenceOf(participantId: ParticipantState['id']): Presence | undefined {
    return [...this.#presences.values()].find((presence) => presence.participantId === participantId);
  }

  #sessionOf(participantId: string): Session | undefined {
    return this.#presenceOf(participantId)?.session;
  }
}
