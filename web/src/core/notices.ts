/** What just happened in the meeting, worth a message on the screen or a word to a screen reader. Pure. */
import type { MeetingState, RecordingNow } from '@server/signaling/meeting-state';
import { causeway } from '#proto';
import type { ChatMessage } from './chat-model';
import type { SentSource } from './publisher';
import type { RpcError } from './rpc-error';

export type Notice =
  | { readonly kind: 'joined' | 'left' | 'hand' | 'share' | 'lobby'; readonly name: string }
  | { readonly kind: 'chat'; readonly message: ChatMessage }
  | { readonly kind: 'muted' | 'share-stopped' | 'asked-to-unmute'; readonly by: string }
  | { readonly kind: 'hand-lowered' }
  | { readonly kind: 'role'; readonly role: causeway.Role }
  | { readonly kind: 'locked'; readonly locked: boolean }
  | {
      readonly kind: 'recording';
      readonly what: 'started' | 'paused' | 'resumed' | 'troubled' | 'stopped';
      readonly by: string;
      readonly transcript: boolean;
    }
  | { readonly kind: 'captions'; readonly on: boolean }
  /** What is talked about from now on. */
  | { readonly kind: 'agenda'; readonly title: string }
  /** `about`: what was asked for, where the same refusal means something else. */
  | { readonly kind: 'refused'; readonly error: RpcError; readonly about?: 'recording' }
  | { readonly kind: 'not-sent'; readonly source: SentSource; readonly error: RpcError };

/** What an event of the meeting, which made `now` of `before`, tells the person here. */
export function noticesOf(
  before: MeetingState,
  now: MeetingState,
  event: causeway.MeetingEvent.$Properties,
  myId: string | null,
): readonly Notice[] {
  const {
    agendaTurned,
    participantJoined,
    participantLeft,
    participantChanged,
    producerAdded,
    lockChanged,
    recordingChanged,
    captionsChanged,
  } = event;
  if (participantJoined) {
    const { id, name } = participantJoined;
    return id === myId || before.participants.has(id ?? '') ? [] : [{ kind: 'joined', name: name ?? '' }];
  }
  if (participantLeft) {
    const gone = before.participants.get(participantLeft.participantId ?? '');
    // Who steps down into the audience of a webinar is still there.
    const isOffStage = participantLeft.reason === causeway.ParticipantLeft.Reason.REASON_OFF_STAGE;
    return gone && gone.id !== myId && !isOffStage ? [{ kind: 'left', name: gone.name }] : [];
  }
  if (participantChanged) {
    const id = participantChanged.participantId ?? '';
    const was = before.participants.get(id);
    const is = now.participants.get(id);
    if (!was || !is) return [];
    const notices: Notice[] = [];
    if (was.handRaisedAt === 0 && is.handRaisedAt > 0 && id !== myId) notices.push({ kind: 'hand', name: is.name });
    if (was.handRaisedAt > 0 && is.handRaisedAt === 0 && id === myId) notices.push({ kind: 'hand-lowered' });
    if (was.role !== is.role && id === myId) notices.push({ kind: 'role', role: is.role });
    return notices;
  }
  if (producerAdded?.producer?.source === causeway.Source.SOURCE_SCREEN && producerAdded.participantId !== myId)
    return [{ kind: 'share', name: now.participants.get(producerAdded.participantId ?? '')?.name ?? '' }];
  if (lockChanged) return [{ kind: 'locked', locked: now.locked }];
  if (agendaTurned) {
    const item = now.agenda.items.find(({ id }) => id === now.agenda.currentId);
    return item ? [{ kind: 'agenda', title: item.title }] : [];
  }
  if (recordingChanged) return recordingNotices(before.recording, now.recording);
  if (captionsChanged) return before.captions.on === now.captions.on ? [] : [{ kind: 'captions', on: now.captions.on }];
  return [];
}

function recordingNotices(before: RecordingNow | null, now: RecordingNow | null): readonly Notice[] {
  const of = now ?? before;
  if (!of) return [];
  const about = {
    kind: 'recording',
    by: of.startedByName,
    transcript: of.kind === causeway.RecordingKind.RECORDING_KIND_TRANSCRIPT,
  } as const;
  if (!now) return [{ ...about, what: 'stopped' }];
  if (before?.id !== now.id) return [{ ...about, what: 'started' }];
  // Its disk is full, or too slow.
  if (now.trouble && !before.trouble) return [{ ...about, what: 'troubled' }];
  return before.paused === now.paused ? [] : [{ ...about, what: now.paused ? 'paused' : 'resumed' }];
}
