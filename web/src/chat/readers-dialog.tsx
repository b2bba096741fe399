import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage, ChatPerson } from '@/core';
import { Avatar, Dialog, DialogBody, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useChat } from './chat-context';
import { useConversation } from './conversation-context';
import styles from './people-rows.module.css';

/** Who has read a message and who hasn't; of an urgent one, who has confirmed it. */
export function ReadersDialog({ message, onClose }: { readonly message: ChatMessage; readonly onClose: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id } = useConversation();
  const answer = useQuery({
    queryKey: ['chat', id, 'readers', message.number],
    queryFn: () => client.readers(id, message.number),
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={message.urgent ? t('urgent.who') : t('readers.title')}>
      <DialogBody>
        <FourStates
          answer={answer}
          busy={
            <SkeletonGroup>
              <Skeleton width="50%" />
              <Skeleton width="40%" />
              <Skeleton width="60%" />
            </SkeletonGroup>
          }
        >
          {({ read, unread, confirmed }) => {
            const isConfirmed = new Set(confirmed.map((person) => person.id));
            const waiting = message.urgent
              ? [...read, ...unread].filter((person) => !isConfirmed.has(person.id) && person.id !== message.senderId)
              : unread;
            return (
              <>
                <People
                  title={message.urgent ? t('urgent.confirmed', { count: confirmed.length }) : t('readers.read', { count: read.length })}
                  people={message.urgent ? confirmed : read}
                  done
                />
                <People
                  title={message.urgent ? t('urgent.waiting', { count: waiting.length }) : t('readers.unread', { count: unread.length })}
                  people={waiting}
                />
              </>
            );
          }}
        </FourStates>
      </DialogBody>
    </Dialog>
  );
}

function People({
  title,
  people,
  done = false,
}: {
  readonly title: string;
  readonly people: readonly ChatPerson[];
  readonly done?: boolean;
}) {
  return (
    <section>
      <h3 className={styles.heading}>{title}</h3>
      <ul className={styles.rows}>
        {people.map((person) => (
          <li key={person.id} className={styles.row}>
            <Avatar name={person.name} id={person.id} size={28} />
            <span className={styles.name}>{person.name}</span>
            {done && <Check size={18} className={styles.done} aria-hidden="true" />}
          </li>
        ))}
      </ul>
    </section>
  );
}
