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

export function planStage(meeting: MeetingState, { view, pinned, speakerId, myId }: StageWish): StagePlan {
  const people = [...meeting.participants.values()];
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

export function shownKey(participantId: string, source: causeway.Source): string {
  return `${participantId}:${source}`;
}

function shown(participant: ParticipantState, source: causeway.Source): Shown {
  return { key: shownKey(participant.id, source), participant, source };
}
