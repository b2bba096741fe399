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
import { type Conversations, conversationTopic } from '../chat/index.js';
import type { Media, PeerOffer } from '../media/index.js';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Session, Topics } from '../platform/gateway/index.js';
import { newId } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import { decideAdmission } from './admission.js';
import { LeftReason, Meeting, moderates, type RoleChange } from './meeting.js';
import { MeetingMedia, placeOf } from './meeting-media.js';
import type { MeetingRecord, MeetingRecords, Standing } from './meeting-records.js';
import { fromParticipant, type MeetingState, toSnapshot } from './meeting-state.js';
import type { Stay } from './meeting-words.js';
import { type Presence, Presences } from './presences.js';
import { RemoteSession } from './remote-session.js';
import { Tidings } from './tidings.js';
import type { IceServersOf } from './turn-credentials.js';
import { Turnstile } from './turnstile.js';
import { WaitingRoom } from './waiting-room.js';
import { toMediaSetup, toMeetingKind, toWaiting } from './wire.js';

export interface LiveMeetingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly media: Media;
  readonly conversations: Conversations;
  readonly records: MeetingRecords;
  readonly maxParticipants: number;
  readonly maxViewers: number;
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

/** More at once don't come in any sooner. */
const joinsAtOnce = 16;

export class LiveMeeting extends EventEmitter<LiveMeetingEvents> {
  /** What participants send and receive. */
  readonly media: MeetingMedia;
  readonly #deps: LiveMeetingDeps;
  readonly #machine: Meeting;
  readonly #topic: string;
  readonly #presences = new Presences();
  readonly #tidings: Tidings;
  readonly #waitingRoom: WaitingRoom;
  /** People who were put out. Whoever of them is on the way in stops at the door, whatever was read of him before. */
  readonly #removed = new Set<string>();
  /** Roles given since it was opened: whoever is on the way in may have been read of before. */
  readonly #given = new Map<string, RoleChange>();
  #record: MeetingRecord;
  /** Changes of what is written down first and told then, one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  /** Lost participants that are being written down. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #door = new Turnstile(joinsAtOnce);
  /** Who is on the way past the door, by session. */
  readonly #entering = new Map<string, string>();
  /** The newest join, or building anew, of each session. */
  readonly #joining = new Map<string, Promise<void>>();
  /** The records say that it is on. What they said before it was opened here may have been old. */
  #begun = false;
  #closed = false;

  /** `before`: it goes on from there, as another node had it. */
  constructor(record: MeetingRecord, deps: LiveMeetingDeps, before: MeetingState | null = null) {
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
        kind: toMeetingKind(record.kind),
      },
      deps,
      before,
    );
    const inside = { clock: deps.clock, meetingId: record.id, media: deps.media, machine: this.#machine, presences: this.#presences };
    this.media = new MeetingMedia(inside);
    this.#tidings = new Tidings(inside);
    this.#waitingRoom = new WaitingRoom(inside);
    this.#machine.on('event', (event, number) => {
      if (number > 0) deps.topics.publish(this.#topic, number, { meeting: event });
      else deps.topics.publishVolatile(this.#topic, { meeting: event });
    });
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

  /** How many view. */
  get viewers(): number {
    return this.#machine.audience.size;
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
    return this.#inTurn(session, () => this.#join(session, rtpCapabilities));
  }

  /** Leaves the meeting or its lobby. Harmless when not in. */
  async leave(session: Session, reason: causeway.ParticipantLeft.Reason = LeftReason.REASON_LEFT): Promise<void> {
    this.#waitingRoom.leave(session.id);
    const presence = this.#presences.find(session);
    if (presence) await this.#gone(presence, reason);
  }

  snapshot(session: Session): causeway.MeetingSnapshot.$Properties {
    this.#presences.get(session);
    return this.#snapshot();
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

  setSpotlight(session: Session, participantId: string, on: boolean): void {
    this.#machine.setSpotlight(this.#presences.get(session).participantId, participantId, on);
  }

  listViewers(session: Session, asked: { query: string; cursor: string; limit: number }): causeway.ListViewersReply.$Properties {
    this.#machine.assertModerates(this.#presences.get(session).participantId);
    const { viewers, total, cursor } = this.#machine.audience.list(asked);
    return { viewers: viewers.map(fromParticipant), total, cursor: cursor ?? '' };
  }

  /** The records first: whoever is told that he may come in must find the door open. */
  async answerLobby(session: Session, waitingId: string, admit: boolean): Promise<void> {
    const asked = this.#machine.waitsOf(this.#presences.get(session).participantId, waitingId);
    if (admit) await Promise.all(asked.map(({ personId }) => this.#deps.records.admit(this.#record, personId)));
    this.#waitingRoom.answer(asked, admit);
  }

  async setLock(session: Session, locked: boolean): Promise<void> {
    const { participantId } = this.#presences.get(session);
    await this.#change(async () => {
      this.#machine.assertModerates(participantId);
      await this.#deps.records.setLocked(this.#record, locked);
      this.#machine.setLocked(locked);
    });
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
      await this.#deps.conversations.removeMember(this.#record.orgId, this.#record.conversationId, personId);
    } catch (error) {
      this.#removed.delete(personId);
      throw error;
    }
    const presences = this.#presences.ofPerson(personId);
    for (const presence of presences) {
      presence.session.send({ removed: { meetingId: this.id, reason: causeway.Removed.Reason.REASON_BY_HOST } });
    }
    await Promise.all(presences.map((presence) => this.#gone(presence, LeftReason.REASON_REMOVED)));
  }

  async setRole(session: Session, participantId: string, role: causeway.Role): Promise<void> {
    const { participantId: actorId } = this.#presences.get(session);
    await this.#change(async () => {
      const change = this.#machine.roleChange(actorId, participantId, role);
      await this.#deps.records.setRole(this.#record, change.personId, change.member);
      this.#given.set(change.personId, change);
      await this.#giveRole(change);
    });
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
    for (const session of this.#sessions) session.send(removed);
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

  /** Nodes with people in it, or at its door, but this one. */
  get otherNodes(): string[] {
    return [...new Set(this.#sessions.flatMap((session) => (session instanceof RemoteSession ? [session.node] : [])))];
  }

  /** What the session is in the meeting; null: it is not in. */
  placeOf(session: Session): Stay | null {
    const presence = this.#presences.find(session);
    return presence ? { participantId: presence.participantId, stayId: presence.stayId } : null;
  }

  /**
   * Goes on here after another node was its home: with the sessions that are in it, without a new
   * join. Whose session nobody has any more has left.
   */
  async takeOver(sessions: readonly { session: Session; stay: Stay | null }[]): Promise<void> {
    const adopting = Promise.allSettled(sessions.map(({ session, stay }) => this.adopt(session, stay)));
    for (const { id } of [...this.state.participants.values()])
      if (!this.#presences.sessionOf(id)) this.#machine.leave(id, LeftReason.REASON_LOST);
    // Viewers come in again one by one; what the room has of them must find them there.
    const results: PromiseSettledResult<void>[] = await adopting;
    if (this.#presences.size > 0) results.push(...(await Promise.allSettled([this.media.takeOver()])));
    for (const result of results)
      if (result.status === 'rejected') this.#deps.log.error({ err: result.reason, meeting: this.id }, 'live-meeting: taken over in part');
  }

  /**
   * Takes up a session that was in, or at the door, when another node was home. One that has been
   * given up meanwhile comes in again as the same participant.
   */
  async adopt(session: Session, stay: Stay | null): Promise<void> {
    if (session.ended || this.#closed || this.#presences.find(session)) return;
    if (stay === null) {
      // Nobody here knows him; his page knocks again.
      session.send({ lobbyAnswer: { meetingId: this.id, admitted: true } });
      return;
    }
    const { participantId, stayId } = stay;
    if (this.state.participants.has(participantId)) {
      this.#adopted(session, stay);
      return;
    }
    const { personId, name, role } = session.principal;
    const { member } = await this.#deps.records.standing(this.#record, personId);
    if (session.ended || this.#closed || this.#presences.find(session)) return;
    if (!member || member.admission === 'removed') {
      session.send({ removed: { meetingId: this.id, reason: causeway.Removed.Reason.REASON_BY_HOST } });
      this.#unsubscribe(session);
      return;
    }
    this.#machine.enter({ id: participantId, personId, name, guest: role === 'guest', role: member.role });
    this.#adopted(session, stay);
    await Promise.all([this.media.checkPeer(participantId), this.#deps.records.reopenStay(this.#record, stayId)]);
  }

  /** Another node is its home from now on: nobody leaves, nothing ends. Gives what that one goes on from. */
  resign(): { state: MeetingState; sessions: { session: Session; stay: Stay | null }[] } {
    const { state } = this;
    const sessions: { session: Session; stay: Stay | null }[] = [];
    for (const { session, participantId, stayId } of this.#presences) sessions.push({ session, stay: { participantId, stayId } });
    for (const session of this.#waitingRoom.sessions) sessions.push({ session, stay: null });
    this.#closed = true;
    this.#forgetAll();
    this.media.abandon();
    return { state, sessions };
  }

  /** Those who were lost are written down. */
  async settled(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** In turn, too: a page that asks for it in a storm keeps one place in the line of the worker, like every other. */
  rebuild(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.MediaSetup.$Properties> {
    return this.#inTurn(session, async () => {
      const presence = this.#presences.get(session);
      const sends = this.state.participants.has(presence.participantId);
      return toMediaSetup(await this.media.renew(presence, rtpCapabilities, { sends }), this.#deps.iceServers(presence.participantId));
    });
  }

  // Inside

  /** What a session asks for in order to come in, or to have its media anew: one after the other. */
  #inTurn<Answer>(session: Session, act: () => Promise<Answer>): Promise<Answer> {
    const before = this.#joining.get(session.id) ?? Promise.resolve();
    const joining = before.then(() => this.#door.pass(act));
    const settled = joining.then(
      () => undefined,
      () => undefined,
    );
    this.#joining.set(session.id, settled);
    void settled.then(() => this.#joining.get(session.id) === settled && this.#joining.delete(session.id));
    return joining;
  }

  async #join(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.JoinReply.$Properties> {
    const { records } = this.#deps;
    const { personId, name, role } = session.principal;
    const guest = role === 'guest';
    const present = this.#presences.find(session);
    if (present) return { joined: await this.#rejoin(present, rtpCapabilities) };

    const standing = await records.standing(this.#record, personId);
    // Who has gone meanwhile would wait for ever: nobody tells the lobby of it any more.
    this.#assertOpen(session);
    const door = { meeting: this.#record, locked: this.state.locked, someoneWasRemoved: standing.someoneWasRemoved };
    const answer = decideAdmission({ personId, guest, member: standing.member }, door);
    if (answer === 'wait') {
      return { waiting: toWaiting(this.#waitingRoom.wait(session, { id: session.id, personId, name, guest })) };
    }
    this.#machine.assertRoom(standing.member?.role ?? 'attendee');
    return { joined: await this.#enter(session, standing, rtpCapabilities) };
  }

  async #enter(session: Session, { member }: Standing, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.Joined.$Properties> {
    const { records, clock } = this.#deps;
    const { personId, name, role: accountRole } = session.principal;
    const participantId = newId(clock.now());
    const stayId = newId(clock.now());
    const role = member?.role ?? 'attendee';
    await this.#begin();
    this.#entering.set(session.id, personId);
    try {
      const [membership] = await together(this.#addToChat(personId), records.enter(this.#record, stayId, personId));
      const offer = await this.media.addPeer(participantId, rtpCapabilities, { sends: !this.#machine.views(role), ...placeOf(session) });
      // No await from here on: what the room tells of this peer must find it present, and events
      // that the snapshot does not include must find it subscribed.
      this.#assertOpen(session);
      if (this.#removed.has(personId)) throw new CausewayError('MEETING_REMOVED');
      if (this.state.locked && !member && this.#presences.ofPerson(personId).length === 0) throw new CausewayError('MEETING_LOCKED');
      this.#machine.enter({ id: participantId, personId, name, guest: accountRole === 'guest', role });
      const wasEmpty = this.#presences.size === 0;
      this.#waitingRoom.leave(session.id);
      const presence = this.#watch(session, participantId, stayId);
      this.#presences.add(presence);
      this.#subscribe(session);
      if (wasEmpty) this.emit('occupied');
      // The socket may have been lost before anybody listened.
      if (!session.connected) this.#machine.setConnected(participantId, false);
      const given = this.#given.get(personId);
      if (given && given.member !== role) void this.#giveRole(given);
      return this.#joined(presence, offer, membership);
    } catch (error) {
      await this.media.removePeer(participantId);
      const lockedOut = error instanceof CausewayError && error.code === 'MEETING_LOCKED';
      await records.forgetStay(this.#record, stayId, lockedOut ? personId : null);
      if (lockedOut) await this.#removeFromChat(personId);
      // The room closes with the meeting; that is not the media's fault.
      throw this.state.ended ? new CausewayError('MEETING_ENDED', { cause: error }) : error;
    } finally {
      this.#entering.delete(session.id);
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
    const { startedAt, kind } = await this.#deps.records.begin(this.#record);
    if (this.#begun) return;
    // Its title or its door may have been changed meanwhile.
    this.#record = { ...this.#record, status: 'live', startedAt, kind };
    this.#begun = true;
    this.#machine.begin({ startedAt: startedAt.getTime(), kind: toMeetingKind(kind) });
  }

  /**
   * The page lost its state but not its session, or it has another role: same participant, all media
   * anew. Whose role changes once more meanwhile is told to join again, and has what fits then.
   */
  async #rejoin(presence: Presence, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.Joined.$Properties> {
    const { participantId } = presence;
    const called = this.#machine.isCalled(participantId);
    const membership = await this.#addToChat(presence.personId);
    const offer = await this.media.renew(presence, rtpCapabilities, { sends: called || this.state.participants.has(participantId) });
    if (called) this.#machine.stepUp(participantId);
    return this.#joined(presence, offer, membership);
  }

  /** @throws MEETING_REMOVED, with nothing left, when the person was put out meanwhile. */
  async #addToChat(personId: string): Promise<{ visibleAfter: number; latest: number }> {
    const { orgId, conversationId, chatHistory } = this.#record;
    const { conversations } = this.#deps;
    const membership = await conversations.addMember(orgId, conversationId, personId, chatHistory ? 'everything' : 'from now on');
    if (!this.#removed.has(personId)) return membership;
    await conversations.removeMember(orgId, conversationId, personId);
    throw new CausewayError('MEETING_REMOVED');
  }

  async #removeFromChat(personId: string): Promise<void> {
    const { orgId, conversationId } = this.#record;
    await this.#deps.conversations.removeMember(orgId, conversationId, personId);
  }

  #joined(
    { participantId, session }: Presence,
    offer: PeerOffer,
    chat: { visibleAfter: number; latest: number },
  ): causeway.Joined.$Properties {
    const self = this.state.participants.get(participantId) ?? this.#machine.audience.get(participantId);
    if (self && moderates(self)) this.#tidings.showHands(session);
    return {
      participantId,
      snapshot: this.#snapshot(),
      media: toMediaSetup(offer, this.#deps.iceServers(participantId)),
      ...(self && { self: fromParticipant(self) }),
      ...(self && moderates(self) ? { lobby: { waiting: this.#machine.waiting.map(toWaiting) } } : {}),
      chatLast: chat.latest,
      chatVisibleAfter: chat.visibleAfter,
    };
  }

  /** Counts viewers as they are now; what was told of them is up to a second old. */
  #snapshot(): causeway.MeetingSnapshot.$Properties {
    return toSnapshot({ ...this.state, viewers: this.#machine.audience.size });
  }

  /** Tells those who have another role now, and stops what they may not send any more. */
  async #giveRole(change: RoleChange): Promise<void> {
    const sent = new Map(this.#machine.ofPerson(change.personId).map(({ id, producers }) => [id, producers]));
    for (const { participantId, joinAgain } of this.#machine.changeRole(change)) {
      const session = this.#presences.sessionOf(participantId);
      session?.send({ roleChanged: { meetingId: this.id, role: change.role, joinAgain } });
      if (session && !joinAgain && moderates(change)) this.#tidings.bringUpToDate(session);
      if (joinAgain) await this.media.closeProducersOf(participantId, sent.get(participantId) ?? []);
    }
  }

  /** One after the other: what is decided here stands on what the one before has changed. */
  #change(act: () => Promise<void>): Promise<void> {
    const done = this.#changing.then(act);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  #adopted(session: Session, { participantId, stayId }: Stay): void {
    const wasEmpty = this.#presences.size === 0;
    this.#presences.add(this.#watch(session, participantId, stayId));
    this.#subscribe(session);
    if (wasEmpty) this.emit('occupied');
    this.#machine.setConnected(participantId, session.connected);
    const self = this.state.participants.get(participantId);
    if (self && moderates(self)) this.#tidings.bringUpToDate(session);
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
    this.#unsubscribe(presence.session);
    this.#machine.leave(presence.participantId, reason);
    if (this.#presences.size === 0) this.emit('empty');
    await this.media.removePeer(presence.participantId);
    await this.#deps.records.closeStay(this.#record, presence.stayId);
    // A guest is one of this meeting while he is in it; his tokens are good for longer.
    const { personId } = presence;
    const elsewhere = () => this.#presences.ofPerson(personId).length > 0 || [...this.#entering.values()].includes(personId);
    if (presence.session.principal.role === 'guest' && !elsewhere()) await this.#removeFromChat(personId);
  }

  #subscribe(session: Session): void {
    session.subscribe(this.#topic);
    session.subscribe(conversationTopic(this.#record.conversationId));
  }

  /** The meeting's own topic last: with it, the node of a session of another one knows that it is out. */
  #unsubscribe(session: Session): void {
    session.unsubscribe(conversationTopic(this.#record.conversationId));
    session.unsubscribe(this.#topic);
  }

  /** Of all who are in, or at the door. */
  get #sessions(): Session[] {
    return [...[...this.#presences].map(({ session }) => session), ...this.#waitingRoom.sessions];
  }

  #close(): void {
    this.#closed = true;
    for (const { session } of this.#presences) this.#unsubscribe(session);
    this.#forgetAll();
    this.media.close();
    this.#deps.topics.drop(this.#topic);
  }

  #forgetAll(): void {
    this.#tidings.close();
    for (const { forget } of this.#presences) forget();
    this.#waitingRoom.close();
    this.#presences.clear();
  }
}

/** Like Promise.all, and waits for both even when one fails: nothing goes on behind the caller's back. */
async function together<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
