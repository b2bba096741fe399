import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import type { ChatMessage } from '@/core';
import { Dialog, DialogBody, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { useConversation } from './conversation-context';
import styles from './history-dialog.module.css';
import { MessageBody } from './message-body';

/** What a message said before it was changed. */
export function HistoryDialog({ message, onClose }: { readonly message: ChatMessage; readonly onClose: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const format = useFormat();
  const { id } = useConversation();
  const answer = useQuery({
    queryKey: ['chat', id, 'history', message.number, message.changed],
    queryFn: ({ signal }) => api.chat.history(id, message.number, signal),
    gcTime: 0,
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('message.history')} size="wide">
      <DialogBody>
        <FourStates
          answer={answer}
          busy={
            <SkeletonGroup>
              <Skeleton width="30%" />
              <Skeleton width="80%" />
            </SkeletonGroup>
          }
        >
          {({ changes }) => {
            const edits = changes.filter(({ before }) => before !== null);
            return (
              <ol className={styles.versions}>
                {edits.map((edit, index) => (
                  <li key={edit.number} className={styles.version}>
                    <p className={styles.when}>
                      {index === 0
                        ? t('history.written', { time: format.moment(new Date(message.sentAt)) })
                        : t('history.changed', { time: format.moment(new Date(edits[index - 1]?.at ?? edit.at)) })}
                    </p>
                    <MessageBody body={edit.before ?? ''} />
                  </li>
                ))}
                <li className={styles.version}>
                  <p className={styles.when}>{t('history.now', { time: format.moment(new Date(message.editedAt || message.sentAt)) })}</p>
                  <MessageBody body={message.body} />
                </li>
              </ol>
            );
          }}
        </FourStates>
      </DialogBody>
    </Dialog>
  );
}
