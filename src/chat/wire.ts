/** Chat as protobuf (proto/causeway/chat.proto). */
import { causeway } from '#proto';
import type { Head } from './heads.js';
import type { Change, Extra, Message, PersonName } from './message.js';

const { MessageKind } = causeway;
const kinds = { text: MessageKind.TEXT, poll: MessageKind.POLL, system: MessageKind.SYSTEM } as const;
/** People of a reaction that are named. */
const namedPeople = 10;

/** How a message looks to one reader; what an event carries is the same for all. */
export interface Reader {
  readonly personId: string;
  readonly names: ReadonlyMap<string, string>;
  /** The options that he chose in this poll. */
  readonly votes: readonly number[];
}

/** Without a reader: for events. */
export function messageOnWire(message: Message, reader?: Reader): causeway.ChatMessage.$Properties {
  const { extra } = message;
  return {
    conversationId: message.conversationId,
    number: message.number,
    senderId: message.senderId,
    senderName: message.senderName,
    clientId: message.clientId,
    body: message.body,
    sentAtMs: message.sentAt.getTime(),
    changed: message.changed,
    kind: kinds[message.kind],
    thread: message.thread ?? 0,
    replyTo: message.replyTo ?? 0,
    mentions: [...message.mentions],
    mentionsAll: message.mentionsAll,
    editedAtMs: message.editedAt?.getTime() ?? 0,
    recalledAtMs: message.recalledAt?.getTime() ?? 0,
    pinned: message.pinnedAt !== null,
    urgent: message.urgent,
    byApp: message.byApp,
    ...(reader && { replies: message.replies, reactions: reactionsOnWire(message, reader) }),
    ...(extra && extraOnWire(extra, reader)),
  };
}

function extraOnWire(extra: Extra, reader: Reader | undefined): causeway.ChatMessage.$Properties {
  const { attachments, poll, cards, system, forwarded } = extra;
  return {
    ...(attachments && { attachments: attachments.map((attachment) => ({ ...attachment })) }),
    ...(poll && {
      poll: {
        multiple: poll.multiple,
        anonymous: poll.anonymous,
        closed: poll.closed,
        voters: poll.voters,
        options: poll.options.map((text, index) => ({
          text,
          votes: poll.votes[index] ?? 0,
          ...(reader && { mine: reader.votes.includes(index) }),
        })),
      },
    }),
    ...(cards && { cards: cards.map((card) => ({ ...card })) }),
    ...(system && { system: { ...system, people: [...system.people] } }),
    ...(forwarded && { forwarded: { ...forwarded } }),
  };
}

function reactionsOnWire(message: Message, reader: Reader): causeway.Reaction.$Properties[] {
  return Object.entries(message.reactions).map(([emoji, people]) => ({
    emoji,
    count: people.length,
    mine: people.includes(reader.personId),
    people: people.slice(0, namedPeople).map((id) => ({ id, name: reader.names.get(id) ?? '' })),
  }));
}

/** What the topic hears of a change. `contentless`: not every member may read the message. */
export function changeOnWire(message: Message, change: Change, contentless: boolean): causeway.ChatEvent.$Properties {
  if (contentless) return { touched: message.number };
  const person: PersonName | undefined = change.actorId ? { id: change.actorId, name: change.actorName } : undefined;
  if (change.kind === 'reaction') {
    const emoji = String(change.detail?.emoji ?? '');
    return {
      reaction: {
        messageNumber: message.number,
        emoji,
        on: change.detail?.on === true,
        count: message.reactions[emoji]?.length ?? 0,
        ...(person && { person }),
      },
    };
  }
  const poll = message.extra?.poll;
  if (poll && (change.kind === 'vote' || change.kind === 'poll-closed')) {
    return { poll: { messageNumber: message.number, votes: [...poll.votes], voters: poll.voters, closed: poll.closed } };
  }
  return { message: messageOnWire(message) };
}

const { ConversationKind, MemberRole, NotifyLevel } = causeway;
const conversationKinds = {
  direct: ConversationKind.DIRECT,
  group: ConversationKind.GROUP,
  department: ConversationKind.DEPARTMENT,
  announcement: ConversationKind.ANNOUNCEMENT,
  meeting: ConversationKind.MEETING_CHAT,
  project: ConversationKind.PROJECT,
} as const;
const roles = { member: MemberRole.CONVERSATION_MEMBER, admin: MemberRole.CONVERSATION_ADMIN } as const;
const notifyLevels = { all: NotifyLevel.NOTIFY_ALL, mentions: NotifyLevel.NOTIFY_MENTIONS, nothing: NotifyLevel.NOTIFY_NOTHING } as const;

export function headOnWire(head: Head): causeway.Conversation.$Properties {
  return {
    id: head.id,
    kind: conversationKinds[head.kind],
    title: head.title,
    description: head.description,
    domainId: head.domainId ?? '',
    domainName: head.domainName,
    latest: head.latest,
    memberCount: head.memberCount,
    archived: head.archived,
    historyFromJoin: head.historyFromJoin,
    createdAtMs: head.createdAt.getTime(),
    role: roles[head.role],
    visibleAfter: head.visibleAfter,
    readNumber: head.readNumber,
    version: head.version,
    unread: head.unread,
    unreadMentions: head.unreadMentions,
    notify: notifyLevels[head.notify],
    mutedUntilMs: head.mutedUntil?.getTime() ?? 0,
    draft: head.draft,
    canPost: head.canPost,
    canManage: head.canManage,
    ...(head.counterpart && { counterpart: { ...head.counterpart } }),
    ...(head.lastMessage && { lastMessage: messageOnWire(head.lastMessage) }),
  };
}
