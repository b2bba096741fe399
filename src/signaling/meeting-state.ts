/**
 * What everybody in a meeting sees, and how events change it.
 *
 * Pure: the server builds its snapshots with it and the page shows what it returns, so that the
 * two can't drift. Events come numbered (proto/causeway/meeting.proto); `apply` returns a new
 * state and shares what has not changed, so a page can compare by identity.
 */
import { causeway } from '#proto';

export interface ProducerState {
  readonly id: string;
  readonly source: causeway.Source;
  readonly paused: boolean;
}

export interface ParticipantState {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly role: causeway.Role;
  readonly guest: boolean;
  readonly connected: boolean;
  /** Milliseconds since 1970, or 0: not raised. */
  readonly handRaisedAt: number;
  readonly joinedAt: number;
  readonly producers: readonly ProducerState[];
}

/** What is recorded now, and of whom. */
export interface RecordingNow {
  readonly id: string;
  readonly kind: causeway.RecordingKind;
  readonly paused: boolean;
  readonly startedAt: number;
  readonly startedByName: string;
  /** Persons whose sound, picture or words are taken. */
  readonly recorded: ReadonlySet<string>;
  readonly notice: causeway.ConsentNotice.$Properties;
  /** The disk is full or too slow: pictures are not kept. */
  readonly trouble: boolean;
}

export interface CaptionsNow {
  readonly on: boolean;
  /** BCP 47, or auto. */
  readonly language: string;
  readonly kept: boolean;
  /** Engines are behind: lines come late. */
  readonly behind: boolean;
  /** Persons whose words are not to be captioned. */
  readonly optedOut: ReadonlySet<string>;
  /** Persons whose words are to be captioned although the recording that is on does not take them. */
  readonly optedIn: ReadonlySet<string>;
  /** What persons speak who have said so. */
  readonly languages: ReadonlyMap<string, string>;
}

export const noCaptions: CaptionsNow = {
  on: false,
  language: '',
  kept: false,
  behind: false,
  optedOut: new Set(),
  optedIn: new Set(),
  languages: new Map(),
};

export interface AgendaItem {
  readonly id: string;
  readonly title: string;
  /** Planned; null: as long as it takes. */
  readonly minutes: number | null;
  /** Talked about before `since` of the agenda, milliseconds. */
  readonly spentMs: number;
}

/** What is to be talked about, and what is now. */
export interface AgendaNow {
  readonly items: readonly AgendaItem[];
  /** Grows with each change of the list. */
  readonly revision: number;
  /** Null: none of them. */
  readonly currentId: string | null;
  /** Since when, milliseconds since 1970; 0: nothing was marked yet. */
  readonly since: number;
}

export const noAgenda: AgendaNow = { items: [], revision: 0, currentId: null, since: 0 };

export interface MeetingState {
  readonly meetingId: string;
  readonly title: string;
  readonly code: string;
  readonly locked: boolean;
  readonly ended: boolean;
  /** By participant id, in the order of joining. */
  readonly participants: ReadonlyMap<string, ParticipantState>;
  readonly activeSpeakerId: string | null;
  /** Number of the last event that this state includes. */
  readonly number: number;
  readonly startedAt: number;
  readonly conversationId: string;
  readonly kind: causeway.MeetingKind;
  /** How many viewers a webinar has; they are no participants. */
  readonly viewers: number;
  /** Participants that a host has put in front for all, in this order. */
  readonly spotlight: readonly string[];
  /** Who is heard through which slot of the audio stage, slot 1 first; empty: everybody is heard directly. */
  readonly heard: readonly (string | null)[];
  /** Null: nothing is recorded. */
  readonly recording: RecordingNow | null;
  readonly captions: CaptionsNow;
  readonly agenda: AgendaNow;
}

type MeetingEvent = causeway.MeetingEvent.$Properties;

export function fromSnapshot(snapshot: causeway.MeetingSnapshot.$Properties): MeetingState {
  return {
    meetingId: snapshot.meetingId ?? '',
    title: snapshot.title ?? '',
    code: snapshot.code ?? '',
    locked: snapshot.locked ?? false,
    ended: false,
    participants: new Map((snapshot.participants ?? []).map((p) => [p.id ?? '', toParticipant(p)])),
    activeSpeakerId: snapshot.activeSpeakerId || null,
    number: snapshot.number ?? 0,
    startedAt: snapshot.startedAtMs ?? 0,
    conversationId: snapshot.conversationId ?? '',
    kind: snapshot.kind || causeway.MeetingKind.MEETING_KIND_MEETING,
    viewers: snapshot.viewers ?? 0,
    spotlight: snapshot.spotlight ?? [],
    heard: (snapshot.heard ?? []).map((id) => id || null),
    recording: toRecording(snapshot.recording),
    captions: toCaptions(snapshot.captions),
    agenda: toAgenda(snapshot.agenda),
  };
}

export function toSnapshot(state: MeetingState): causeway.MeetingSnapshot.$Properties {
  return {
    meetingId: state.meetingId,
    title: state.title,
    code: state.code,
    locked: state.locked,
    participants: [...state.participants.values()].map(onTheWire),
    activeSpeakerId: state.activeSpeakerId ?? '',
    number: state.number,
    startedAtMs: state.startedAt,
    conversationId: state.conversationId,
    kind: state.kind,
    viewers: state.viewers,
    spotlight: [...state.spotlight],
    heard: state.heard.map((id) => id ?? ''),
    ...(state.recording && { recording: fromRecording(state.recording) }),
    captions: fromCaptions(state.captions),
    agenda: fromAgenda(state.agenda),
  };
}

/** The state after an event. `number` is the event's; 0 for volatile ones, which don't count. */
export function apply(state: MeetingState, event: MeetingEvent, number: number): MeetingState {
  const next = change(state, event);
  return number > 0 ? { ...next, number } : next;
}

function change(state: MeetingState, event: MeetingEvent): MeetingState {
  if (event.participantJoined) {
    const joined = toParticipant(event.participantJoined);
    return { ...state, participants: new Map(state.participants).set(joined.id, joined) };
  }
  if (event.participantLeft) {
    const participants = new Map(state.participants);
    const id = event.participantLeft.participantId ?? '';
    participants.delete(id);
    return {
      ...state,
      participants,
      activeSpeakerId: state.activeSpeakerId === id ? null : state.activeSpeakerId,
      spotlight: state.spotlight.includes(id) ? state.spotlight.filter((other) => other !== id) : state.spotlight,
      heard: state.heard.includes(id) ? state.heard.map((other) => (other === id ? null : other)) : state.heard,
    };
  }
  if (event.participantChanged) {
    const { participantId, role, connected, handRaisedAtMs } = event.participantChanged;
    return withParticipant(state, participantId, (p) => ({
      ...p,
      role: role ?? p.role,
      connected: connected ?? p.connected,
      handRaisedAt: handRaisedAtMs ?? p.handRaisedAt,
    }));
  }
  if (event.producerAdded) {
    const producer = toProducer(event.producerAdded.producer ?? {});
    return withParticipant(state, event.producerAdded.participantId, (p) => ({
      ...p,
      producers: [...p.producers.filter((q) => q.id !== producer.id), producer],
    }));
  }
  if (event.producerRemoved) {
    const { participantId, producerId } = event.producerRemoved;
    return withParticipant(state, participantId, (p) => ({ ...p, producers: p.producers.filter((q) => q.id !== producerId) }));
  }
  if (event.producerChanged) {
    const { participantId, producerId, paused } = event.producerChanged;
    return withParticipant(state, participantId, (p) => ({
      ...p,
      producers: p.producers.map((q) => (q.id === producerId ? { ...q, paused: paused ?? false } : q)),
    }));
  }
  if (event.lockChanged) return { ...state, locked: event.lockChanged.locked ?? false };
  if (event.ended) return { ...state, ended: true };
  if (event.activeSpeaker) return { ...state, activeSpeakerId: event.activeSpeaker.participantId || null };
  if (event.spotlightChanged) return { ...state, spotlight: event.spotlightChanged.participantIds ?? [] };
  if (event.heard) return { ...state, heard: (event.heard.participantIds ?? []).map((id) => id || null) };
  if (event.viewersCounted) return { ...state, viewers: event.viewersCounted.viewers ?? 0 };
  if (event.recordingChanged) return { ...state, recording: toRecording(event.recordingChanged.recording) };
  if (event.recordedChanged) {
    const { personId, recorded } = event.recordedChanged;
    return state.recording ? { ...state, recording: withRecorded(state.recording, personId ?? '', recorded ?? false) } : state;
  }
  if (event.captionsChanged) return { ...state, captions: toCaptions(event.captionsChanged) };
  if (event.agendaChanged) return { ...state, agenda: toAgenda(event.agendaChanged) };
  if (event.agendaTurned) {
    const { itemId, atMs } = event.agendaTurned;
    return { ...state, agenda: turned(state.agenda, itemId || null, atMs ?? 0) };
  }
  return state;
}

function withParticipant(
  state: MeetingState,
  id: string | null | undefined,
  update: (participant: ParticipantState) => ParticipantState,
): MeetingState {
  const participant = state.participants.get(id ?? '');
  if (!participant) return state;
  return { ...state, participants: new Map(state.participants).set(participant.id, update(participant)) };
}

export function toParticipant(p: causeway.Participant.$Properties): ParticipantState {
  return {
    id: p.id ?? '',
    personId: p.personId ?? '',
    name: p.name ?? '',
    role: p.role ?? causeway.Role.ROLE_ATTENDEE,
    guest: p.guest ?? false,
    connected: p.connected ?? false,
    handRaisedAt: p.handRaisedAtMs ?? 0,
    joinedAt: p.joinedAtMs ?? 0,
    producers: (p.producers ?? []).map(toProducer),
  };
}

/** Everybody who joins gets everybody: most are the same for the next. */
const wireForms = new WeakMap<ParticipantState, causeway.Participant.$Properties>();

function onTheWire(participant: ParticipantState): causeway.Participant.$Properties {
  const known = wireForms.get(participant);
  if (known) return known;
  const form = fromParticipant(participant);
  wireForms.set(participant, form);
  return form;
}

export function fromParticipant(p: ParticipantState): causeway.Participant.$Properties {
  return {
    id: p.id,
    personId: p.personId,
    name: p.name,
    role: p.role,
    guest: p.guest,
    connected: p.connected,
    handRaisedAtMs: p.handRaisedAt,
    joinedAtMs: p.joinedAt,
    producers: p.producers.map((q) => ({ id: q.id, source: q.source, paused: q.paused })),
  };
}

function toProducer(p: causeway.ProducerInfo.$Properties): ProducerState {
  return { id: p.id ?? '', source: p.source ?? causeway.Source.SOURCE_UNSPECIFIED, paused: p.paused ?? false };
}

function withRecorded(recording: RecordingNow, personId: string, isRecorded: boolean): RecordingNow {
  const recorded = new Set(recording.recorded);
  if (isRecorded) recorded.add(personId);
  else recorded.delete(personId);
  return { ...recording, recorded };
}

export function toRecording(r: causeway.RecordingState.$Properties | null | undefined): RecordingNow | null {
  if (!r?.recordingId) return null;
  return {
    id: r.recordingId,
    kind: r.kind ?? causeway.RecordingKind.RECORDING_KIND_RECORDING,
    paused: r.paused ?? false,
    startedAt: r.startedAtMs ?? 0,
    startedByName: r.startedByName ?? '',
    recorded: new Set(r.recorded ?? []),
    notice: r.notice ?? {},
    trouble: r.trouble ?? false,
  };
}

export function fromRecording(r: RecordingNow): causeway.RecordingState.$Properties {
  return {
    recordingId: r.id,
    kind: r.kind,
    paused: r.paused,
    startedAtMs: r.startedAt,
    startedByName: r.startedByName,
    recorded: [...r.recorded],
    notice: r.notice,
    trouble: r.trouble,
  };
}

function toCaptions(c: causeway.CaptionsState.$Properties | null | undefined): CaptionsNow {
  if (!c) return noCaptions;
  return {
    on: c.on ?? false,
    language: c.language ?? '',
    kept: c.kept ?? false,
    behind: c.behind ?? false,
    optedOut: new Set(c.optedOut ?? []),
    optedIn: new Set(c.optedIn ?? []),
    languages: new Map(Object.entries(c.languages ?? {})),
  };
}

export function fromCaptions(c: CaptionsNow): causeway.CaptionsState.$Properties {
  return {
    on: c.on,
    language: c.language,
    kept: c.kept,
    behind: c.behind,
    optedOut: [...c.optedOut],
    optedIn: [...c.optedIn],
    languages: Object.fromEntries(c.languages),
  };
}

/** From then on another item is talked about, or (null) none. */
export function turned(agenda: AgendaNow, itemId: string | null, at: number): AgendaNow {
  const spent = Math.max(0, at - agenda.since);
  const items = agenda.items.map((item) => (item.id === agenda.currentId ? { ...item, spentMs: item.spentMs + spent } : item));
  // What is no longer on the list may be what was talked about then.
  const currentId = items.some(({ id }) => id === itemId) ? itemId : null;
  return { ...agenda, items, currentId, since: at };
}

export function toAgenda(a: causeway.Agenda.$Properties | null | undefined): AgendaNow {
  if (!a) return noAgenda;
  return {
    items: (a.items ?? []).map(({ id, title, minutes, spentMs }) => ({
      id: id ?? '',
      title: title ?? '',
      minutes: minutes || null,
      spentMs: spentMs ?? 0,
    })),
    revision: a.revision ?? 0,
    currentId: a.currentId || null,
    since: a.sinceMs ?? 0,
  };
}

export function fromAgenda(a: AgendaNow): causeway.Agenda.$Properties {
  return {
    items: a.items.map(({ id, title, minutes, spentMs }) => ({ id, title, minutes: minutes ?? 0, spentMs })),
    revision: a.revision,
    currentId: a.currentId ?? '',
    sinceMs: a.since,
  };
}
