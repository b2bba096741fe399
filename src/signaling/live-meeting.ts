/**
 * A meeting that is on: joins the state machine with sessions, the media room, the records and the
 * chat. Every act of a participant comes through here; who may do it is the machine's to say. Coming
 * in is the entrance's part, being in and leaving the stays', what hosts do to others moderation's.
 *
 * Ends in three ways: `end` (for all), `close` (the server drains; people come back), and nobody
 * having been in it for a while (`LiveMeetings` decides that).
 */
import { EventEmitter } from 'node:events';
import type { types as mediasoup } from 'mediasoup';
import { causeway } from '#proto';
import type { Conversations } from '../chat/index.js';
import type { Media } from '../media/index.js';
import type { Clock } from '../platform/clock.js';
import type { Session, Topics } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import type { RecordingDesk } from '../recording/index.js';
import type { Agendas } from './agendas.js';
import { Entrance } from './entrance.js';
import { LiveAgenda } from './live-agenda.js';
import { LiveRecording } from './live-recording.js';
import { LeftReason, Meeting, moderates } from './meeting.js';
import { MeetingMedia } from './meeting-media.js';
import type { MeetingRecord, MeetingRecords } from './meeting-records.js';
import type { MeetingState } from './meeting-state.js';
import type { Stay } from './meeting-words.js';
import { Membership } from './membership.js';
import { Moderation } from './moderation.js';
import { Presences } from './presences.js';
import { RemoteSession } from './remote-session.js';
import { Stays } from './stays.js';
import { Tidings } from './tidings.js';
import type { IceServersOf } from './turn-credentials.js';
import { WaitingRoom } from './waiting-room.js';
import { toMeetingKind } from './wire.js';

export interface LiveMeetingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly media: Media;
  readonly conversations: Conversations;
  readonly records: MeetingRecords;
  readonly agendas: Agendas;
  readonly maxParticipants: number;
  readonly maxViewers: number;
  readonly maxWaiting: number;
  readonly iceServers: IceServersOf;
  readonly recordingDesk: RecordingDesk;
  /** Cameras that are recorded at the same time. */
  readonly recordedCameras: number;
}

export interface LiveMeetingEvents {
  /** The last participant has left, and nobody waits. */
  empty: [];
  /** Somebody came into an empty meeting. */
  occupied: [];
  /** Over for all. */
  ended: [];
}

export class LiveMeeting extends EventEmitter<LiveMeetingEvents> {
  /** What participants send and receive. */
  readonly media: MeetingMedia;
  /** What is recorded and captioned, of whom. */
  readonly recording: LiveRecording;
  readonly agenda: LiveAgenda;
  readonly #deps: LiveMeetingDeps;
  readonly #machine: Meeting;
  readonly #topic: string;
  readonly #presences = new Presences();
  readonly #tidings: Tidings;
  readonly #waitingRoom: WaitingRoom;
  readonly #stays: Stays;
  readonly #entrance: Entrance;
  readonly #moderation: Moderation;
  #record: MeetingRecord;
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
    const { clock, log, records, conversations, iceServers, recordingDesk: desk, recordedCameras: maxCameras } = deps;
    const now = () => this.#record;
    this.recording = new LiveRecording({ ...inside, log, desk, record: now, media: this.media, maxCameras });
    this.agenda = new LiveAgenda({ ...inside, log, agendas: deps.agendas, record: now });
    const membership = new Membership({ record: now, records, conversations });
    const parts = {
      record: now,
      records,
      machine: this.#machine,
      media: this.media,
      membership,
      presences: this.#presences,
      tidings: this.#tidings,
      waitingRoom: this.#waitingRoom,
    };
    const stays = new Stays({ ...parts, log, topic: this.#topic });
    const moderation = new Moderation({ ...parts, stays });
    this.#stays = stays.on('empty', () => this.emit('empty')).on('occupied', () => this.emit('occupied'));
    this.#moderation = moderation;
    this.#entrance = new Entrance({
      ...parts,
      clock,
      iceServers,
      stays,
      moderation,
      begin: () => this.#begin(),
      closed: () => this.#closed,
      recording: this.recording,
    });
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
    return this.#entrance.busy || this.#machine.waiting.length > 0 || (this.#record.startsAt?.getTime() ?? 0) > this.#deps.clock.now();
  }

  /** Takes over what was changed in the records: title, lobby, who may join, the agenda. */
  updateRecord(record: MeetingRecord): void {
    this.#record = record;
    this.agenda.changed();
  }

  /**
   * Enters or waits. Whatever fails leaves nothing behind: no transport, no participant, no stay.
   * Joins of one session run one after the other, so that the second finds the first's participant.
   */
  join(
    session: Session,
    rtpCapabilities: mediasoup.RtpCapabilities,
    consent?: causeway.ConsentAnswer.$Properties | null,
  ): Promise<causeway.JoinReply.$Properties> {
    return this.#entrance.join(session, rtpCapabilities, consent);
  }

  /** Leaves the meeting or its lobby. Harmless when not in. */
  leave(session: Session, reason: causeway.ParticipantLeft.Reason = LeftReason.REASON_LEFT): Promise<void> {
    return this.#stays.leave(session, reason);
  }

  snapshot(session: Session): causeway.MeetingSnapshot.$Properties {
    this.#presences.get(session);
    return this.#entrance.snapshot();
  }

  /** Under which stay the session's presence is written down. @throws MEETING_NOT_IN */
  stayOf(session: Session): string {
    return this.#presences.get(session).stayId;
  }

  raiseHand(session: Session, raised: boolean): void {
    this.#machine.raiseHand(this.#presences.get(session).participantId, raised);
  }

  lowerHand(session: Session, participantId: string): void {
    this.#moderation.lowerHand(session, participantId);
  }

  setSpotlight(session: Session, participantId: string, on: boolean): void {
    this.#moderation.setSpotlight(session, participantId, on);
  }

  listViewers(session: Session, asked: { query: string; cursor: string; limit: number }): causeway.ListViewersReply.$Properties {
    return this.#moderation.listViewers(session, asked);
  }

  answerLobby(session: Session, waitingId: string, admit: boolean): Promise<void> {
    return this.#moderation.answerLobby(session, waitingId, admit);
  }

  setLock(session: Session, locked: boolean): Promise<void> {
    return this.#moderation.setLock(session, locked);
  }

  mute(session: Session, participantId: string): Promise<void> {
    return this.#moderation.mute(session, participantId);
  }

  askToUnmute(session: Session, participantId: string): void {
    this.#moderation.askToUnmute(session, participantId);
  }

  remove(session: Session, participantId: string): Promise<void> {
    return this.#moderation.remove(session, participantId);
  }

  setRole(session: Session, participantId: string, role: causeway.Role): Promise<void> {
    return this.#moderation.setRole(session, participantId, role);
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
    // It is stopped by the next who looks when it can't be stopped now.
    await this.recording
      .ended()
      .catch((error: unknown) =>
        this.#deps.log.error({ err: error, meeting: this.id }, 'live-meeting: the recording could not be stopped'),
      );
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
    await this.#stays.settled();
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
    // What the other home wrote down last it may not have told.
    this.agenda.changed();
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
      this.#stays.unsubscribe(session);
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
    this.recording.close();
    this.agenda.close();
    this.#forgetAll();
    this.media.abandon();
    return { state, sessions };
  }

  /** Those who were lost are written down. */
  settled(): Promise<void> {
    return this.#stays.settled();
  }

  /** All media anew for one who is in. */
  rebuild(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.MediaSetup.$Properties> {
    return this.#entrance.rebuild(session, rtpCapabilities);
  }

  // Inside

  /** It is on from when the first comes in; a knock alone begins nothing. @throws MEETING_ENDED */
  async #begin(): Promise<void> {
    if (this.#begun) return;
    const [{ startedAt, kind }] = await Promise.all([this.#deps.records.begin(this.#record), this.agenda.ready()]);
    if (this.#begun) return;
    // Its title or its door may have been changed meanwhile.
    this.#record = { ...this.#record, status: 'live', startedAt, kind };
    this.#begun = true;
    this.#machine.begin({ startedAt: startedAt.getTime(), kind: toMeetingKind(kind) });
  }

  #adopted(session: Session, stay: Stay): void {
    this.#stays.begin(session, stay);
    this.#machine.setConnected(stay.participantId, session.connected);
    const self = this.state.participants.get(stay.participantId);
    if (self && moderates(self)) this.#tidings.bringUpToDate(session);
  }

  /** Of all who are in, or at the door. */
  get #sessions(): Session[] {
    return [...[...this.#presences].map(({ session }) => session), ...this.#waitingRoom.sessions];
  }

  #close(): void {
    this.#closed = true;
    this.recording.close();
    this.agenda.close();
    for (const { session } of this.#presences) this.#stays.unsubscribe(session);
    this.#forgetAll();
    this.media.close();
    this.#deps.topics.drop(this.#topic);
  }

  #forgetAll(): void {
    this.#tidings.close();
    this.#waitingRoom.close();
    this.#stays.forget();
  }
}
