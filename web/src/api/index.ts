/** The server as the page sees it. */
import { useEffect, useSyncExternalStore } from 'react';
import { createApi, type Person } from './routes';
import { Session, type SessionState } from './session';

export type {
  App,
  AppScope,
  AuditRow,
  AuthorizeFace,
  CaptionSettings,
  DlpRule,
  DlpRuleInput,
  DlpTest,
  Domain,
  DomainRule,
  Export,
  FoundMessage,
  Guest,
  Hold,
  IncomingWebhook,
  NotificationPolicy,
  NotificationSettings,
  OutgoingWebhook,
  RecordingPolicy,
  RetentionFace,
  SearchAsk,
  SlashCommand,
  Verdict,
} from './admin-routes';
export { ApiError, hasCode } from './api-error';
export type { CommandAnswer, Conversation, ConversationInput, GuestInvitationMade, Member } from './chat-routes';
export type {
  ActionItem,
  DownloadWish,
  EvidenceKey,
  LedgerFace,
  MyRecording,
  Originals,
  Play,
  Quota,
  RecordingComment,
  RecordingDeleted,
  RecordingDetail,
  RecordingDownload,
  RecordingEdit,
  RecordingFace,
  RecordingGap,
  RecordingList,
  RecordingNews,
  RecordingNewsList,
  RecordingRetention,
  RecordingShare,
  RecordingsAsk,
  RecordingViewing,
  Review,
  ReviewMark,
  Sentence,
  ShareInput,
  ShareMade,
  Summary,
  SummaryInput,
  Transcript,
  TranscriptFormat,
  TranscriptLine,
  Visit,
} from './recording-routes';
export type {
  Agenda,
  Attendance,
  Colleague,
  Device,
  Invitation,
  InvitationFace,
  InvitationMade,
  Meeting,
  MeetingChange,
  MeetingFace,
  MeetingInput,
  Meetings,
  Messages,
  Person,
  PersonQuality,
  QualityReport,
  ServerFace,
} from './routes';
export type { SessionState } from './session';

/** One page has one person in front of it. */
export const session = new Session();
export const api = createApi({ session });

/** For the socket: a token of the guest of the open meeting, else of the account; good for 60 s at least. */
export function getAccessToken(): Promise<string> {
  return session.token('active');
}

/** A guest of one meeting, in this tab; survives a reload. */
export function signInAsGuest(code: string, name: string): Promise<Person> {
  return session.signInAsGuest(code, name);
}

export interface CurrentSession {
  /** Who is signed in; a guest only on the page of his meeting. */
  readonly person: Person | null;
  readonly loading: boolean;
  /** The server could not be asked; it is tried again by itself. */
  readonly unreachable: boolean;
  /** The account was signed out from elsewhere, or its time was over. */
  readonly ended: boolean;
}

/** With `guestOf`, the code of the meeting whose page this is, a guest of it counts as signed in. */
export function useSession({ guestOf }: { guestOf?: string | undefined } = {}): CurrentSession {
  const state: SessionState = useSyncExternalStore(session.subscribe, session.get);
  useEffect(() => {
    if (guestOf !== undefined) session.enterMeeting(guestOf);
  }, [guestOf]);
  const guest = guestOf !== undefined && state.guest?.code === guestOf ? state.guest.person : null;
  const entered = state.entered?.code === guestOf ? state.entered?.phase : 'loading';
  const phases = guestOf === undefined ? [state.phase] : [state.phase, entered];
  return {
    person: guest ?? state.account,
    loading: phases.includes('loading'),
    unreachable: phases.includes('unreachable'),
    ended: state.ended,
  };
}
