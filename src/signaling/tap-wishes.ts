/**
 * What is tapped: the whole list, from who agreed and what is sent. As long as a recording is on, paused or
 * not, whoever did not agree to it is not on the list, but for captions that he himself has turned on, which
 * are written into no recording. Pure.
 */
import { causeway } from '#proto';
import type { TapWish } from '../media/index.js';
import type { MeetingState, ParticipantState } from './meeting-state.js';
import { chooseCameras } from './recorded-cameras.js';
import { toMediaSource } from './wire.js';

export interface TapView {
  readonly state: MeetingState;
  readonly orgId: string;
  /** The one that is on; null: none is. */
  readonly recording: { readonly id: string; readonly kind: 'recording' | 'transcript'; readonly isPaused: boolean } | null;
  readonly agrees: (personId: string) => boolean;
  /** Participants by when they spoke last, the newest first. */
  readonly spoke: readonly string[];
  /** Cameras that are recorded now. */
  readonly cameras: ReadonlySet<string>;
  readonly maxCameras: number;
}

const nothing = { wishes: [], cameras: new Set<string>() };

export function tapWishes(view: TapView): { wishes: readonly TapWish[]; cameras: ReadonlySet<string> } {
  const { state, orgId, recording, agrees, spoke, maxCameras } = view;
  // The usual case, and asked after every event of a meeting.
  if (recording === null && !state.captions.on) return nothing;
  const running = recording?.isPaused ? null : recording;
  const consents = ({ personId }: ParticipantState) => running !== null && agrees(personId);
  const takesMedia = running?.kind === 'recording';
  const cameras = new Set(takesMedia ? chooseCameras({ state, consents, spoke, now: view.cameras, limit: maxCameras }) : []);
  const wishes = [...state.participants.values()].flatMap((participant) => {
    const { captions } = state;
    const { personId } = participant;
    const isCaptioned =
      captions.on && !captions.optedOut.has(personId) && (recording === null || agrees(personId) || captions.optedIn.has(personId));
    const context = {
      orgId,
      meetingId: state.meetingId,
      conversationId: state.conversationId,
      recordingId: running && consents(participant) ? running.id : '',
      personId,
      personName: participant.name,
      participantId: participant.id,
      language: captions.languages.get(personId) ?? captions.language,
    };
    return participant.producers.flatMap(({ id, source }): TapWish[] => {
      const isCaptured = takesMedia && consents(participant) && (source !== causeway.Source.SOURCE_CAMERA || cameras.has(id));
      return [
        ...(isCaptured ? [{ producerId: id, purpose: 'capture' as const, context }] : []),
        ...(isCaptioned && toMediaSource(source) === 'microphone' ? [{ producerId: id, purpose: 'captions' as const, context }] : []),
      ];
    });
  });
  return { wishes, cameras };
}
