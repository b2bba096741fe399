/**
 * What hosts and co-hosts do to others: let in, lock, mute, put out, give another role. Who may is the
 * machine's to say; what must outlive the server goes to the records before anybody is told of it.
 */
import { causeway } from '#proto';
import type { Session } from '../platform/gateway/index.js';
import { LeftReason, type Meeting, moderates, type RoleChange } from './meeting.js';
import type { MeetingMedia } from './meeting-media.js';
import type { MeetingRecord, MeetingRecords, MemberRole } from './meeting-records.js';
import { fromParticipant } from './meeting-state.js';
import type { Membership } from './membership.js';
import type { Presences } from './presences.js';
import type { Stays } from './stays.js';
import type { Tidings } from './tidings.js';
import type { WaitingRoom } from './waiting-room.js';

export interface ModerationDeps {
  readonly record: () => MeetingRecord;
  readonly records: MeetingRecords;
  readonly machine: Meeting;
  readonly media: MeetingMedia;
  readonly membership: Membership;
  readonly presences: Presences;
  readonly stays: Stays;
  readonly tidings: Tidings;
  readonly waitingRoom: WaitingRoom;
}

export class Moderation {
  readonly #deps: ModerationDeps;
  /** Roles given since it was opened: whoever is on the way in may have been read of before. */
  readonly #given = new Map<string, RoleChange>();
  /** Changes of what is written down first and told then, one after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(deps: ModerationDeps) {
    this.#deps = deps;
  }

  lowerHand(session: Session, participantId: string): void {
    this.#deps.machine.lowerHand(this.#actorId(session), participantId);
  }

  setSpotlight(session: Session, participantId: string, on: boolean): void {
    this.#deps.machine.setSpotlight(this.#actorId(session), participantId, on);
  }

  listViewers(session: Session, asked: { query: string; cursor: string; limit: number }): causeway.ListViewersReply.$Properties {
    const { machine } = this.#deps;
    machine.assertModerates(this.#actorId(session));
    const { viewers, total, cursor } = machine.audience.list(asked);
    return { viewers: viewers.map(fromParticipant), total, cursor: cursor ?? '' };
  }

  /** The records first: whoever is told that he may come in must find the door open. */
  async answerLobby(session: Session, waitingId: string, admit: boolean): Promise<void> {
    const { machine, records, record, waitingRoom } = this.#deps;
    const asked = machine.waitsOf(this.#actorId(session), waitingId);
    if (admit) await Promise.all(asked.map(({ personId }) => records.admit(record(), personId)));
    waitingRoom.answer(asked, admit);
  }

  async setLock(session: Session, locked: boolean): Promise<void> {
    const { machine, records, record } = this.#deps;
    const actorId = this.#actorId(session);
    await this.#change(async () => {
      machine.assertModerates(actorId);
      await records.setLocked(record(), locked);
      machine.setLocked(locked);
    });
  }

  async mute(session: Session, participantId: string): Promise<void> {
    const { machine, media, presences } = this.#deps;
    const { name } = session.principal;
    for (const { participant, producer } of machine.mutable(this.#actorId(session), participantId)) {
      await media.mute(participant.id, producer.id);
      presences.sessionOf(participant.id)?.send({ producerStopped: { producerId: producer.id, closed: false, byName: name } });
    }
  }

  askToUnmute(session: Session, participantId: string): void {
    const target = this.#deps.machine.assertMayAsk(this.#actorId(session), participantId);
    this.#deps.presences.sessionOf(target.id)?.send({ askedToUnmute: { byName: session.principal.name } });
  }

  /** The records first: who is put out must stay out, whatever fails after. */
  async remove(session: Session, participantId: string): Promise<void> {
    const { machine, membership, presences, record, stays } = this.#deps;
    const personId = machine.assertMayRemove(this.#actorId(session), participantId);
    await membership.remove(personId);
    const theirs = presences.ofPerson(personId);
    for (const presence of theirs) {
      presence.session.send({ removed: { meetingId: record().id, reason: causeway.Removed.Reason.REASON_BY_HOST } });
    }
    await Promise.all(theirs.map((presence) => stays.end(presence, LeftReason.REASON_REMOVED)));
  }

  async setRole(session: Session, participantId: string, role: causeway.Role): Promise<void> {
    const { machine, records, record } = this.#deps;
    const actorId = this.#actorId(session);
    await this.#change(async () => {
      const change = machine.roleChange(actorId, participantId, role);
      await records.setRole(record(), change.personId, change.member);
      this.#given.set(change.personId, change);
      await this.#giveRole(change);
    });
  }

  /** Somebody has come in as `role`; whoever was given another one on the way in gets it now. */
  catchUp(personId: string, role: MemberRole): void {
    const given = this.#given.get(personId);
    if (given && given.member !== role) void this.#giveRole(given);
  }

  /** @throws MEETING_NOT_IN */
  #actorId(session: Session): string {
    return this.#deps.presences.get(session).participantId;
  }

  /** Tells those who have another role now, and stops what they may not send any more. */
  async #giveRole(change: RoleChange): Promise<void> {
    const { machine, media, presences, record, tidings } = this.#deps;
    const sent = new Map(machine.ofPerson(change.personId).map(({ id, producers }) => [id, producers]));
    for (const { participantId, joinAgain } of machine.changeRole(change)) {
      const session = presences.sessionOf(participantId);
      session?.send({ roleChanged: { meetingId: record().id, role: change.role, joinAgain } });
      if (session && !joinAgain && moderates(change)) tidings.bringUpToDate(session);
      if (joinAgain) await media.closeProducersOf(participantId, sent.get(participantId) ?? []);
    }
  }

  /** One after the other: what is decided here stands on what the one before has changed. */
  #change(act: () => Promise<void>): Promise<void> {
    const done = this.#changing.then(act);
    this.#changing = done.catch(() => undefined);
    return done;
  }
}
