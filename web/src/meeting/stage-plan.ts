/** Who is shown where: the gallery, or one large picture with the others beside it. Pure. */

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
  /** Large; null: gallery. */
  readonly focus: Shown | null;
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

export function planStage(meeting: MeetingState, order: readonly string[], { view, pinned, speakerId, myId }: StageWish): StagePlan {
  const people = order.flatMap((id) => meeting.participants.get(id) ?? []);
  const faces = people.map((participant) => shown(participant, Source.SOURCE_CAMERA));
  // One's own screen is not shown to oneself: it would show itself in itself.
  const screens = people
    .filter((p) => p.id !== myId && p.producers.some((q) => q.source === Source.SOURCE_SCREEN))
    .map((p) => shown(p, Source.SOURCE_SCREEN));
  const all = [...screens, ...faces];
  const focus =
    all.find((one) => one.key === pinned) ??
    screens[0] ??
    (view === 'speaker'
      ? (faces.find((one) => one.participant.id === speakerId) ?? faces.find((one) => one.participant.id !== myId))
      : undefined) ??
    null;
  return { focus, others: all.filter((one) => one.key !== focus?.key) };
}

/**
 * The order of the tiles. It stays as it is while somebody looks at it: who comes stands at the
 * end, who goes leaves no gap. Sorted anew (oneself, then those with a picture, then by arrival)
 * only when everything moves anyway, as when a page is turned.
 */
export function orderPeople(meeting: MeetingState, before: readonly string[] | null, myId: string | null): readonly string[] {
  if (before === null) {
    const rank = (p: ParticipantState): number => {
      if (p.id === myId) return 0;
      return p.producers.some((producer) => producer.source === Source.SOURCE_CAMERA && !producer.paused) ? 1 : 2;
    };
    const people = [...meeting.participants.values()];
    // The sort is stable, so that arrival decides among equals.
    return people.sort((a, b) => rank(a) - rank(b)).map((p) => p.id);
  }
  const known = new Set(before);
  const stay = before.filter((id) => meeting.participants.has(id));
  const come = [...meeting.participants.keys()].filter((id) => !known.has(id));
  return come.length === 0 && stay.length === before.length ? before : [...stay, ...come];
}

function shownKey(participantId: string, source: causeway.Source): string {
  return `${participantId}:${source}`;
}

function shown(participant: ParticipantState, source: causeway.Source): Shown {
  return { key: shownKey(participant.id, source), participant, source };
}
