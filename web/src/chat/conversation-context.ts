/** The conversation around a message: what it is called by, and what may be done in it. */
import { createContext, useContext } from 'react';
import type { ChatHead, ChatMessage } from '@/core';

/** What a person starts on a message and goes on with elsewhere. */
export interface MessageActs {
  readonly reply: (message: ChatMessage) => void;
  readonly edit: (message: ChatMessage | null) => void;
  /** Null beside a meeting and inside a thread: there is no room for another. */
  readonly thread: ((message: ChatMessage) => void) | null;
  readonly forward: ((message: ChatMessage) => void) | null;
  readonly readers: (message: ChatMessage) => void;
  readonly history: (message: ChatMessage) => void;
  readonly goTo: (number: number) => void;
  readonly picture: (message: ChatMessage, attachmentId: string) => void;
}

export interface ConversationParts {
  readonly id: string;
  readonly head: ChatHead;
  /** The thread that is shown here; 0: the conversation itself. */
  readonly thread: number;
  /** Names of people by id, as far as they are known. */
  readonly names: ReadonlyMap<string, string>;
  readonly acts: MessageActs;
  /** The number of the message that is being changed here. */
  readonly editing: number | null;
  /** The number of the message that an address points to. */
  readonly highlighted: number | null;
}

export const ConversationContext = createContext<ConversationParts | null>(null);

export function useConversation(): ConversationParts {
  const parts = useContext(ConversationContext);
  if (!parts) throw new Error('useConversation needs the ConversationContext around it.');
  return parts;
}
