import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type OutgoingWebhook } from '@/api';
import { Badge, Button, Dialog, DialogBody, FourStates } from '@/design';
import { useFormat } from '@/i18n';
import admin from '../admin.module.css';
import { adminKeys, useConversationOptions } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { useAct } from '../use-act';
import styles from './apps.module.css';

const everyMs = 5_000;

/** What waits for its next try, and what was given up, to be sent again. */
export function DeliveriesDialog({ webhook, onClose }: { readonly webhook: OutgoingWebhook; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const conversations = useConversationOptions();
  const deliveries = useInfiniteQuery({
    queryKey: adminKeys.deliveries(webhook.id),
    queryFn: ({ pageParam, signal }) =>
      api.admin.outgoing.deliveries(webhook.id, { limit: 50, ...(pageParam !== null && { after: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    select: ({ pages }) => ({ waiting: pages[0]?.waiting ?? [], deadLetters: pages.flatMap((page) => page.deadLetters) }),
    refetchInterval: everyMs,
  });
  const replay = useAct((ids: readonly string[] | undefined) => api.admin.outgoing.replay(webhook.id, ids), {
    refresh: adminKeys.outgoing,
    done: t('outgoing.replaying'),
  });
  const nameOf = (id: string): string => conversations.find((conversation) => conversation.id === id)?.name ?? t('conversation.other');
  return (
    <Dialog
      open
      size="wide"
      onOpenChange={(open) => !open && onClose()}
      title={t('outgoing.deliveriesOf', { name: webhook.name })}
      description={t('outgoing.deliveriesWords')}
    >
      <DialogBody>
        <FourStates
          answer={deliveries}
          busy={<BusyRows />}
          isEmpty={({ waiting, deadLetters }) => waiting.length + deadLetters.length === 0}
          empty={<p className={admin.none}>{t('outgoing.allDelivered')}</p>}
        >
          {({ waiting, deadLetters }) => (
            <>
              {waiting.length > 0 && (
                <section>
                  <h3>{t('outgoing.waiting')}</h3>
                  <ul className={styles.letters}>
                    {waiting.map((one) => (
                      <li key={one.conversationId} className={styles.letter}>
                        <div className={admin.words}>
                          <p>{nameOf(one.conversationId)}</p>
                          <p className={admin.small}>
                            {t('outgoing.behind', { count: one.latest - one.number })}
                            {one.tries > 0 && ` · ${t('outgoing.tries', { count: one.tries })}`}
                            {one.nextTryAt && ` · ${t('outgoing.nextTry', { time: format.moment(new Date(one.nextTryAt)) })}`}
                          </p>
                          {one.error && <p className={admin.small}>{one.error}</p>}
                        </div>
                      </li>
                    ))}
                  </ul>
                </section>
              )}
              {deadLetters.length > 0 && (
                <section>
                  <div className={admin.legend}>
                    <h3>{t('outgoing.dead')}</h3>
                    <Button busy={replay.busy} onClick={() => replay.run(undefined)}>
                      {t('outgoing.replayAll')}
                    </Button>
                  </div>
                  <ul className={styles.letters}>
                    {deadLetters.map((letter) => (
                      <li key={letter.id} className={styles.letter}>
                        <div className={admin.words}>
                          <p>
                            {nameOf(letter.conversationId)} #{letter.number} <span className={admin.code}>{letter.event}</span>
                          </p>
                          <p className={admin.small}>
                            {format.moment(new Date(letter.parkedAt))} · {t('outgoing.tries', { count: letter.tries })}
                            {letter.status !== null && ` · HTTP ${letter.status}`} · {letter.error}
                          </p>
                          {letter.answer !== '' && <p className={`${admin.small} ${admin.code}`}>{letter.answer}</p>}
                        </div>
                        {letter.replaying ? (
                          <Badge tone="harbour">{t('outgoing.replayingOne')}</Badge>
                        ) : (
                          <Button onClick={() => replay.run([letter.id])}>{t('outgoing.replay')}</Button>
                        )}
                      </li>
                    ))}
                  </ul>
                  {deliveries.hasNextPage && (
                    <div className={admin.more}>
                      <Button busy={deliveries.isFetchingNextPage} onClick={() => deliveries.fetchNextPage()}>
                        {t('list.more')}
                      </Button>
                    </div>
                  )}
                </section>
              )}
            </>
          )}
        </FourStates>
      </DialogBody>
    </Dialog>
  );
}
