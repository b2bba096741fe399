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
import type { Media, PeerOffer } from '../media/index.js';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Session, Topics } from '../platform/gateway/index.js';
import { newId } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import { decideAdmission } from './admission.js';
import { LeftReason, Meeting, moderates, type Wait } from './meeting.js';
import { MeetingMedia } from './meeting-media.js';
import type { MeetingRecord, MeetingRecords } from './meeting-records.js';
import { type MeetingState, toSnapshot } from './meeting-state.js';
import { type Presence, Presences } from './presences.js';
import type { IceServersOf } from './turn-credentials.js';
import { toMediaSetup, toWaiting } from './wire.js';

export interface LiveMeetingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly media: Media;
  readonly chat: Chat;
  readonly records: MeetingRecords;
  readonly maxParticipants: number;
  readonly maxWaiting: number;
  readonly iceServers: IceServersOf;
}

export interface LiveMeetingEvents {
  /** The last participant has left, and nobody waits. */
  empty: [];
  /** Somebody came into an empty meeting. */
  occupied: [];
  /** Over for all. */
  ended: [];
}

/** Somebody who was denied may knock again after this time. */
const deniedMs = 60_000;

export class LiveMeeting extends EventEmitter<LiveMeetingEvents> {
  /** What participants send and receive. */
  readonly media: MeetingMedia;
  readonly #deps: LiveMeetingDeps;
  readonly #machine: Meeting;
  readonly #topic: string;
  readonly #presences = new Presences();
  readonly #waiting = new Map<string, { session: Session; forget: () => void }>();
  readonly #deniedUntil = new Map<string, number>();
  /** People who were put out. Whoever of them is on the way in stops at the door, whatever was read of him before. */
  readonly #removed = new Set<string>();
  #record: MeetingRecord;
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
        kind: causeway.MeetingKind.MEETING_KIND_MEETING,
      },
      deps,
    );
    this.media = new MeetingMedia({ meetingId: record.id, media: deps.media, machine: this.#machine, presences: this.#presences });
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
    const presence = this.#presences.find(session);
    if (presence) await this.#gone(presence, reason);
  }

  snapshot(session: Session): causeway.MeetingSnapshot.$Properties {
    this.#presences.get(session);
    return toSnapshot(this.state);
  }

  /** Under which stay the session's presence is written down. @throws MEETING_NOT_IN */
  stayOf(session: Session): string {
    return this.#presences.get(session).stayId;
  }

  raiseHand(session: Session, raised: boolean): void {
    this.#machine.raiseHand(this.#presences.get(session).participantId, raised);
  }

  lowerHand(session: Session, participantId: string): void {
    this.#machine.lowerHand(this.#presences.get(session).participantId, participantId);
  }

  /** The records first: whoever is told that he may come in must find the door open. */
  async answerLobby(session: Session, waitingId: string, admit: boolean): Promise<void> {
    const asked = this.#machine.waitsOf(this.#presences.get(session).participantId, waitingId);
    if (admit) await Promise.all(asked.map(({ personId }) => this.#deps.records.admit(this.#record, personId)));
    for (const { id, personId } of asked) {
      if (!admit) this.#deniedUntil.set(personId, this.#deps.clock.now() + deniedMs);
      this.#waiting.get(id)?.session.send({ lobbyAnswer: { meetingId: this.id, admitted: admit } });
    }
    this.#stopWaiting(...asked.map(({ id }) => id));
  }

  async setLock(session: Session, locked: boolean): Promise<void> {
    this.#machine.setLock(this.#presences.get(session).participantId, locked);
    await this.#deps.records.setLocked(this.#record, locked);
  }

  async mute(session: Session, participantId: string): Promise<void> {
    const { name } = session.principal;
    for (const { participant, producer } of this.#machine.mutable(this.#presences.get(session).participantId, participantId)) {
      await this.media.mute(participant.id, producer.id);
      this.#presences.sessionOf(participant.id)?.send({ producerStopped: { producerId: producer.id, closed: false, byName: name } });
    }
  }

  askToUnmute(session: Session, participantId: string): void {
    const target = this.#machine.assertMayAsk(this.#presences.get(session).participantId, participantId);
    this.#presences.sessionOf(target.id)?.send({ askedToUnmute: { byName: session.principal.name } });
  }

  /** The records first: who is put out must stay out, whatever fails after. */
  async remove(session: Session, participantId: string): Promise<void> {
    const personId = this.#machine.assertMayRemove(this.#presences.get(session).participantId, participantId);
    this.#removed.add(personId);
    try {
      await this.#deps.records.remove(this.#record, personId);
      await this.#deps.chat.conversations.removeMember(this.#record.orgId, this.#record.conversationId, personId);
    } catch (error) {
      this.#removed.delete(personId);
      throw error;
    }
    const presences = [...this.#presences].filter((presence) => presence.personId === personId);
    for (const presence of presences) {
      presence.session.send({ removed: { meetingId: this.id, reason: causeway.Removed.Reason.REASON_BY_HOST } });
    }
    await Promise.all(presences.map((presence) => this.#gone(presence, LeftReason.REASON_REMOVED)));
  }

  async setRole(session: Session, participantId: string, role: causeway.Role): Promise<void> {
    const changed = this.#machine.setRole(this.#presences.get(session).participantId, participantId, role);
    await this.#deps.records.setRole(this.#record, changed.personId, changed.role);
    this.#tellModerators(this.#machine.waiting);
  }

  async endForAll(session: Session): Promise<void> {
    this.#machine.assertMayEnd(this.#presences.get(session).participantId);
    await this.end();
  }

  /** Over for all, and for good. Idempotent. */
  async end(): Promise<void> {
    if (this.#closed) return;
    await this.#deps.records.end(this.#record);
    this.#record = { ...this.#record, status: 'ended' };
    this.#machine.end();
    const removed = { removed: { meetingId: this.id, reason: causeway.Removed.Reason.REASON_MEETING_ENDED } };
    for (const { session } of [...this.#presences, ...this.#waiting.values()]) session.send(removed);
    this.#close();
    this.emit('ended');
  }

  /** The server goes down; the meeting does not end, people come back to it. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const stays = [...this.#presences].map(({ stayId }) => stayId);
    this.#close();
    for (const stayId of stays) await this.#deps.records.closeStay(this.#record, stayId);
    await Promise.all(this.#leaving);
  }

  async rebuild(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.MediaSetup.$Properties> {
    const presence = this.#presences.get(session);
    return toMediaSetup(await this.media.renew(presence, rtpCapabilities), this.#deps.iceServers(presence.participantId));
  }

  // Inside

  async #join(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.JoinReply.$Properties> {
    const { records, clock } = this.#deps;
    const { personId, name, role } = session.principal;
    const guest = role === 'guest';
    const present = this.#presences.find(session);
    if (present) return { joined: await this.#rejoin(present, rtpCapabilities) };

    const [member, someoneWasRemoved] = await Promise.all([
      records.member(this.#record, personId),
      records.someoneWasRemoved(this.#record),
    ]);
    // Who has gone meanwhile would wait for ever: nobody tells the lobby of it any more.
    this.#assertOpen(session);
    const answer = decideAdmission({ personId, guest, member }, { meeting: this.#record, locked: this.state.locked, someoneWasRemoved });
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
    await this.#begin();
    await records.admit(this.#record, personId);
    const membership = await this.#addToChat(personId);
    await records.openStay(this.#record, stayId, personId);
    try {
      const offer = await this.media.addPeer(participantId, rtpCapabilities);
      // No await from here on: what the room tells of this peer must find it present, and events
      // that the snapshot does not include must find it subscribed.
      this.#assertOpen(session);
      if (this.#removed.has(personId)) throw new CausewayError('MEETING_REMOVED');
      this.#machine.enter({ id: participantId, personId, name, guest: accountRole === 'guest', role });
      const wasEmpty = this.#presences.size === 0;
      this.#stopWaiting(session.id);
      this.#presences.add(this.#watch(session, participantId, stayId));
      session.subscribe(this.#topic);
      session.subscribe(conversationTopic(this.#record.conversationId));
      if (wasEmpty) this.emit('occupied');
      // The socket may have been lost before anybody listened.
      if (!session.connected) this.#machine.setConnected(participantId, false);
      return this.#joined(participantId, offer, membership);
    } catch (error) {
      await this.media.removePeer(participantId);
      await records.forgetStay(this.#record, stayId);
      // The room closes with the meeting; that is not the media's fault.
      throw this.state.ended ? new CausewayError('MEETING_ENDED', { cause: error }) : error;
    }
  }

  /** @throws AUTH_SIGNED_OUT, MEETING_ENDED, SERVER_DRAINING when there is nobody or nothing left to come in, or to. */
  #assertOpen(session: Session): void {
    if (session.ended) throw new CausewayError('AUTH_SIGNED_OUT');
    if (this.#closed) throw new CausewayError(this.state.ended ? 'MEETING_ENDED' : 'SERVER_DRAINING');
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
    const offer = await this.media.renew(presence, rtpCapabilities);
    return this.#joined(presence.participantId, offer, membership);
  }

  /** @throws MEETING_REMOVED, with nothing left, when the person was put out meanwhile. */
  async #addToChat(personId: string): Promise<{ visibleAfter: number; latest: number }> {
    const { orgId, conversationId, chatHistory } = this.#record;
    const { conversations } = this.#deps.chat;
    const membership = await conversations.addMember(orgId, conversationId, personId, chatHistory ? 'everything' : 'from now on');
    if (!this.#removed.has(personId)) return membership;
    await conversations.removeMember(orgId, conversationId, personId);
    throw new CausewayError('MEETING_REMOVED');
  }

  #joined(participantId: string, offer: PeerOffer, chat: { visibleAfter: number; latest: number }): causeway.Joined.$Properties {
    const participant = this.state.participants.get(participantId);
    return {
      participantId,
      snapshot: toSnapshot(this.state),
      media: toMediaSetup(offer, this.#deps.iceServers(participantId)),
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
    if (!this.#presences.delete(presence)) return;
    presence.forget();
    presence.session.unsubscribe(this.#topic);
    presence.session.unsubscribe(conversationTopic(this.#record.conversationId));
    this.#machine.leave(presence.participantId, reason);
    if (this.#presences.size === 0) this.emit('empty');
    await this.media.removePeer(presence.participantId);
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

  #stopWaiting(...sessionIds: readonly string[]): void {
    for (const id of sessionIds) {
      this.#waiting.get(id)?.forget();
      this.#waiting.delete(id);
    }
    this.#machine.stopWaiting(...sessionIds);
  }

  #tellModerators(waiting: readonly Wait[]): void {
    const list = { lobbyList: { waiting: waiting.map(toWaiting) } };
    for (const presence of this.#presences) {
      const participant = this.state.participants.get(presence.participantId);
      if (participant && moderates(participant)) presence.session.send(list);
    }
  }

  #close(): void {
    this.#closed = true;
    for (const { forget, session } of this.#presences) {
      forget();
      session.unsubscribe(this.#topic);
      session.unsubscribe(conversationTopic(this.#record.conversationId));
    }
    for (const { forget } of this.#waiting.values()) forget();
    this.#presences.clear();
    this.#waiting.clear();
    this.media.close();
    this.#deps.topics.drop(this.#topic);
  }
}
