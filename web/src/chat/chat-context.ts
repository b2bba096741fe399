/** What every part of chat needs, handed down once: on the pages of chat and beside a meeting. */
import { createContext, useContext } from 'react';
import type { ChatClient, ChatState } from '@/core';
import { useStore } from '@/core/store';

export interface ChatParts {
  readonly client: ChatClient;
  /** Characters of one message, at most. */
  readonly bodyCharacters: number;
  /** How long the server lets a sender recall a message. */
  readonly recallMs: number;
  /** Beside a meeting: narrow, and without what needs a page of its own. */
  readonly compact: boolean;
}

export const ChatContext = createContext<ChatParts | null>(null);

export function useChat(): ChatParts {
  const parts = useContext(ChatContext);
  if (!parts) throw new Error('useChat needs the ChatContext around it.');
  return parts;
}

/** The part of what is known of chat that a component shows. */
export function useChatState<Part>(select: (state: ChatState) => Part): Part {
  return useStore(useChat().client.store, select);
}
