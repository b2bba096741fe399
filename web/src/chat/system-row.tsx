import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '@/api';
import type { ChatMessage } from '@/core';
import { localeOf, useFormat } from '@/i18n';
import { useChat } from './chat-context';
import styles from './message-list.module.css';
import { systemLine } from './system-line';

/** A line about the conversation itself; where it is about a recording, with the way to it. */
export function SystemRow({ message }: { readonly message: ChatMessage }) {
  const { t, i18n } = useTranslation(['chat', 'common']);
  const format = useFormat();
  const { client, compact } = useChat();
  const { person } = useSession();
  const words = systemLine(message, client.me.id, t, new Intl.ListFormat(localeOf(i18n.language), { type: 'conjunction' }));
  if (words === null) return null;
  const { recordingId = '', text = '' } = message.system ?? {};
  // Guests have no archive.
  const leads = recordingId !== '' && person !== null && person.role !== 'guest';
  return (
    <p className={styles.system} data-number={message.number} tabIndex={-1}>
      {words}{' '}
      {leads && (
        // Beside a meeting it opens in a page of its own: whoever follows it stays in the meeting.
        <Link to={`/archive/${recordingId}`} {...(compact && { target: '_blank', rel: 'noopener' })}>
          {t(text === 'transcript' ? 'system.openTranscript' : 'system.openRecording')}
        </Link>
      )}{' '}
      <time dateTime={new Date(message.sentAt).toISOString()}>{format.time(new Date(message.sentAt))}</time>
    </p>
  );
}
