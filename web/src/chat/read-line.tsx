import { useQuery } from '@tanstack/react-query';
import { CheckCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { useChat, useChatState } from './chat-context';
import { useConversation } from './conversation-context';
import styles from './read-line.module.css';

/** In larger conversations nobody is told who reads. */
const membersAtMost = 200;

/** Under what one has written last: how many have read it. */
export function ReadLine({ message }: { readonly message: ChatMessage }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id, head, acts } = useConversation();
  const others = head.memberCount - 1;
  const isTold = others > 0 && head.memberCount <= membersAtMost && message.recalledAt === 0;
  // Who had read it before this page was told of it; the rest comes as events.
  const before = useQuery({
    queryKey: ['chat', id, 'read-line', message.number],
    queryFn: () => client.readers(id, message.number),
    enabled: isTold,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const reads = useChatState((state) => state.reads.get(id));
  if (!isTold) return null;
  const readers = new Set((before.data?.read ?? []).map((person) => person.id));
  for (const [personId, number] of reads ?? []) if (number >= message.number) readers.add(personId);
  readers.delete(client.me.id);
  const count = Math.min(readers.size, others);
  if (count === 0) return null;
  return (
    <p className={styles.line}>
      <CheckCheck size={14} aria-hidden="true" />
      {head.kind === 'direct' ? (
        t('readers.seen')
      ) : (
        <button type="button" className={styles.button} onClick={() => acts.readers(message)}>
          {t('readers.of', { count, total: others })}
        </button>
      )}
    </p>
  );
}
