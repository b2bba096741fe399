import { Building2, FolderKanban, Megaphone, NotebookPen, Users, Video } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ChatHead } from '@/core';
import { Avatar, cx } from '@/design';
import { useChat, useChatState } from './chat-context';
import styles from './conversation-face.module.css';

const icons = { group: Users, department: Building2, announcement: Megaphone, meeting: Video, project: FolderKanban } as const;

/** A person's letters with a sign of whether he is there, or the sign of a kind of conversation. */
export function ConversationFace({ head, size = 40 }: { readonly head: ChatHead; readonly size?: number }) {
  const { client } = useChat();
  const { counterpart } = head;
  if (head.kind === 'direct' && counterpart && counterpart.id !== client.me.id) {
    return (
      <span className={styles.face}>
        <Avatar name={counterpart.name} id={counterpart.id} size={size} />
        <PresenceDot personId={counterpart.id} className={styles.corner} />
      </span>
    );
  }
  const Icon = head.kind === 'direct' ? NotebookPen : icons[head.kind];
  return (
    <span className={styles.kind} style={{ width: size, height: size }}>
      <Icon size={Math.round(size / 2)} aria-hidden="true" />
    </span>
  );
}

/** By its shape too: full, hollow, half, a bar. */
export function PresenceDot({ personId, className }: { readonly personId: string; readonly className?: string | undefined }) {
  const { t } = useTranslation(['chat', 'common']);
  const status = useChatState(({ presence }) => presence.get(personId) ?? 'offline');
  if (status === 'offline') return null;
  return (
    <span
      className={cx(styles.dot, className)}
      data-status={status}
      role="img"
      aria-label={t(`presence.${status}`)}
      title={t(`presence.${status}`)}
    />
  );
}
