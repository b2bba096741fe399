import { type DragEvent, type KeyboardEvent, useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import type { ChatHead, ChatMessage } from '@/core';
import { Banner, cx, EmptyState } from '@/design';
import { useChat } from './chat-context';
import { Composer, type ComposerHandle } from './composer';
import { ConversationHeader } from './conversation-header';
import { ConversationScope } from './conversation-scope';
import styles from './conversation-view.module.css';
import { InfoPanel } from './info-panel';
import { ConnectionLine, MessageList, type MessageListHandle } from './message-list';
import { PinsPanel } from './pins-panel';
import { PollDialog } from './poll-dialog';
import { ScheduleDialog, type ScheduleDraft } from './schedule-dialog';
import { ThreadPanel } from './thread-panel';
import { TypingLine } from './typing-line';

export interface ConversationViewProps {
  readonly head: ChatHead;
  /** The message that the address points to. */
  readonly at: number | null;
}

/** A conversation: its head, its messages, the field, and at the right what one looks into. */
export function ConversationView({ head, at }: ConversationViewProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [dialog, setDialog] = useState<'poll' | ScheduleDraft | null>(null);
  const [dropping, setDropping] = useState(false);
  const { id } = head;
  const thread = numberIn(search.get('thread'));
  const panel = search.get('panel');

  const goTo = useCallback(
    async (number: number): Promise<void> => {
      const found = await client.goTo(id, number);
      if (found !== null) await navigate({ pathname: `/chat/${id}/${found}`, search: location.search });
    },
    [client, id, navigate],
  );
  const goToDay = useCallback(
    async (at: number): Promise<void> => {
      const found = await client.goToTime(id, at);
      if (found !== null) await navigate(`/chat/${id}/${found}`);
    },
    [client, id, navigate],
  );
  const toNewest = useCallback((): void => {
    if (at !== null) void navigate(`/chat/${id}`, { replace: true });
    else list.current?.toNewest();
  }, [at, id, navigate]);
  const setPlace = useCallback((place: Record<string, string>): void => setSearch(place, { replace: true }), [setSearch]);
  const openThread = useCallback((message: ChatMessage): void => setPlace({ thread: String(message.number) }), [setPlace]);
  const closePanel = useCallback((): void => {
    setPlace({});
    composer.current?.focus();
  }, [setPlace]);
  const onGoTo = useCallback((number: number): void => void goTo(number), [goTo]);

  const keyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.defaultPrevented && (thread !== null || panel !== null)) closePanel();
  };
  const drag = {
    onDragOver: (event: DragEvent) => {
      if (!head.canPost || !event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      setDropping(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)) return;
      setDropping(false);
    },
    onDrop: (event: DragEvent) => {
      setDropping(false);
      if (!head.canPost || event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      composer.current?.attach([...event.dataTransfer.files]);
    },
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what is open at the right; files are dropped anywhere.
    <div className={cx(styles.view, (thread !== null || panel !== null) && styles.withPanel)} onKeyDown={keyDown}>
      <div className={styles.conversation} {...drag}>
        <ConversationHeader
          head={head}
          panel={panel}
          onPanel={(name) => setPlace(name === null ? {} : { panel: name })}
          onDay={(time) => void goToDay(time)}
        />
        <ConversationScope head={head} thread={0} highlighted={at} onGoTo={onGoTo} onThread={openThread} mayForward>
          {({ members, replyTo, endReply, editLast }) => (
            <>
              <ConnectionLine />
              <MessageList
                ref={list}
                at={at}
                onToNewest={toNewest}
                onTakeBack={(pending) => {
                  client.discard(pending.conversationId, pending.clientId);
                  composer.current?.takeBack(pending);
                }}
                empty={<EmptyState title={t('conversation.empty')}>{t('conversation.emptyWords')}</EmptyState>}
              />
              <TypingLine conversationId={id} thread={0} />
              {head.canPost ? (
                <Composer
                  ref={composer}
                  members={members}
                  replyTo={replyTo}
                  onReplyEnd={endReply}
                  onEditLast={editLast}
                  onSent={toNewest}
                  onPoll={() => setDialog('poll')}
                  onSchedule={setDialog}
                />
              ) : (
                <Banner className={styles.closed}>{head.archived ? t('conversation.archived') : t('conversation.readOnly')}</Banner>
              )}
            </>
          )}
        </ConversationScope>
        {dropping && <div className={styles.drop}>{t('file.drop')}</div>}
      </div>
      {thread !== null && <ThreadPanel key={thread} head={head} root={thread} onClose={closePanel} />}
      {thread === null && panel === 'info' && <InfoPanel head={head} onClose={closePanel} />}
      {thread === null && panel === 'pins' && <PinsPanel head={head} onGoTo={onGoTo} onClose={closePanel} />}
      {dialog === 'poll' && <PollDialog conversationId={id} onClose={() => setDialog(null)} />}
      {dialog !== null && dialog !== 'poll' && <ScheduleDialog conversationId={id} draft={dialog} onClose={() => setDialog(null)} />}
    </div>
  );
}

function numberIn(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
}
