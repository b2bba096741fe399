/** A message as it is stored, and the entries of the log that change one. */
import type { causeway } from '#proto';

export type MessageKind = 'text' | 'poll' | 'system';

export interface PersonName {
  readonly id: string;
  readonly name: string;
  /** A guest. */
  readonly external?: boolean;
  readonly app?: boolean;
}

export interface StoredAttachment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly preview: boolean;
}

export interface StoredPoll {
  readonly options: readonly string[];
  readonly votes: readonly number[];
  readonly voters: number;
  readonly multiple: boolean;
  readonly anonymous: boolean;
  readonly closed: boolean;
}

export interface StoredCard {
  readonly url: string;
  readonly title: string;
  readonly description: string;
  readonly site: string;
}

export type SystemWhat =
  | 'created'
  | 'renamed'
  | 'members-added'
  | 'member-left'
  | 'member-removed'
  | 'role-changed'
  | 'archived'
  | 'unarchived'
  | 'domain-changed'
  | 'recording-started'
  | 'recording-paused'
  | 'recording-resumed'
  | 'recording-stopped'
  | 'recording-ready'
  | 'recording-shared';

/** What happened to a conversation. */
export interface SystemLine {
  readonly what: SystemWhat;
  readonly people: readonly PersonName[];
  readonly text: string;
  /** That is ready, or shared with the members. */
  readonly recordingId?: string;
}

/** What only some messages have; the column `extra`. */
export interface Extra {
  readonly attachments?: readonly StoredAttachment[];
  readonly poll?: StoredPoll;
  readonly cards?: readonly StoredCard[];
  readonly system?: SystemLine;
  readonly forwarded?: { readonly conversationId: string; readonly number: number; readonly senderName: string; readonly sentAtMs: number };
}

export interface NewMessage {
  readonly orgId: string;
  readonly conversationId: string;
  readonly senderId: string;
  readonly senderName: string;
  /** UUID, the sender's own. */
  readonly clientId: string;
  readonly body: string;
  readonly kind?: MessageKind;
  readonly thread?: number | null;
  readonly replyTo?: number | null;
  readonly mentions?: readonly string[];
  readonly mentionsAll?: boolean;
  readonly urgent?: boolean;
  readonly byApp?: boolean;
  readonly extra?: Extra | null;
}

export interface Message extends Required<NewMessage> {
  /** From 1, its place in the log. */
  readonly number: number;
  readonly sentAt: Date;
  /** The number of the entry that changed it last. */
  readonly changed: number;
  readonly editedAt: Date | null;
  readonly recalledAt: Date | null;
  readonly pinnedAt: Date | null;
  /** Person ids by emoji, in the order in which they came. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
  /** Replies in its thread, where they were counted. */
  readonly replies: number;
}

export type ChangeKind = 'edit' | 'recall' | 'reaction' | 'pin' | 'vote' | 'poll-closed' | 'cards';

/** An entry of the log that changed a message. */
export interface Change {
  readonly number: number;
  readonly kind: ChangeKind;
  readonly actorId: string | null;
  readonly actorName: string;
  readonly at: Date;
  /** The text that it replaced. */
  readonly before: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

export const kindOnWire = { text: 1, poll: 2, system: 3 } as const satisfies Record<MessageKind, causeway.MessageKind>;
