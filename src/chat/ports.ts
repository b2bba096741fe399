/**
 * Where the parts of chat meet: what a message is before it is stored, who may object to it, and who
 * hears of it afterwards. Guards run in order before the log takes a message; listeners run after the
 * commit and are told at most once, so whoever must not miss anything keeps a cursor on the log.
 */
import type { Query } from '../platform/database/index.js';
import type { Principal } from '../platform/principal.js';
import type { Change, Message, PersonName, StoredAttachment } from './message.js';

/** What a guard sees of the conversation. */
export interface ConversationFace {
  readonly orgId: string;
  readonly id: string;
  readonly kind: 'direct' | 'group' | 'department' | 'announcement' | 'meeting' | 'project';
  readonly title: string;
  readonly domainId: string | null;
}

export interface AttachmentFace {
  readonly id: string;
  readonly name: string;
  /** Media type. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

/** Something that is about to be kept. */
export interface Intended {
  /** title: what a conversation is called, and is about. */
  readonly purpose: 'send' | 'edit' | 'upload' | 'title';
  readonly principal: Principal;
  readonly conversation: ConversationFace;
  /** Markdown; of a poll also its options; empty for an upload. */
  readonly text: string;
  readonly attachments: readonly AttachmentFace[];
  /** The conversation that it is forwarded from. */
  readonly forwardedFrom: ConversationFace | null;
  /** What the person answered to a warning, or to the question for a reason. */
  readonly acknowledged: boolean;
  readonly reason: string;
}

export interface Guard {
  /** @throws CausewayError when it must not be kept: CHAT_DOMAIN_REFUSED, CHAT_DLP_WARNED, CHAT_DLP_REASON, CHAT_DLP_BLOCKED */
  check(intended: Intended): Promise<void>;
}

/** Who may become a member. */
export interface MemberGuard {
  /** @throws CausewayError CHAT_DOMAIN_REFUSED */
  checkMembers(by: Principal, conversation: ConversationFace, personIds: readonly string[]): Promise<void>;
}

export interface ChatEvents {
  /** A message is durable. */
  posted: [message: Message];
  /** A message is another one. `message` as it is now. */
  changed: [message: Message, change: Change];
  /** Somebody is, or is no longer, a member. */
  members: [conversation: { orgId: string; conversationId: string }, added: readonly string[], removed: readonly string[]];
}

/** Runs in the transaction of a message, when its number is known. */
export type WithMessage = (tx: Query, message: Message) => Promise<void>;

/** Files of messages; src/chat/attachments. */
export interface AttachmentDesk {
  /** Files that the person has uploaded to the conversation and not sent yet. @throws CHAT_ATTACHMENT */
  forMessage(principal: Principal, conversationId: string, ids: readonly string[]): Promise<readonly StoredAttachment[]>;
  /** The files of a message once more, for another conversation. */
  copyForForward(principal: Principal, from: Message, conversationId: string): Promise<readonly StoredAttachment[]>;
  /** They are sent, in the transaction of the message. @throws CHAT_ATTACHMENT when another message has them already. */
  attach(tx: Query, message: Message): Promise<void>;
  /** The message is recalled, in that transaction. */
  drop(tx: Query, message: Message): Promise<void>;
}

/** Urgent messages; src/chat/notify. */
export interface UrgentDesk {
  /** `clientId`: of the message. @throws CHAT_FORBIDDEN where only admins may, CHAT_URGENT_LIMIT */
  check(
    principal: Principal,
    conversation: ConversationFace & { readonly memberCount: number },
    role: 'member' | 'admin',
    clientId: string,
  ): Promise<void>;
  /** Keeps who has to confirm, in the transaction of the message. @throws CHAT_URGENT_LIMIT */
  readonly inTransaction: WithMessage;
  confirm(principal: Principal, conversationId: string, number: number): Promise<void>;
  /** What waits for the person's confirmation, oldest first. */
  waitingFor(principal: Principal): Promise<readonly { conversationId: string; number: number }[]>;
  confirmedBy(message: Message): Promise<readonly PersonName[]>;
}
