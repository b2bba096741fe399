import { useQuery } from '@tanstack/react-query';
import { Pin, PinOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ChatHead } from '@/core';
import { Avatar, EmptyState, FourStates, IconButton, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { useChat, useChatState } from './chat-context';
import styles from './pins-panel.module.css';
import { snippet } from './quote';
import { SidePanel } from './side-panel';

export function PinsPanel({
  head,
  onGoTo,
  onClose,
}: {
  readonly head: ChatHead;
  readonly onGoTo: (number: number) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(['chat', 'common']);
  const format = useFormat();
  const { client } = useChat();
  // Each entry of the log may have pinned something.
  const cursor = useChatState(({ logs }) => logs.get(head.id)?.cursor ?? 0);
  const pins = useQuery({
    queryKey: ['chat', head.id, 'pins', cursor],
    queryFn: () => client.pins(head.id),
    gcTime: 0,
    retry: false,
    placeholderData: (before) => before,
  });
  return (
    <SidePanel title={t('pins.title')} onClose={onClose}>
      <div className={styles.list}>
        <FourStates
          answer={pins}
          busy={
            <SkeletonGroup className={styles.coming}>
              <Skeleton width="60%" />
              <Skeleton width="80%" />
            </SkeletonGroup>
          }
          isEmpty={(list) => list.length === 0}
          empty={
            <EmptyState icon={<Pin size={24} aria-hidden="true" />} title={t('pins.empty')}>
              {t('pins.emptyWords')}
            </EmptyState>
          }
        >
          {(list) => (
            <ul>
              {list.map((message) => (
                <li key={message.number} className={styles.pin}>
                  <button type="button" className={styles.message} onClick={() => onGoTo(message.number)}>
                    <Avatar name={message.senderName} id={message.senderId} size={28} />
                    <span className={styles.words}>
                      <span className={styles.by}>
                        <strong>{message.senderName}</strong> <time>{format.moment(new Date(message.sentAt))}</time>
                      </span>
                      <span className={styles.text}>{snippet(message, t, 240)}</span>
                    </span>
                  </button>
                  <IconButton
                    label={t('message.unpin')}
                    icon={<PinOff size={18} aria-hidden="true" />}
                    onClick={() => void client.pin(head.id, message.number, false)}
                  />
                </li>
              ))}
            </ul>
          )}
        </FourStates>
      </div>
    </SidePanel>
  );
}
