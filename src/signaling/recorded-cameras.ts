/**
 * Which cameras are recorded: as many as a stage shows. Whoever is in front for all or spoke lately is
 * among them; the others in the order in which they came. One that is recorded stays while there is
 * room, so that a recording does not jump between people.
 */
import { causeway } from '#proto';
import type { MeetingState, ParticipantState } from './meeting-state.js';

export interface CameraChoice {
  readonly state: Pick<MeetingState, 'participants' | 'spotlight'>;
  readonly consents: (participant: ParticipantState) => boolean;
  /** Participants by when they spoke last, the newest first. */
  readonly spoke: readonly string[];
  /** Producers that are recorded now. */
  readonly now: ReadonlySet<string>;
  readonly limit: number;
}

export function chooseCameras({ state, consents, spoke, now, limit }: CameraChoice): string[] {
  const cameras = [...state.participants.values()].filter(consents).flatMap((participant) =>
    participant.producers
      .filter(({ id, source, paused }) => source === causeway.Source.SOURCE_CAMERA && (!paused || now.has(id)))
      .map(({ id }) => ({
        id,
        isFront: state.spotlight.includes(participant.id),
        spoke: spoke.indexOf(participant.id),
        isOn: now.has(id),
        joinedAt: participant.joinedAt,
      })),
  );
  if (cameras.length <= limit) return cameras.map(({ id }) => id);
  // Whoever spoke among the last few comes in at once; beyond these, who is on stays on.
  const lately = (index: number) => (index >= 0 && index < Math.ceil(limit / 2) ? index : limit);
  return cameras
    .sort(
      (a, b) =>
        Number(b.isFront) - Number(a.isFront) ||
        lately(a.spoke) - lately(b.spoke) ||
        Number(b.isOn) - Number(a.isOn) ||
        a.joinedAt - b.joinedAt,
    )
    .slice(0, limit)
    .map(({ id }) => id);
}
