/** What summaries need of the rest of the house, and what they tell it. */
import type { Principal } from '../../platform/principal.js';
import type { Recording } from '../recording.js';

export interface ChatLine {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly at: Date;
  readonly text: string;
}

export interface PollOutcome {
  readonly id: string;
  /** Who asked. */
  readonly personId: string;
  readonly name: string;
  readonly at: Date;
  readonly question: string;
  readonly options: readonly { readonly text: string; readonly votes: number }[];
}

/** What was written in the meeting's conversation between the recording's start and its stop, without what was recalled. */
export type ChatOf = (recording: Recording) => Promise<{ readonly messages: readonly ChatLine[]; readonly polls: readonly PollOutcome[] }>;

/** Where a message stands. */
export interface PostedAt {
  readonly conversationId: string;
  readonly number: number;
}

/** Puts a text into the meeting's conversation, in the name of who reviewed it. */
export type PostSummary = (
  recording: Recording,
  post: {
    readonly by: Principal;
    /** Markdown; what people and models wrote in it is escaped. */
    readonly text: string;
    /** A UUID, the same for the same version: posting it twice says it once. */
    readonly clientId: string;
  },
) => Promise<PostedAt>;

/**
 * On the server's own authority: another text in the place of one that nobody may read any more, null for a
 * tombstone, also where it was forwarded to. `keeps`: what it was stays in the log, for who may export it;
 * otherwise the log forgets the texts before. Again is harmless.
 */
export type CorrectPost = (
  at: PostedAt & { readonly orgId: string },
  text: string | null,
  keeps: boolean,
) => Promise<'rewritten' | 'recalled' | 'gone'>;

export interface ConfirmedAction {
  readonly orgId: string;
  readonly id: string;
  readonly recordingId: string;
  readonly meetingId: string;
  readonly conversationId: string;
  readonly recordingTitle: string;
  readonly what: string;
  readonly note: string;
  readonly assigneeId: string | null;
  /** YYYY-MM-DD */
  readonly dueOn: string | null;
  readonly confirmedBy: string | null;
  /** Grows when something of it changes that its assignee is to know. */
  readonly revision: number;
}

/**
 * Tells somebody that there is something for him to do, and says where; null: nowhere. Called again when it
 * threw, so it may be called twice for one revision.
 */
export type NotifyAssignee = (personId: string, action: ConfirmedAction) => Promise<PostedAt | null>;

export interface SummaryEvents {
  /** Confirmed, or changed since. At least once for each revision, on one node; for a service of tasks. */
  'action.confirmed': [action: ConfirmedAction];
}
