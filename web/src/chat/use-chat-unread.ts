import { useContext, useSyncExternalStore } from 'react';
import { unreadInAll } from '@/core/chat-unread';
import { ChatContext } from './chat-context';

const silent = () => () => undefined;

/** What waits in all conversations; none while chat is not loaded yet. */
export function useChatUnread(): number {
  const parts = useContext(ChatContext);
  return useSyncExternalStore(parts?.client.store.subscribe ?? silent, () =>
    parts ? unreadInAll(parts.client.store.get().heads, Date.now()) : 0,
  );
}
