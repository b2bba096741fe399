/**
 * A meeting as a state machine: who is in, who views, who waits, who may do what. It knows no
 * socket, no media and no database; each act checks the rules, then emits events, which it applies
 * to its own state by the reducer that the pages use. Viewers of a webinar are beside that state:
 * they are counted, and no event tells of a single one.
 */
import { EventEmitter } from 'node:events';
import { causeway } from '#proto';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import { Audience } from './audience.js';
import type { MemberRole } from './meeting-records.js';
import {
  type AgendaNow,
  apply,
  type CaptionsNow,
  fromAgenda,
  fromCaptions,
  fromParticipant,
  fromRecording,
  type MeetingState,
  noAgenda,
  noCaptions,
  type ParticipantState,
  type ProducerState,
  type RecordingNow,
  turned,
} from './meeting-state.js';
import { isStageRole, mayGive, toMemberRole, toRole } from './roles.js';

const { Role, Source } = causeway;
export const LeftReason = causeway.ParticipantLeft.Reason;

export interface MeetingEvents {
  /** Something happened; volatile events have number 0. */
  event: [event: causeway.MeetingEvent.$Properties, number: number];
  /** The lobby has changed. */
  lobby: [waiting: readonly Wait[]];
  /** Viewers came or went. */
  audience: [];
  /** Hands of viewers have changed. */
  hands: [];
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

/** A role that a person gets. */
export interface RoleChange {
  readonly personId: string;
  readonly member: MemberRole;
  readonly role: causeway.Role;
}

export interface MeetingDeps {
  readonly clock: Clock;
  readonly maxParticipants: number;
  readonly maxViewers: number;
  readonly maxWaiting: number;
}

/** What a meeting begins with. */
const nothingYet = {
  participants: new Map<string, ParticipantState>(),
  activeSpeakerId: null,
  number: 0,
  ended: false,
  viewers: 0,
  spotlight: [],
  heard: [],
  recording: null,
  captions: noCaptions,
  agenda: noAgenda,
};

/** People in the spotlight, at most. */
const spotlightLimit = 9;

export class Meeting extends EventEmitter<MeetingEvents> {
  readonly audience = new Audience();
  readonly #deps: MeetingDeps;
  #state: MeetingState;
  #waiting = new Map<string, Wait>();

  /** `before`: it goes on from there, as another node had it. */
  constructor(initial: Omit<MeetingState, keyof typeof nothingYet>, deps: MeetingDeps, before: MeetingState | null = null) {
    super();
    this.#deps = deps;
    this.#state = before ?? { ...initial, ...nothingYet };
  }

  get state(): MeetingState {
    return this.#state;
  }

  get waiting(): readonly Wait[] {
    return [...this.#waiting.values()];
  }

  /** The first is about to come in; nobody has seen the state yet. */
  begin({ startedAt, kind }: Pick<MeetingState, 'startedAt' | 'kind'>): void {
    this.#state = { ...this.#state, startedAt, kind };
  }

  /** Whether somebody of this role views; otherwise he is on stage, as everybody is in an ordinary meeting. */
  views(role: MemberRole): boolean {
    return toRole(this.#state.kind, role) === Role.ROLE_VIEWER;
  }

  /** @throws MEETING_FULL */
  assertRoom(role: MemberRole): void {
    const { maxParticipants, maxViewers } = this.#deps;
    const full = this.views(role) ? this.audience.size >= maxViewers : this.#state.participants.size >= maxParticipants;
    if (full) throw new CausewayError('MEETING_FULL');
  }

  /** @throws MEETING_FULL, MEETING_ENDED */
  enter(entrant: Entrant): void {
    if (this.#state.ended) throw new CausewayError('MEETING_ENDED');
    this.assertRoom(entrant.role);
    const participant: ParticipantState = {
      id: entrant.id,
      personId: entrant.personId,
      name: entrant.name,
      role: toRole(this.#state.kind, entrant.role),
      guest: entrant.guest,
      connected: true,
      handRaisedAt: 0,
      joinedAt: this.#deps.clock.now(),
      producers: [],
    };
    if (participant.role === Role.ROLE_VIEWER) this.#toAudience(participant);
    else this.#emit({ participantJoined: fromParticipant(participant) });
  }

  /** Harmless when the participant or viewer is gone. */
  leave(participantId: string, reason: causeway.ParticipantLeft.Reason): void {
    if (this.#state.participants.has(participantId)) this.#emit({ participantLeft: { participantId, reason } });
    else this.#fromAudience(participantId);
  }

  /** A viewer was given a role on stage that he has not taken up, and there is room for him. */
  isCalled(participantId: string): boolean {
    const called = this.audience.get(participantId)?.called ?? null;
    return called !== null && this.#state.participants.size < this.#deps.maxParticipants;
  }

  /** A viewer takes up his role on stage, as the same participant. Harmless when he was not called. */
  stepUp(participantId: string): void {
    const viewer = this.audience.get(participantId);
    if (!viewer?.called || !this.isCalled(participantId)) return;
    this.#fromAudience(participantId);
    // What the hand went up for has come: it goes down.
    const onStage = { ...viewer, role: viewer.called, handRaisedAt: 0, joinedAt: this.#deps.clock.now() };
    this.#emit({ participantJoined: fromParticipant(onStage) });
  }

  /** Tells how many view, if that is not known. */
  countViewers(): void {
    if (this.#state.viewers !== this.audience.size) this.#emitVolatile({ viewersCounted: { viewers: this.audience.size } });
  }

  setConnected(participantId: string, connected: boolean): void {
    const participant = this.#state.participants.get(participantId);
    if (!participant) this.audience.update(participantId, { connected });
    else if (participant.connected !== connected) this.#emit({ participantChanged: { participantId, connected } });
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
    const { handRaisedAt } = this.#person(participantId);
    if (handRaisedAt > 0 === raised) return;
    const handRaisedAtMs = raised ? this.#deps.clock.now() : 0;
    if (this.#state.participants.has(participantId)) this.#emit({ participantChanged: { participantId, handRaisedAtMs } });
    else if (this.audience.update(participantId, { handRaisedAt: handRaisedAtMs })) this.emit('hands');
  }

  /** Lowers one hand, or all. */
  lowerHand(actorId: string, participantId: string): void {
    this.#moderator(actorId);
    const asked = participantId === '' ? [...this.#state.participants.values(), ...this.audience.hands] : [this.#person(participantId)];
    for (const { id } of asked) this.raiseHand(id, false);
  }

  /** @throws MEETING_FORBIDDEN */
  assertModerates(actorId: string): void {
    this.#moderator(actorId);
  }

  setLocked(locked: boolean): void {
    if (this.#state.locked !== locked) this.#emit({ lockChanged: { locked } });
  }

  /** Puts a participant in front for all, or takes him back. @throws MEETING_FORBIDDEN, MEETING_NO_PARTICIPANT, MEETING_SPOTLIGHT_FULL */
  setSpotlight(actorId: string, participantId: string, on: boolean): void {
    this.#moderator(actorId);
    const { id } = this.#participant(participantId);
    const { spotlight } = this.#state;
    if (spotlight.includes(id) === on) return;
    if (on && spotlight.length >= spotlightLimit) throw new CausewayError('MEETING_SPOTLIGHT_FULL', { fill: { limit: spotlightLimit } });
    this.#emit({ spotlightChanged: { participantIds: on ? [...spotlight, id] : spotlight.filter((other) => other !== id) } });
  }

  /**
   * What the actor may mute now: the microphones of all who don't moderate, or that of one participant;
   * where it is off already, the sound of his screen, which nobody could stop otherwise.
   */
  mutable(actorId: string, participantId: string): { participant: ParticipantState; producer: ProducerState }[] {
    this.#moderator(actorId);
    const targets =
      participantId === '' ? [...this.#state.participants.values()].filter((p) => !moderates(p)) : [this.#participant(participantId)];
    const loud = (source: causeway.Source) =>
      targets.flatMap((participant) =>
        participant.producers.filter((p) => p.source === source && !p.paused).map((producer) => ({ participant, producer })),
      );
    const microphones = loud(Source.SOURCE_MICROPHONE);
    return microphones.length > 0 || participantId === '' ? microphones : loud(Source.SOURCE_SCREEN_AUDIO);
  }

  /** @throws MEETING_FORBIDDEN, MEETING_NO_PARTICIPANT */
  assertMayAsk(actorId: string, participantId: string): ParticipantState {
    this.#moderator(actorId);
    return this.#participant(participantId);
  }

  /** Gives the person who is to be put out, on all devices. A co-host can't remove a host. @throws MEETING_FORBIDDEN */
  assertMayRemove(actorId: string, participantId: string): string {
    const actor = this.#moderator(actorId);
    const target = this.#person(participantId);
    if (target.personId === actor.personId || (target.role === Role.ROLE_HOST && actor.role !== Role.ROLE_HOST))
      throw new CausewayError('MEETING_FORBIDDEN');
    return target.personId;
  }

  /**
   * What a host asks for when he gives somebody a role. A role belongs to the person, on all devices.
   *
   * @throws REQUEST_INVALID, MEETING_FORBIDDEN, MEETING_LAST_HOST, MEETING_FULL
   */
  roleChange(actorId: string, participantId: string, role: causeway.Role): RoleChange {
    const actor = this.#person(actorId);
    const target = this.#person(participantId);
    const member = toMemberRole(this.#state.kind, role);
    if (!member) throw new CausewayError('REQUEST_INVALID', { field: 'role', fill: { detail: 'role' } });
    if (!mayGive(actor.role, target.role, role)) throw new CausewayError('MEETING_FORBIDDEN');
    const otherHosts = [...this.#state.participants.values()].some((p) => p.role === Role.ROLE_HOST && p.personId !== target.personId);
    if (target.role === Role.ROLE_HOST && role !== Role.ROLE_HOST && !otherHosts) throw new CausewayError('MEETING_LAST_HOST');
    if (target.role === Role.ROLE_VIEWER && role !== Role.ROLE_VIEWER) this.assertRoom(member);
    return { personId: target.personId, member, role };
  }

  /**
   * Gives a person a role, on all devices. A viewer who gets one of the stage is called there, and
   * steps up when his page has what it needs; who goes off stage views at once.
   *
   * @returns whose role has changed, and whether his page must join again for it.
   */
  changeRole({ personId, role }: Pick<RoleChange, 'personId' | 'role'>): { participantId: string; joinAgain: boolean }[] {
    const changed: { participantId: string; joinAgain: boolean }[] = [];
    for (const { id } of this.audience.ofPerson(personId)) {
      if (this.audience.update(id, { called: isStageRole(role) ? role : null })) changed.push({ participantId: id, joinAgain: true });
    }
    for (const participant of this.ofPerson(personId)) {
      if (participant.role === role) continue;
      const { id: participantId } = participant;
      changed.push({ participantId, joinAgain: role === Role.ROLE_VIEWER });
      if (role === Role.ROLE_VIEWER) {
        this.#emit({ participantLeft: { participantId, reason: LeftReason.REASON_OFF_STAGE } });
        this.#toAudience(participant);
      } else this.#emit({ participantChanged: { participantId, role } });
    }
    return changed;
  }

  /** @throws MEETING_FORBIDDEN */
  assertMayEnd(actorId: string): void {
    if (this.#person(actorId).role !== Role.ROLE_HOST) throw new CausewayError('MEETING_FORBIDDEN');
  }

  end(): void {
    if (!this.#state.ended) this.#emit({ ended: {} });
  }

  /** @throws MEETING_FORBIDDEN for a viewer; MEDIA_SHARE_TAKEN while somebody else shares a screen. */
  assertMaySend(participantId: string, source: causeway.Source): void {
    if (this.#person(participantId).role === Role.ROLE_VIEWER) throw new CausewayError('MEETING_FORBIDDEN');
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
    if (this.#state.activeSpeakerId !== participantId) this.#emitVolatile({ activeSpeaker: { participantId: participantId ?? '' } });
  }

  /** Who is heard through which slot, the first slot first; null for nobody. */
  setHeard(slots: readonly (string | null)[]): void {
    const heard = slots.map((id) => (id !== null && this.#state.participants.has(id) ? id : null));
    const before = this.#state.heard;
    if (heard.length === before.length && heard.every((id, slot) => id === before[slot])) return;
    this.#emitVolatile({ heard: { participantIds: heard.map((id) => id ?? '') } });
  }

  /** Started, paused, resumed, or (null) stopped. */
  setRecording(recording: RecordingNow | null): void {
    if (recording || this.#state.recording) this.#emit({ recordingChanged: recording ? { recording: fromRecording(recording) } : {} });
  }

  setRecorded(personId: string, recorded: boolean): void {
    const now = this.#state.recording;
    if (now && now.recorded.has(personId) !== recorded) this.#emit({ recordedChanged: { personId, recorded } });
  }

  setCaptions(change: Partial<CaptionsNow>): void {
    this.#emit({ captionsChanged: fromCaptions({ ...this.#state.captions, ...change }) });
  }

  /** Tells what is different: where another item is talked about, that alone. */
  setAgenda(agenda: AgendaNow): void {
    const before = this.#state.agenda;
    if (isSame(before, agenda)) return;
    if (isSame(turned(before, agenda.currentId, agenda.since), agenda))
      this.#emit({ agendaTurned: { itemId: agenda.currentId ?? '', atMs: agenda.since } });
    else this.#emit({ agendaChanged: fromAgenda(agenda) });
  }

  /** Whether the actor may start and stop recordings. @throws MEETING_FORBIDDEN */
  assertMayRecord(actorId: string, starters: 'host' | 'moderators'): ParticipantState {
    const actor = this.#moderator(actorId);
    if (starters === 'host' && actor.role !== Role.ROLE_HOST) throw new CausewayError('MEETING_FORBIDDEN');
    return actor;
  }

  producer(participantId: string, producerId: string): ProducerState | undefined {
    return this.#state.participants.get(participantId)?.producers.find((p) => p.id === producerId);
  }

  ofPerson(personId: string): ParticipantState[] {
    return [...this.#state.participants.values()].filter((p) => p.personId === personId);
  }

  #toAudience(participant: ParticipantState): void {
    this.audience.add(participant);
    this.emit('audience');
  }

  #fromAudience(id: string): void {
    const viewer = this.audience.delete(id);
    if (!viewer) return;
    this.emit('audience');
    if (viewer.handRaisedAt > 0) this.emit('hands');
  }

  #participant(id: string): ParticipantState {
    const participant = this.#state.participants.get(id);
    if (!participant) throw new CausewayError('MEETING_NO_PARTICIPANT');
    return participant;
  }

  /** A participant, or a viewer. */
  #person(id: string): ParticipantState {
    return this.audience.get(id) ?? this.#participant(id);
  }

  #moderator(id: string): ParticipantState {
    const person = this.#person(id);
    if (!moderates(person)) throw new CausewayError('MEETING_FORBIDDEN');
    return person;
  }

  #emit(event: causeway.MeetingEvent.$Properties): void {
    const number = this.#state.number + 1;
    this.#state = apply(this.#state, event, number);
    this.emit('event', event, number);
  }

  #emitVolatile(event: causeway.MeetingEvent.$Properties): void {
    this.#state = apply(this.#state, event, 0);
    this.emit('event', event, 0);
  }
}

function isSame(one: AgendaNow, other: AgendaNow): boolean {
  return JSON.stringify(fromAgenda(one)) === JSON.stringify(fromAgenda(other));
}

export function moderates(participant: Pick<ParticipantState, 'role'>): boolean {
  return participant.role === Role.ROLE_HOST || participant.role === Role.ROLE_CO_HOST;
}
