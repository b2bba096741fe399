import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { VisuallyHidden } from '@/design';
import { useChat } from './chat-context';
import { snippet } from './quote';
import { concerns } from './use-page-notifications';

const collectMs = 1_500;

/** Tells screen readers of new messages: what comes within a moment in as few words as possible. */
export function MessageAnnouncer() {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const [said, setSaid] = useState('');
  useEffect(() => {
    let waiting: ChatMessage[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = client.on('message', (conversationId, message) => {
      const head = client.store.get().heads.get(conversationId);
      if (!head || !concerns(head, message, client.me.id, client.now)) return;
      waiting.push(message);
      timer ??= setTimeout(() => {
        timer = undefined;
        const [only] = waiting;
        setSaid(
          waiting.length === 1 && only
            ? t('notice.one', { name: only.senderName, text: snippet(only, t) })
            : t('notice.many', { count: waiting.length }),
        );
        waiting = [];
      }, collectMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, t]);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {said}
    </VisuallyHidden>
  );
}
