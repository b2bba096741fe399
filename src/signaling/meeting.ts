/**
 * A meeting as a state machine: who is in, who waits, who may do what. It knows no socket, no
 * media and no database; each act checks the rules, then emits events, which it applies to its own
 * state by the reducer that the pages use.
 */
import { EventEmitter } from 'node:events';
import { causeway } from '#proto';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { MemberRole } from './meeting-records.js';
import { apply, fromParticipant, type MeetingState, type ParticipantState, type ProducerState } from './meeting-state.js';

const { Role, Source } = causeway;
export const LeftReason = causeway.ParticipantLeft.Reason;

export interface MeetingEvents {
  /** Something happened; volatile events have number 0. */
  event: [event: causeway.MeetingEvent.$Properties, number: number];
  /** The lobby has changed. */
  lobby: [waiting: readonly Wait[]];
}

export interface Entrant {
  /** Id of the new participant. */
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly guest: boolean;
  readonly role: MemberRole;
}

export interface Wait {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly guest: boolean;
  readonly since: number;
}

export interface MeetingDeps {
  readonly clock: Clock;
  readonly maxParticipants: number;
  readonly maxWaiting: number;
}

const roles = { host: Role.ROLE_HOST, 'co-host': Role.ROLE_CO_HOST, attendee: Role.ROLE_ATTENDEE } as const;

/** What a meeting begins with. */
const nothingYet = {
  participants: new Map<string, ParticipantState>(),
  activeSpeakerId: null,
  number: 0,
  ended: false,
  viewers: 0,
  spotlight: [],
  heard: [],
};

export class Meeting extends EventEmitter<MeetingEvents> {
  readonly #deps: MeetingDeps;
  #state: MeetingState;
  #waiting = new Map<string, Wait>();

  constructor(initial: Omit<MeetingState, keyof typeof nothingYet>, deps: MeetingDeps) {
    super();
    this.#deps = deps;
    this.#state = { ...initial, ...nothingYet };
  }

  get state(): MeetingState {
    return this.#state;
  }

  get waiting(): readonly Wait[] {
    return [...this.#waiting.values()];
  }

  /** The first is about to come in; nobody has seen the state yet. */
  begin(startedAt: number): void {
    this.#state = { ...this.#state, startedAt };
  }

  /** @throws MEETING_FULL */
  assertRoom(): void {
    if (this.#state.participants.size >= this.#deps.maxParticipants) throw new CausewayError('MEETING_FULL');
  }

  /** @throws MEETING_FULL, MEETING_ENDED */
  enter(entrant: Entrant): void {
    if (this.#state.ended) throw new CausewayError('MEETING_ENDED');
    this.assertRoom();
    const participant: ParticipantState = {
      id: entrant.id,
      personId: entrant.personId,
      name: entrant.name,
      role: roles[entrant.role],
      guest: entrant.guest,
      connected: true,
      handRaisedAt: 0,
      joinedAt: this.#deps.clock.now(),
      producers: [],
    };
    this.#emit({ participantJoined: fromParticipant(participant) });
  }

  /** Harmless when the participant is gone. */
  leave(participantId: string, reason: causeway.ParticipantLeft.Reason): void {
    if (this.#state.participants.has(participantId)) this.#emit({ participantLeft: { participantId, reason } });
  }

  setConnected(participantId: string, connected: boolean): void {
    const participant = this.#state.participants.get(participantId);
    if (participant && participant.connected !== connected) this.#emit({ participantChanged: { participantId, connected } });
  }

  /** Joins the lobby; the same wait again changes nothing. @throws MEETING_FULL */
  wait(wait: Omit<Wait, 'since'>): Wait {
    const known = this.#waiting.get(wait.id);
    if (known) return known;
    if (this.#waiting.size >= this.#deps.maxWaiting) throw new CausewayError('MEETING_FULL');
    const added = { ...wait, since: this.#deps.clock.now() };
    this.#waiting.set(added.id, added);
    this.emit('lobby', this.waiting);
    return added;
  }

  stopWaiting(...waitIds: readonly string[]): void {
    const left = waitIds.filter((id) => this.#waiting.delete(id));
    if (left.length > 0) this.emit('lobby', this.waiting);
  }

  /** Whom an answer concerns: one, or everyone, in the lobby; a person who waits on two devices is answered on both. */
  waitsOf(actorId: string, waitingId: string): Wait[] {
    this.#moderator(actorId);
    const person = this.#waiting.get(waitingId)?.personId;
    return this.waiting.filter((wait) => waitingId === '' || wait.personId === person);
  }

  raiseHand(participantId: string, raised: boolean): void {
    const participant = this.#participant(participantId);
    if (participant.handRaisedAt > 0 === raised) return;
    this.#emit({ participantChanged: { participantId, handRaisedAtMs: raised ? this.#deps.clock.now() : 0 } });
  }

  /** Lowers one hand, or all. */
  lowerHand(actorId: string, participantId: string): void {
    this.#moderator(actorId);
    const raised = participantId === '' ? [...this.#state.participants.values()] : [this.#participant(participantId)];
    for (const { id, handRaisedAt } of raised)
      if (handRaisedAt > 0) this.#emit({ participantChanged: { participantId: id, handRaisedAtMs: 0 } });
  }

  setLock(actorId: string, locked: boolean): void {
    this.#moderator(actorId);
    if (this.#state.locked !== locked) this.#emit({ lockChanged: { locked } });
  }

  /** Microphones that the actor may mute now: one participant's, or those of all who don't moderate. */
  mutable(actorId: string, participantId: string): { participant: ParticipantState; producer: ProducerState }[] {
    this.#moderator(actorId);
    const targets =
      participantId === '' ? [...this.#state.participants.values()].filter((p) => !moderates(p)) : [this.#participant(participantId)];
    return targets.flatMap((participant) =>
      participant.producers
        .filter((p) => p.source === Source.SOURCE_MICROPHONE && !p.paused)
        .map((producer) => ({ participant, producer })),
    );
  }

  /** @throws MEETING_FORBIDDEN, MEETING_NO_PARTICIPANT */
  assertMayAsk(actorId: string, participantId: string): ParticipantState {
    this.#moderator(actorId);
    return this.#participant(participantId);
  }

  /** Gives the person who is to be put out, on all devices. A co-host can't remove a host. @throws MEETING_FORBIDDEN */
  assertMayRemove(actorId: string, participantId: string): string {
    const actor = this.#moderator(actorId);
    const target = this.#participant(participantId);
    if (target.personId === actor.personId || (target.role === Role.ROLE_HOST && actor.role !== Role.ROLE_HOST))
      throw new CausewayError('MEETING_FORBIDDEN');
    return target.personId;
  }

  /** A role belongs to the person, on all devices. @throws MEETING_FORBIDDEN, MEETING_LAST_HOST */
  setRole(actorId: string, participantId: string, role: causeway.Role): { personId: string; role: MemberRole } {
    const actor = this.#participant(actorId);
    const target = this.#participant(participantId);
    const name = (Object.keys(roles) as MemberRole[]).find((key) => roles[key] === role);
    if (!name) throw new CausewayError('REQUEST_INVALID', { field: 'role', fill: { detail: 'role' } });
    if (actor.role !== Role.ROLE_HOST) throw new CausewayError('MEETING_FORBIDDEN');
    const otherHosts = [...this.#state.participants.values()].some((p) => p.role === Role.ROLE_HOST && p.personId !== target.personId);
    if (target.role === Role.ROLE_HOST && role !== Role.ROLE_HOST && !otherHosts) throw new CausewayError('MEETING_LAST_HOST');
    for (const { id, role: before } of this.ofPerson(target.personId))
      if (before !== role) this.#emit({ participantChanged: { participantId: id, role } });
    return { personId: target.personId, role: name };
  }

  /** @throws MEETING_FORBIDDEN */
  assertMayEnd(actorId: string): void {
    if (this.#participant(actorId).role !== Role.ROLE_HOST) throw new CausewayError('MEETING_FORBIDDEN');
  }

  end(): void {
    if (!this.#state.ended) this.#emit({ ended: {} });
  }

  /** @throws MEDIA_SHARE_TAKEN while somebody else shares a screen. */
  assertMaySend(participantId: string, source: causeway.Source): void {
    this.#participant(participantId);
    if (source !== Source.SOURCE_SCREEN && source !== Source.SOURCE_SCREEN_AUDIO) return;
    for (const other of this.#state.participants.values()) {
      if (other.id !== participantId && other.producers.some((p) => p.source === Source.SOURCE_SCREEN))
        throw new CausewayError('MEDIA_SHARE_TAKEN');
    }
  }

  addProducer(participantId: string, producer: ProducerState): void {
    if (this.#state.participants.has(participantId)) this.#emit({ producerAdded: { participantId, producer } });
  }

  setProducerPaused(participantId: string, producerId: string, paused: boolean): void {
    const producer = this.producer(participantId, producerId);
    if (producer && producer.paused !== paused) this.#emit({ producerChanged: { participantId, producerId, paused } });
  }

  removeProducer(participantId: string, producerId: string): void {
    if (this.producer(participantId, producerId)) this.#emit({ producerRemoved: { participantId, producerId } });
  }

  removeProducersOf(participantId: string): void {
    for (const { id } of this.#state.participants.get(participantId)?.producers ?? []) this.removeProducer(participantId, id);
  }

  setSpeaker(participantId: string | null): void {
    if (this.#state.activeSpeakerId === participantId) return;
    const event = { activeSpeaker: { participantId: participantId ?? '' } };
    this.#state = apply(this.#state, event, 0);
    this.emit('event', event, 0);
  }

  producer(participantId: string, producerId: string): ProducerState | undefined {
    return this.#state.participants.get(participantId)?.producers.find((p) => p.id === producerId);
  }

  ofPerson(personId: string): ParticipantState[] {
    return [...this.#state.participants.values()].filter((p) => p.personId === personId);
  }

  #participant(id: string): ParticipantState {
    const participant = this.#state.participants.get(id);
    if (!participant) throw new CausewayError('MEETING_NO_PARTICIPANT');
    return participant;
  }

  #moderator(id: string): ParticipantState {
    const participant = this.#participant(id);
    if (!moderates(participant)) throw new CausewayError('MEETING_FORBIDDEN');
    return participant;
  }

  #emit(event: causeway.MeetingEvent.$Properties): void {
    const number = this.#state.number + 1;
    this.#state = apply(this.#state, event, number);
    this.emit('event', event, number);
  }
}

export function moderates(participant: Pick<ParticipantState, 'role'>): boolean {
  return participant.role === Role.ROLE_HOST || participant.role === Role.ROLE_CO_HOST;
}
