import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChatMessage, findMessage } from '@/core';
import { useChat, useChatState } from './chat-context';
import { useConversation } from './conversation-context';
import { plainText } from './markdown';
import styles from './quote.module.css';

/** The message that another one answers: who, and its first line. */
export function Quote({ number }: { readonly number: number }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id, acts } = useConversation();
  const message = useChatState(({ logs }) => {
    const log = logs.get(id);
    return log ? findMessage(log, number) : null;
  });
  useEffect(() => {
    if (!message) void client.fetchMessages(id, [number]);
  }, [client, id, message, number]);
  return (
    <button type="button" className={styles.quote} onClick={() => acts.goTo(number)} title={t('message.goToQuoted')}>
      <span className={styles.name}>{message?.senderName ?? '…'}</span>
      <span className={styles.text}>{message ? snippet(message, t) : ' '}</span>
    </button>
  );
}

export function snippet(message: ChatMessage, t: ReturnType<typeof useTranslation<['chat', 'common']>>['t'], atMost = 160): string {
  if (message.recalledAt > 0) return t('message.recalled');
  if (message.kind === 'poll') return t('message.pollSnippet', { question: plainText(message.body, atMost) });
  const text = plainText(message.body, atMost);
  if (text !== '') return text;
  const [file] = message.attachments;
  if (file) return message.attachments.length === 1 ? file.name : t('message.files', { count: message.attachments.length });
  return message.forwarded ? t('message.forwardedShort') : '';
}
