/** What the page knows of chat, and how it is read. */
import type { ChatHead, ChatMessage, PresenceStatus, UrgentMessage } from './chat-model';
import type { ConversationLog, Pending } from './conversation-log';
import type { RpcError } from './rpc-error';
import { Store } from './store';

export interface Typist {
  readonly id: string;
  readonly name: string;
  readonly thread: number;
  readonly until: number;
}

export interface ChatState {
  /** `waiting`: there is no connection now; it comes back by itself. */
  readonly connection: 'connecting' | 'open' | 'waiting' | 'closed';
  /** The list is here, from the server or from this device. */
  readonly listed: boolean;
  /** The list is as the server has it. */
  readonly synced: boolean;
  readonly error: RpcError | null;
  readonly heads: ReadonlyMap<string, ChatHead>;
  readonly logs: ReadonlyMap<string, ConversationLog>;
  /** Why a conversation could not be opened. */
  readonly troubles: ReadonlyMap<string, RpcError>;
  readonly pending: ReadonlyMap<string, readonly Pending[]>;
  readonly drafts: ReadonlyMap<string, string>;
  readonly typing: ReadonlyMap<string, readonly Typist[]>;
  /** How far others have read, by conversation and person, since this page listens. */
  readonly reads: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly presence: ReadonlyMap<string, PresenceStatus>;
  readonly urgent: readonly UrgentMessage[];
  /** How often the server said that there are other news of recordings. */
  readonly recordingNewsChanges: number;
}

export class ChatStore extends Store<ChatState> {
  constructor() {
    super({
      connection: 'connecting',
      listed: false,
      synced: false,
      error: null,
      heads: new Map(),
      logs: new Map(),
      troubles: new Map(),
      pending: new Map(),
      drafts: new Map(),
      typing: new Map(),
      reads: new Map(),
      presence: new Map(),
      urgent: [],
      recordingNewsChanges: 0,
    });
  }
}

/** The latest first. */
export function listed(heads: ReadonlyMap<string, ChatHead>): readonly ChatHead[] {
  return [...heads.values()].sort((a, b) => lastActivity(b) - lastActivity(a) || (a.id < b.id ? 1 : -1));
}

export function lastActivity({ lastMessage, createdAt }: ChatHead): number {
  return lastMessage?.sentAt ?? createdAt;
}

/** The head after an event: what it newly shows in the list. */
export function headAfter(head: ChatHead, number: number, message: ChatMessage | null, myId: string): ChatHead {
  const latest = Math.max(head.latest, number);
  if (!message) return latest === head.latest ? head : { ...head, latest };
  if (message.changed > message.number || number <= head.latest) {
    const isLast = head.lastMessage?.number === message.number && message.changed >= head.lastMessage.changed;
    return { ...head, latest, lastMessage: isLast ? message : head.lastMessage };
  }
  const lastMessage = message.kind === 'system' || message.thread > 0 ? head.lastMessage : message;
  const isUnread = message.senderId !== myId && message.kind !== 'system' && message.number > head.readNumber && message.thread === 0;
  const isMention = isUnread && (message.mentionsAll || message.mentions.includes(myId));
  return {
    ...head,
    latest,
    lastMessage,
    unread: head.unread + (isUnread ? 1 : 0),
    unreadMentions: head.unreadMentions + (isMention ? 1 : 0),
  };
}
