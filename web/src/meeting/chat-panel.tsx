import { ArrowDown, RotateCcw, SendHorizontal, Trash2 } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChatMessage, myself, type Sending, useStore } from '@/core';
import { Avatar, Button, cx, EmptyState, IconButton } from '@/design';
import { localeOf } from '@/i18n';
import { type ChatGroup, chatGroups } from './chat-groups';
import styles from './chat-panel.module.css';
import { useMeeting } from './meeting-context';
import { messageParts } from './message-parts';
import { SidePanel } from './side-panel';

export function ChatPanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const chat = useStore(client.store, (state) => state.chat);
  const myPersonId = useStore(client.store, (state) => myself(state)?.personId ?? '');
  const groups = useMemo(() => chatGroups(chat?.messages ?? []), [chat?.messages]);
  const { list, atEnd, toEnd, onScroll } = useStickToEnd(chat?.messages.at(-1)?.number ?? 0, chat?.sending.length ?? 0);
  const hasEarlier = chat !== null && chat.from > chat.visibleAfter;
  const isEmpty = groups.length === 0 && (chat?.sending.length ?? 0) === 0 && !hasEarlier;

  return (
    <SidePanel title={t('chat.title')} closeLabel={t('chat.close')} onClose={onClose}>
      <div ref={list} className={styles.list} onScroll={onScroll} role="log" aria-live="off" aria-label={t('chat.title')}>
        {isEmpty && <EmptyState title={t('chat.empty')}>{t('chat.emptyWords')}</EmptyState>}
        {hasEarlier && (
          <Button variant="quiet" className={styles.earlier} onClick={() => void client.chat.fetchEarlier()}>
            {t('chat.earlier')}
          </Button>
        )}
        {groups.map((group) => (
          <Group key={group.key} group={group} mine={group.senderId === myPersonId} />
        ))}
        {chat?.sending.map((sending) => (
          <OnItsWay key={sending.clientId} sending={sending} />
        ))}
      </div>
      {!atEnd && (
        <Button className={styles.newer} icon={<ArrowDown size={18} aria-hidden="true" />} onClick={toEnd}>
          {t('chat.new')}
        </Button>
      )}
      <Composer onSent={toEnd} />
    </SidePanel>
  );
}

function Group({ group, mine }: { readonly group: ChatGroup; readonly mine: boolean }) {
  const { t, i18n } = useTranslation('meeting');
  const time = new Intl.DateTimeFormat(localeOf(i18n.language), { timeStyle: 'short' }).format(group.sentAt);
  return (
    <article className={cx(styles.group, mine && styles.mine)}>
      {!mine && <Avatar name={group.senderName} id={group.senderId} size={28} className={styles.avatar} />}
      <div className={styles.groupBody}>
        <p className={styles.by}>
          <span className={styles.sender}>{mine ? t('you') : group.senderName}</span>
          <time dateTime={new Date(group.sentAt).toISOString()}>{time}</time>
        </p>
        {group.messages.map((message) => (
          <MessageText key={message.number} message={message} />
        ))}
      </div>
    </article>
  );
}

/** Always text: what somebody writes never becomes part of the page. */
function MessageText({ message }: { readonly message: Pick<ChatMessage, 'body'> }) {
  return (
    <p className={styles.message} dir="auto">
      {messageParts(message.body).map((part, index) =>
        part.href === null ? (
          part.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a message never change places.
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        ),
      )}
    </p>
  );
}

function OnItsWay({ sending }: { readonly sending: Sending }) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const { clientId, body, refusal } = sending;
  return (
    <article className={cx(styles.group, styles.mine, refusal === null ? styles.sending : styles.refused)}>
      <div className={styles.groupBody}>
        <MessageText message={{ body }} />
        {refusal === null ? (
          <p className={styles.state}>{t('chat.sending')}</p>
        ) : (
          <div className={styles.refusal} role="alert">
            <p>{t('chat.failed', { reason: refusal })}</p>
            <Button variant="quiet" icon={<RotateCcw size={16} aria-hidden="true" />} onClick={() => client.chat.retry(clientId)}>
              {t('chat.retry')}
            </Button>
            <Button variant="danger-quiet" icon={<Trash2 size={16} aria-hidden="true" />} onClick={() => client.chat.discard(clientId)}>
              {t('chat.discard')}
            </Button>
          </div>
        )}
      </div>
    </article>
  );
}

function Composer({ onSent }: { readonly onSent: () => void }) {
  const { t } = useTranslation('meeting');
  const { client, chatCharacters } = useMeeting();
  const [body, setBody] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const tooMany = [...body.trim()].length - chatCharacters;
  const canSend = body.trim() !== '' && tooMany <= 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: it grows with what is written.
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [body]);
  useEffect(() => {
    // On a phone the keyboard would cover what there is to read.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
  }, []);

  const send = (event?: FormEvent): void => {
    event?.preventDefault();
    if (!canSend) return;
    client.chat.send(body.trim());
    setBody('');
    onSent();
  };
  const keyDown = (event: KeyboardEvent): void => {
    // Enter also takes a word of an input method; 229 is what browsers report that don't set isComposing then.
    const isComposing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
    send();
    event.preventDefault();
  };

  return (
    <form className={styles.composer} onSubmit={send}>
      <textarea
        ref={field}
        className={styles.field}
        rows={1}
        value={body}
        placeholder={t('chat.write')}
        aria-label={t('chat.write')}
        aria-describedby={tooMany > 0 ? 'chat-too-long' : undefined}
        title={t('chat.sendHint')}
        dir="auto"
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={keyDown}
      />
      <IconButton
        type="submit"
        label={t('chat.send')}
        icon={<SendHorizontal size={20} aria-hidden="true" />}
        disabled={!canSend}
        className={styles.send}
      />
      {tooMany > 0 && (
        <p id="chat-too-long" className={styles.tooLong} role="status">
          {t('chat.tooLong', { count: tooMany })}
        </p>
      )}
    </form>
  );
}

/** New messages come into view when one is at the end; who reads further up is left there. */
function useStickToEnd(lastNumber: number, sending: number) {
  const list = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const toEnd = (): void => {
    sticks.current = true;
    requestAnimationFrame(() => list.current?.scrollTo({ top: list.current.scrollHeight }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what has come.
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    if (sticks.current) element.scrollTop = element.scrollHeight;
    else setAtEnd(false);
  }, [lastNumber, sending]);
  const onScroll = (): void => {
    const element = list.current;
    if (!element) return;
    sticks.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    if (sticks.current) setAtEnd(true);
  };
  return { list, atEnd, toEnd, onScroll };
}
