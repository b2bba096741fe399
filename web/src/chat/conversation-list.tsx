import { AtSign, BellOff, BellRing, PencilLine, Search, SquarePen } from 'lucide-react';
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type ChatHead, isMuted, lastActivity, listed } from '@/core';
import { Banner, cx, EmptyState, IconButton, Input, Skeleton, SkeletonGroup, Tooltip } from '@/design';
import { daysBetween, localeOf, useFormat } from '@/i18n';
import { useChat, useChatState } from './chat-context';
import { ConversationFace } from './conversation-face';
import styles from './conversation-list.module.css';
import { conversationName, matches } from './conversation-name';
import { snippet } from './quote';

export interface ConversationListProps {
  readonly current: string | null;
  /** Null: the person makes none. */
  readonly onNew: (() => void) | null;
}

/** One's conversations, the latest first, found by name. */
export function ConversationList({ current, onNew }: ConversationListProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const heads = useChatState((state) => state.heads);
  const isListed = useChatState((state) => state.listed);
  const error = useChatState((state) => state.error);
  const connection = useChatState((state) => state.connection);
  const urgent = useChatState((state) => state.urgent);
  const [query, setQuery] = useState('');
  const list = useRef<HTMLUListElement>(null);
  const shown = useMemo(() => {
    const words = query.trim();
    return listed(heads).filter((head) =>
      words === ''
        ? head.kind !== 'meeting' && (!head.archived || head.id === current)
        : matches(conversationName(head, client.me.id, t), words),
    );
  }, [heads, query, current, client.me.id, t]);

  const counterparts = useMemo(
    () =>
      shown
        .slice(0, 200)
        .flatMap(({ kind, counterpart }) => (kind === 'direct' && counterpart ? [counterpart.id] : []))
        .sort()
        .join(),
    [shown],
  );
  useEffect(() => client.watch(counterparts === '' ? [] : counterparts.split(',')), [client, counterparts]);

  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('a') ?? [])];
    const at = rows.findIndex((one) => one.matches(':focus'));
    event.preventDefault();
    rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
  };

  if (!isListed)
    return error ? (
      <Banner tone="wrong" code={error.code}>
        {error.message}
      </Banner>
    ) : (
      <ConversationListComing />
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go on to the rows inside.
    <div className={styles.all} onKeyDown={move}>
      <header className={styles.header}>
        <h1 className={styles.title}>{t('title')}</h1>
        {onNew && <IconButton label={t('new.open')} icon={<SquarePen size={20} aria-hidden="true" />} onClick={onNew} />}
      </header>
      <div className={styles.search}>
        <Search size={18} aria-hidden="true" />
        <Input
          type="search"
          value={query}
          placeholder={t('list.search')}
          aria-label={t('list.search')}
          onChange={(event) => setQuery(event.target.value)}
        />
      </div>
      {connection === 'waiting' && (
        <Banner tone="attention" announce="status" className={styles.banner}>
          {t('list.offline')}
        </Banner>
      )}
      {urgent.length > 0 && (
        <ul className={styles.urgent} aria-label={t('urgent.list')}>
          {urgent.map(({ conversationId, message }) => (
            <li key={`${conversationId} ${message.number}`}>
              <Link to={`/chat/${conversationId}/${message.number}`} className={styles.urgentRow}>
                <BellRing size={18} aria-hidden="true" />
                <span className={styles.urgentWords}>
                  <strong>{message.senderName}</strong> {snippet(message, t)}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {shown.length === 0 ? (
        query.trim() === '' ? (
          <EmptyState title={t('list.empty')}>{t('list.emptyWords')}</EmptyState>
        ) : (
          <EmptyState title={t('list.none')}>{t('list.noneWords', { query: query.trim() })}</EmptyState>
        )
      ) : (
        <ul ref={list} className={styles.list} aria-label={t('list.title')}>
          {shown.map((head) => (
            <Row key={head.id} head={head} here={head.id === current} />
          ))}
        </ul>
      )}
    </div>
  );
}

const Row = memo(function Row({ head, here }: { readonly head: ChatHead; readonly here: boolean }) {
  const { t, i18n } = useTranslation(['chat', 'common']);
  const format = useFormat();
  const { client } = useChat();
  const draft = useChatState(({ drafts }) => drafts.get(head.id) ?? '');
  const name = conversationName(head, client.me.id, t);
  const muted = isMuted(head, client.now);
  const unread = head.unread;
  const time = head.lastMessage ? shortTime(new Date(lastActivity(head)), localeOf(i18n.language), format.time) : '';
  const last = head.lastMessage;
  const by = last && head.kind !== 'direct' ? (last.senderId === client.me.id ? t('you') : last.senderName) : '';
  return (
    <li>
      <Link
        to={`/chat/${head.id}`}
        className={cx(styles.row, here && styles.here, unread > 0 && !muted && styles.unread)}
        aria-current={here ? 'page' : undefined}
      >
        <ConversationFace head={head} />
        <span className={styles.words}>
          <span className={styles.top}>
            <span className={styles.name}>{name}</span>
            {muted && <BellOff size={14} aria-label={t('mute.muted')} className={styles.sign} />}
            <time className={styles.time}>{time}</time>
          </span>
          <span className={styles.bottom}>
            {draft.trim() !== '' && !here ? (
              <span className={styles.snippet}>
                <span className={styles.draft}>
                  <PencilLine size={13} aria-hidden="true" />
                  {t('list.draft')}
                </span>{' '}
                {draft}
              </span>
            ) : (
              <span className={styles.snippet}>
                {by !== '' && `${by}: `}
                {last ? snippet(last, t, 90) : t('list.nothing')}
              </span>
            )}
            {head.unreadMentions > 0 && (
              <Tooltip content={t('list.mentioned')}>
                <span className={cx(styles.count, styles.mention)} role="img" aria-label={t('list.mentioned')}>
                  <AtSign size={13} strokeWidth={2.6} aria-hidden="true" />
                </span>
              </Tooltip>
            )}
            {unread > 0 && (
              <span className={cx(styles.count, muted && styles.quiet)}>
                <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
                <span className={styles.hidden}>{t('list.unread', { count: unread })}</span>
              </span>
            )}
          </span>
        </span>
      </Link>
    </li>
  );
});

export function ConversationListComing() {
  return (
    <SkeletonGroup className={styles.coming}>
      {[44, 60, 38, 52, 66, 48, 40].map((width) => (
        <div key={width} className={styles.comingRow}>
          <Skeleton shape="circle" width={40} height={40} />
          <div className={styles.words}>
            <Skeleton width={`${width}%`} />
            <Skeleton width={`${width + 24}%`} />
          </div>
        </div>
      ))}
    </SkeletonGroup>
  );
}

/** 14:30 today, the day of the week within a week, else the date. */
function shortTime(date: Date, locale: string, time: (date: Date) => string): string {
  const days = daysBetween(date, new Date());
  if (days <= 0) return time(date);
  if (days < 7) return new Intl.DateTimeFormat(locale, { weekday: 'short' }).format(date);
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) }).format(date);
}
