import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChatHead, type ChatMessage, findMessage, type Pending } from '@/core';
import { Button, EmptyState, Skeleton, SkeletonGroup } from '@/design';
import { useChat, useChatState } from './chat-context';
import { Composer, type ComposerHandle } from './composer';
import { ConversationScope } from './conversation-scope';
import { MessageItem } from './message-item';
import { messageRows } from './message-rows';
import { PendingItem } from './pending-item';
import { SidePanel } from './side-panel';
import styles from './thread-panel.module.css';
import { TypingLine } from './typing-line';

const none: readonly ChatMessage[] = [];
const nothingPending: readonly Pending[] = [];

/** A message and the replies to it, beside the conversation. */
export function ThreadPanel({ head, root, onClose }: { readonly head: ChatHead; readonly root: number; readonly onClose: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id } = head;
  const connection = useChatState((state) => state.connection);
  const isThere = useChatState(({ logs }) => logs.has(id));
  const message = useChatState(({ logs }) => {
    const log = logs.get(id);
    return log ? findMessage(log, root) : null;
  });
  const thread = useChatState(({ logs }) => logs.get(id)?.threads.get(root) ?? null);
  const allPending = useChatState(({ pending }) => pending.get(id) ?? nothingPending);
  const replies = thread?.replies ?? none;
  const composer = useRef<ComposerHandle>(null);
  const list = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  useEffect(() => {
    if (connection === 'open' && isThere && !thread) void client.openThread(id, root);
  }, [client, id, root, isThere, thread, connection]);
  useEffect(() => () => client.closeThread(id, root), [client, id, root]);
  const pending = useMemo(() => allPending.filter((one) => one.thread === root), [allPending, root]);
  const rows = useMemo(
    () => messageRows({ messages: replies, pending, myId: client.me.id, newAfter: null }),
    [replies, pending, client.me.id],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what has come.
  useLayoutEffect(() => {
    const element = list.current;
    if (element && sticks.current) element.scrollTop = element.scrollHeight;
  }, [rows]);
  const toEnd = (): void => {
    sticks.current = true;
  };
  return (
    <SidePanel title={t('thread.title')} onClose={onClose} takesFocus={false}>
      <ConversationScope head={head} thread={root} highlighted={null} onGoTo={() => undefined} onThread={null} mayForward>
        {({ members, replyTo, endReply, editLast }) => (
          <>
            <div
              ref={list}
              className={styles.list}
              role="log"
              aria-live="off"
              aria-label={t('thread.title')}
              onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
                sticks.current = scrollHeight - scrollTop - clientHeight < 40;
              }}
            >
              {!message && !thread && (
                <SkeletonGroup className={styles.coming}>
                  <Skeleton width="40%" />
                  <Skeleton width="80%" />
                </SkeletonGroup>
              )}
              {!message && thread && <EmptyState title={t('thread.gone')} />}
              {message && <MessageItem message={message} first />}
              {message && <p className={styles.count}>{t('thread.replies', { count: message.replies })}</p>}
              {thread && thread.from > 0 && (
                <Button variant="quiet" className={styles.earlier} onClick={() => void client.openThread(id, root)}>
                  {t('thread.earlier')}
                </Button>
              )}
              {rows.map((row) =>
                row.kind === 'message' ? (
                  <MessageItem key={row.key} message={row.message} first={row.first} />
                ) : row.kind === 'pending' ? (
                  <PendingItem
                    key={row.key}
                    pending={row.pending}
                    first={row.first}
                    onTakeBack={(one) => {
                      client.discard(one.conversationId, one.clientId);
                      composer.current?.takeBack(one);
                    }}
                  />
                ) : null,
              )}
            </div>
            <TypingLine conversationId={id} thread={root} />
            {head.canPost && message && (
              <Composer
                ref={composer}
                members={members}
                replyTo={replyTo}
                onReplyEnd={endReply}
                onEditLast={editLast}
                onSent={toEnd}
                onPoll={null}
                onSchedule={null}
              />
            )}
          </>
        )}
      </ConversationScope>
    </SidePanel>
  );
}
