/**
 * How sessions come to be in a meeting and how they leave it: what they listen to while they are in,
 * what is noticed of their sockets, and what is put away and written down once they have gone.
 */
import { EventEmitter } from 'node:events';
import type { causeway } from '#proto';
import { conversationTopic } from '../chat/index.js';
import type { Session } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import { LeftReason, type Meeting } from './meeting.js';
import type { MeetingMedia } from './meeting-media.js';
import type { MeetingRecord, MeetingRecords } from './meeting-records.js';
import type { Stay } from './meeting-words.js';
import type { Membership } from './membership.js';
import type { Presence, Presences } from './presences.js';
import type { WaitingRoom } from './waiting-room.js';

export interface StaysDeps {
  readonly log: Log;
  /** The meeting's own. */
  readonly topic: string;
  readonly record: () => MeetingRecord;
  readonly records: MeetingRecords;
  readonly machine: Meeting;
  readonly media: MeetingMedia;
  readonly membership: Membership;
  readonly presences: Presences;
  readonly waitingRoom: WaitingRoom;
}

export interface StaysEvents {
  /** The last participant has left. */
  empty: [];
  /** Somebody came into an empty meeting. */
  occupied: [];
}

export class Stays extends EventEmitter<StaysEvents> {
  readonly #deps: StaysDeps;
  /** Lost participants that are being written down. */
  readonly #leaving = new Set<Promise<void>>();
  /** Who is on the way past the door, by session. */
  readonly #entering = new Map<string, string>();

  constructor(deps: StaysDeps) {
    super();
    this.#deps = deps;
  }

  /** The session is on the way past the door: its person has not quite gone. Gives what says that it is so no more. */
  expect(session: Session): () => void {
    this.#entering.set(session.id, session.principal.personId);
    return () => void this.#entering.delete(session.id);
  }

  /** The session is in from here on. */
  begin(session: Session, stay: Stay): Presence {
    const { presences } = this.#deps;
    const wasEmpty = presences.size === 0;
    const presence = this.#watch(session, stay);
    presences.add(presence);
    this.#subscribe(session);
    if (wasEmpty) this.emit('occupied');
    return presence;
  }

  /** Leaves the meeting or its lobby. Harmless when not in. */
  async leave(session: Session, reason: causeway.ParticipantLeft.Reason): Promise<void> {
    this.#deps.waitingRoom.leave(session.id);
    const presence = this.#deps.presences.find(session);
    if (presence) await this.end(presence, reason);
  }

  /** Harmless when it has ended. */
  async end(presence: Presence, reason: causeway.ParticipantLeft.Reason): Promise<void> {
    const { presences, machine, media, records, record, membership } = this.#deps;
    if (!presences.delete(presence)) return;
    presence.forget();
    this.unsubscribe(presence.session);
    machine.leave(presence.participantId, reason);
    if (presences.size === 0) this.emit('empty');
    await media.removePeer(presence.participantId);
    await records.closeStay(record(), presence.stayId);
    // A guest is one of this meeting while he is in it; his tokens are good for longer.
    const { personId } = presence;
    const elsewhere = () => presences.ofPerson(personId).length > 0 || [...this.#entering.values()].includes(personId);
    if (presence.session.principal.role === 'guest' && !elsewhere()) await membership.removeFromChat(personId);
  }

  /** The meeting's own topic last: with it, the node of a session of another one knows that it is out. */
  unsubscribe(session: Session): void {
    session.unsubscribe(conversationTopic(this.#deps.record().conversationId));
    session.unsubscribe(this.#deps.topic);
  }

  /** Those who were lost are written down. */
  async settled(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** Listens to nobody any more, and nobody is in. */
  forget(): void {
    for (const { forget } of this.#deps.presences) forget();
    this.#deps.presences.clear();
  }

  #subscribe(session: Session): void {
    session.subscribe(this.#deps.topic);
    session.subscribe(conversationTopic(this.#deps.record().conversationId));
  }

  #watch(session: Session, { participantId, stayId }: Stay): Presence {
    const { machine, log, record } = this.#deps;
    const away = () => machine.setConnected(participantId, false);
    const back = () => machine.setConnected(participantId, true);
    const ended = () => {
      const leaving = this.leave(session, LeftReason.REASON_LOST)
        .catch((error: unknown) =>
          log.error({ err: error, meeting: record().id }, 'live-meeting: a lost participant could not be written down'),
        )
        .finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    };
    const watcher = { away, back, ended };
    session.watch(watcher);
    return {
      participantId,
      personId: session.principal.personId,
      session,
      stayId,
      forget: () => session.unwatch(watcher),
    };
  }
}
