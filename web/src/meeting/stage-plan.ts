/** Who is shown where: the gallery, or large pictures with the others beside them. Pure. */

import type { MeetingState, ParticipantState } from '@server/signaling/meeting-state';
import { causeway } from '#proto';

export type View = 'gallery' | 'speaker';

/** One picture on the stage: a person, or the screen of a person. */
export interface Shown {
  readonly key: string;
  readonly participant: ParticipantState;
  readonly source: causeway.Source;
}

export interface StagePlan {
  /** Large; none: gallery. */
  readonly focus: readonly Shown[];
  readonly others: readonly Shown[];
}

const { Source } = causeway;

export interface StageWish {
  readonly view: View;
  /** Key of what the person pinned. */
  readonly pinned: string | null;
  /** Who spoke last, other than oneself; stays while nobody speaks. */
  readonly speakerId: string | null;
  readonly myId: string | null;
}

export type StageFacts = Pick<MeetingState, 'participants' | 'spotlight'>;

/** A screen comes first, then whom a host has put in front, what this person pinned, who speaks, and the rest in their order. */
export function planStage(meeting: StageFacts, order: readonly string[], wish: StageWish): StagePlan {
  const people = order.flatMap((id) => meeting.participants.get(id) ?? []);
  const faces = new Map(people.map((participant) => [participant.id, shown(participant, Source.SOURCE_CAMERA)]));
  // One's own screen is not shown to oneself: it would show itself in itself.
  const screens = people
    .filter((p) => p.id !== wish.myId && p.producers.some((q) => q.source === Source.SOURCE_SCREEN))
    .map((p) => shown(p, Source.SOURCE_SCREEN));
  const spotlit = meeting.spotlight.flatMap((id) => faces.get(id) ?? []);
  const pinned = [...screens, ...faces.values()].find((one) => one.key === wish.pinned) ?? null;
  const focus = large({ screens, spotlit, pinned, faces }, wish);
  const rest = new Map([...screens, ...spotlit, ...(pinned ? [pinned] : []), ...faces.values()].map((one) => [one.key, one]));
  for (const one of focus) rest.delete(one.key);
  return { focus, others: [...rest.values()] };
}

interface Candidates {
  readonly screens: readonly Shown[];
  readonly spotlit: readonly Shown[];
  readonly pinned: Shown | null;
  readonly faces: ReadonlyMap<string, Shown>;
}

function large({ screens, spotlit, pinned, faces }: Candidates, { view, speakerId, myId }: StageWish): readonly Shown[] {
  const [screen] = screens;
  // Who pins somebody while a screen is shown wants to see that person instead; it is undone as easily.
  if (screen) return [pinned ?? screen];
  // The host's wish and one's own stand side by side.
  if (spotlit.length > 0) return pinned && !spotlit.includes(pinned) ? [...spotlit, pinned] : spotlit;
  if (pinned) return [pinned];
  if (view === 'gallery') return [];
  const speaker = faces.get(speakerId ?? '') ?? [...faces.values()].find((one) => one.participant.id !== myId);
  return speaker ? [speaker] : [];
}

/**
 * The order of the tiles. It stays as it is while somebody looks at it: who comes stands at the
 * end, who goes leaves no gap. Sorted anew (oneself, those who spoke lately, then those with a
 * picture, then by arrival) only when everything moves anyway, as when one comes back to the
 * first page.
 */
export function orderPeople(
  participants: MeetingState['participants'],
  before: readonly string[] | null,
  myId: string | null,
  recent: readonly string[] = [],
): readonly string[] {
  if (before === null) {
    const rank = (p: ParticipantState): number => {
      if (p.id === myId) return 0;
      if (recent.includes(p.id)) return 1;
      return p.producers.some((producer) => producer.source === Source.SOURCE_CAMERA && !producer.paused) ? 2 : 3;
    };
    // The sort is stable, so that arrival decides among equals.
    return [...participants.values()]
      .map((p) => ({ id: p.id, rank: rank(p) }))
      .sort((a, b) => a.rank - b.rank)
      .map((p) => p.id);
  }
  const known = new Set(before);
  const stay = before.filter((id) => participants.has(id));
  const come = [...participants.keys()].filter((id) => !known.has(id));
  return come.length === 0 && stay.length === before.length ? before : [...stay, ...come];
}

export interface FirstPage {
  /** How many of the order stand on it. */
  readonly size: number;
  /** Those who have a place of their own: oneself, whom a host put in front, who is pinned. */
  readonly fixed: ReadonlySet<string>;
  /** Who spoke lately, the last first. */
  readonly recent: readonly string[];
}

/**
 * Who speaks is seen: from a later page he changes places with the one on the first page who has
 * been silent for the longest. Who is there already stays where he is.
 */
export function bringForward(order: readonly string[], speakerId: string | null, { size, fixed, recent }: FirstPage): readonly string[] {
  const from = speakerId === null ? -1 : order.indexOf(speakerId);
  if (speakerId === null || from < size || fixed.has(speakerId)) return order;
  const silence = (id: string): number => {
    const at = recent.indexOf(id);
    return at < 0 ? recent.length : at;
  };
  let to = -1;
  for (let at = 0; at < size; at += 1) {
    const id = order[at];
    if (id === undefined || fixed.has(id)) continue;
    // Of equals the last one: the top of the page stays the calmest.
    if (to < 0 || silence(id) >= silence(order[to] ?? '')) to = at;
  }
  const leaves = order[to];
  if (leaves === undefined) return order;
  const next = [...order];
  next[to] = speakerId;
  next[from] = leaves;
  return next;
}

function shownKey(participantId: string, source: causeway.Source): string {
  return `${participantId}:${source}`;
}

function shown(participant: ParticipantState, source: causeway.Source): Shown {
  return { key: shownKey(participant.id, source), participant, source };
}
