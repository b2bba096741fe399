/** Opens chat for the person who is signed in, and closes it with the shell. */
import { useEffect, useState } from 'react';
import { api, getAccessToken, hasCode, type Person } from '@/api';
import { currentLanguage, loadWords } from '@/i18n';
import type { ChatParts } from './chat-context';

const retryMs = 5_000;

export function useChatHost({ id, name }: Pick<Person, 'id' | 'name'>): ChatParts | null {
  const [parts, setParts] = useState<ChatParts | null>(null);
  useEffect(() => {
    let close = (): void => undefined;
    let closed = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = async (): Promise<void> => {
      try {
        const [{ openChat }, server] = await Promise.all([import('./open-chat'), api.server(), loadWords('chat')]);
        if (closed) return;
        const opened = openChat({ me: { id, name }, server, language: currentLanguage(), accessToken: tokenOrNull });
        close = opened.close;
        setParts({
          client: opened.client,
          bodyCharacters: server.chatBodyCharacters,
          recallMs: server.chatRecallMs,
          compact: false,
        });
      } catch {
        // The server is away: the pages say so, and it is tried again.
        if (!closed) timer = setTimeout(() => void open(), retryMs);
      }
    };
    void open();
    return () => {
      closed = true;
      clearTimeout(timer);
      close();
      setParts(null);
    };
  }, [id, name]);
  return parts;
}

/** Null when nobody is signed in any more; anything else that is thrown is a passing trouble. */
async function tokenOrNull(): Promise<string | null> {
  try {
    return await getAccessToken();
  } catch (error) {
    if (hasCode(error, 'AUTH_REQUIRED', 'AUTH_EXPIRED', 'AUTH_SIGNED_OUT')) return null;
    throw error;
  }
}
