/** Conversations and messages as the page keeps them: plain values, so that they can be compared, and stored on this device. */
import { causeway } from '#proto';

export type ConversationKind = 'direct' | 'group' | 'department' | 'announcement' | 'meeting' | 'project';
export type NotifyLevel = 'all' | 'mentions' | 'nothing';
export type MessageKind = 'text' | 'poll' | 'system';
export type PresenceStatus = 'offline' | 'online' | 'away' | 'busy';

export interface ChatPerson {
  readonly id: string;
  readonly name: string;
  readonly external: boolean;
  readonly app: boolean;
}

export interface ChatAttachment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly width: number;
  readonly height: number;
  readonly preview: boolean;
}

export interface ChatReaction {
  readonly emoji: string;
  readonly count: number;
  readonly mine: boolean;
  readonly people: readonly ChatPerson[];
}

export interface ChatPoll {
  readonly options: readonly { readonly text: string; readonly votes: number; readonly mine: boolean }[];
  readonly multiple: boolean;
  readonly anonymous: boolean;
  readonly closed: boolean;
  readonly voters: number;
}

export interface ChatCard {
  readonly url: string;
  readonly title: string;
  readonly description: string;
  readonly site: string;
}

export interface ChatMessage {
  readonly number: number;
  readonly senderId: string;
  readonly senderName: string;
  readonly clientId: string;
  readonly body: string;
  readonly sentAt: number;
  /** The number of the log's entry that changed it last. */
  readonly changed: number;
  readonly kind: MessageKind;
  /** The number of the message whose thread it stands in; 0: the conversation itself. */
  readonly thread: number;
  readonly replyTo: number;
  readonly mentions: readonly string[];
  readonly mentionsAll: boolean;
  readonly attachments: readonly ChatAttachment[];
  readonly reactions: readonly ChatReaction[];
  readonly editedAt: number;
  readonly recalledAt: number;
  /** Replies in its thread. */
  readonly replies: number;
  /** `replies` counts the replies up to this number, and those in `counted`. */
  readonly repliesAsOf: number;
  readonly counted: readonly number[];
  readonly pinned: boolean;
  readonly poll: ChatPoll | null;
  readonly cards: readonly ChatCard[];
  readonly system: {
    readonly what: string;
    readonly people: readonly ChatPerson[];
    readonly text: string;
    /** Of the recording that it is about; empty: of none. */
    readonly recordingId: string;
  } | null;
  readonly urgent: boolean;
  readonly forwarded: {
    readonly conversationId: string;
    readonly number: number;
    readonly senderName: string;
    readonly sentAt: number;
  } | null;
  readonly byApp: boolean;
}

/** A conversation in the list. */
export interface ChatHead {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly title: string;
  readonly description: string;
  readonly domainId: string;
  readonly domainName: string;
  readonly latest: number;
  readonly memberCount: number;
  readonly archived: boolean;
  readonly historyFromJoin: boolean;
  readonly createdAt: number;
  readonly admin: boolean;
  readonly visibleAfter: number;
  /** Counts what changes of one's own membership. */
  readonly version: number;
  readonly readNumber: number;
  readonly unread: number;
  readonly unreadMentions: number;
  readonly notify: NotifyLevel;
  readonly mutedUntil: number;
  readonly draft: string;
  readonly canPost: boolean;
  readonly canManage: boolean;
  readonly counterpart: ChatPerson | null;
  readonly lastMessage: ChatMessage | null;
}

/** One that waits for this person's confirmation. */
export interface UrgentMessage {
  readonly conversationId: string;
  readonly message: ChatMessage;
}

const kinds: Readonly<Record<number, ConversationKind>> = {
  1: 'direct',
  2: 'group',
  3: 'department',
  4: 'announcement',
  5: 'meeting',
  6: 'project',
};
const notifyLevels: Readonly<Record<number, NotifyLevel>> = { 1: 'all', 2: 'mentions', 3: 'nothing' };
const messageKinds: Readonly<Record<number, MessageKind>> = { 1: 'text', 2: 'poll', 3: 'system' };
const statuses: Readonly<Record<number, PresenceStatus>> = { 0: 'offline', 1: 'online', 2: 'away', 3: 'busy' };

/** `asOf`: the number of the log up to which it surely counts the replies in its thread. */
export function toMessage(given: causeway.ChatMessage.$Properties, asOf = 0): ChatMessage {
  const message = new causeway.ChatMessage(given);
  const { poll, system, forwarded } = message;
  return {
    number: message.number,
    senderId: message.senderId,
    senderName: message.senderName,
    clientId: message.clientId,
    body: message.body,
    sentAt: message.sentAtMs,
    // A server that keeps no such number writes messages and never changes them.
    changed: message.changed || message.number,
    kind: messageKinds[message.kind] ?? 'text',
    thread: message.thread,
    replyTo: message.replyTo,
    mentions: [...message.mentions],
    mentionsAll: message.mentionsAll,
    attachments: message.attachments.map(toAttachment),
    reactions: message.reactions.map(toReaction),
    editedAt: message.editedAtMs,
    recalledAt: message.recalledAtMs,
    replies: message.replies,
    repliesAsOf: asOf,
    counted: [],
    pinned: message.pinned,
    poll: poll ? toPoll(poll) : null,
    cards: message.cards.map((given) => {
      const { url, title, description, site } = new causeway.LinkCard(given);
      return { url, title, description, site };
    }),
    system: system
      ? {
          what: system.what ?? '',
          people: (system.people ?? []).map(toPerson),
          text: system.text ?? '',
          recordingId: system.recordingId ?? '',
        }
      : null,
    urgent: message.urgent,
    forwarded: forwarded
      ? {
          conversationId: forwarded.conversationId ?? '',
          number: forwarded.number ?? 0,
          senderName: forwarded.senderName ?? '',
          sentAt: forwarded.sentAtMs ?? 0,
        }
      : null,
    byApp: message.byApp,
  };
}

export function toHead(given: causeway.Conversation.$Properties): ChatHead {
  const head = new causeway.Conversation(given);
  return {
    id: head.id,
    kind: kinds[head.kind] ?? 'group',
    title: head.title,
    description: head.description,
    domainId: head.domainId,
    domainName: head.domainName,
    latest: head.latest,
    memberCount: head.memberCount,
    archived: head.archived,
    historyFromJoin: head.historyFromJoin,
    createdAt: head.createdAtMs,
    admin: head.role === causeway.MemberRole.CONVERSATION_ADMIN,
    visibleAfter: head.visibleAfter,
    version: head.version,
    readNumber: head.readNumber,
    unread: head.unread,
    unreadMentions: head.unreadMentions,
    notify: notifyLevels[head.notify] ?? 'all',
    mutedUntil: head.mutedUntilMs,
    draft: head.draft,
    canPost: head.canPost,
    canManage: head.canManage,
    counterpart: head.counterpart ? toPerson(head.counterpart) : null,
    lastMessage: head.lastMessage ? toMessage(head.lastMessage) : null,
  };
}

export function toPerson(given: causeway.ChatPerson.$Properties): ChatPerson {
  const { id, name, external, app } = new causeway.ChatPerson(given);
  return { id, name, external, app };
}

export function toStatus(status: number): PresenceStatus {
  return statuses[status] ?? 'offline';
}

function toAttachment(given: causeway.Attachment.$Properties): ChatAttachment {
  const { id, name, type, size, width, height, preview } = new causeway.Attachment(given);
  return { id, name, type, size, width, height, preview };
}

function toReaction(given: causeway.Reaction.$Properties): ChatReaction {
  const { emoji, count, mine, people } = new causeway.Reaction(given);
  return { emoji, count, mine, people: people.map(toPerson) };
}

function toPoll(given: causeway.Poll.$Properties): ChatPoll {
  const { options, multiple, anonymous, closed, voters } = new causeway.Poll(given);
  return {
    options: options.map(({ text, votes, mine }) => ({ text: text ?? '', votes: votes ?? 0, mine: mine ?? false })),
    multiple,
    anonymous,
    closed,
    voters,
  };
}
