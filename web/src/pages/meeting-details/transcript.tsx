import { useInfiniteQuery } from '@tanstack/react-query';
import { MessageSquareOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, type Meeting } from '@/api';
import { Avatar, Button, EmptyState, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { keys } from '@/pages/queries';
import said from '@/pages/said.module.css';
import styles from './transcript.module.css';

const pageSize = 100;

/** What was written in the meeting, as this person may read it. */
export function Transcript({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings');
  const format = useFormat();
  const messages = useInfiniteQuery({
    queryKey: keys.messages(meeting.id),
    queryFn: ({ pageParam, signal }) => api.meetings.messages(meeting.id, { after: pageParam, limit: pageSize }, signal),
    initialPageParam: 0,
    getNextPageParam: ({ messages: page, latest }) => {
      const last = page.at(-1)?.number;
      return last !== undefined && last < latest ? last : null;
    },
    select: ({ pages }) => pages.flatMap((page) => page.messages),
    refetchInterval: meeting.status === 'live' ? 15_000 : false,
  });
  const empty = (
    <EmptyState icon={<MessageSquareOff size={24} aria-hidden="true" />} title={t('chat.empty')}>
      {t(meeting.status === 'ended' ? 'chat.emptyEnded' : 'chat.emptyWords')}
    </EmptyState>
  );
  return (
    <FourStates answer={messages} busy={<Busy />} isEmpty={(list) => list.length === 0} empty={empty}>
      {(list) => (
        <div className={styles.frame}>
          <ol className={styles.list}>
            {list.map((message, index) => {
              const follows = list[index - 1]?.senderId === message.senderId;
              const at = new Date(message.sentAt);
              return (
                <li key={message.number} className={styles.message} data-follows={follows || undefined}>
                  {follows ? <span className={styles.gap} /> : <Avatar name={message.senderName} id={message.senderId} size={32} />}
                  <div className={said.words}>
                    {!follows && (
                      <p className={said.by}>
                        <span className={said.name}>{message.senderName}</span>
                        <time dateTime={message.sentAt} title={format.moment(at)} className={said.time}>
                          {format.time(at)}
                        </time>
                      </p>
                    )}
                    <p className={styles.body}>{message.body}</p>
                  </div>
                </li>
              );
            })}
          </ol>
          {messages.hasNextPage && (
            <Button className={styles.more} busy={messages.isFetchingNextPage} onClick={() => messages.fetchNextPage()}>
              {t('more')}
            </Button>
          )}
        </div>
      )}
    </FourStates>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.frame}>
      {[48, 66, 36].map((width) => (
        <div key={width} className={styles.message}>
          <Skeleton shape="circle" width={32} height={32} />
          <div className={said.words}>
            <Skeleton width={120} />
            <Skeleton width={`${width}%`} />
          </div>
        </div>
      ))}
    </SkeletonGroup>
  );
}
