import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, MessagesSquare } from 'lucide-react';
import {
  type Key,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { type ChatMessage, type Pending, type Span, spanAt, tail } from '@/core';
import { Banner, Button, EmptyState, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { useChat, useChatState } from './chat-context';
import { useConversation } from './conversation-context';
import { MessageItem } from './message-item';
import styles from './message-list.module.css';
import { type MessageRow, messageRows, rowOf } from './message-rows';
import { PendingItem } from './pending-item';
import { ReadLine } from './read-line';
import { SystemRow } from './system-row';
import { usePageVisible } from './use-page-visible';

export interface MessageListHandle {
  readonly toNewest: () => void;
  /** Gives the focus to the last message. */
  readonly focusLast: () => void;
}

export interface MessageListProps {
  readonly ref?: RefObject<MessageListHandle | null>;
  /** The message that the address points to: the list stands around it instead of at the newest. */
  readonly at: number | null;
  readonly onToNewest: () => void;
  readonly onTakeBack: (pending: Pending) => void;
  readonly empty?: ReactNode;
}

const none: readonly Pending[] = [];
const noMessages: readonly ChatMessage[] = [];
/** Further pages are fetched when fewer rows than this are left before the edge. */
const ahead = 20;
/** So far from it one is at the end. */
const nearEnd = 60;
const settleMs = 250;

/** The messages of a conversation. As many as there may be: only those that are seen are on the page. */
export function MessageList({ ref, at, onToNewest, onTakeBack, empty }: MessageListProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id, head } = useConversation();
  const log = useChatState(({ logs }) => logs.get(id) ?? null);
  const pending = useChatState((state) => state.pending.get(id) ?? none);
  const trouble = useChatState(({ troubles }) => troubles.get(id) ?? null);
  const connection = useChatState((state) => state.connection);
  // From the first answer of the server on, there is something to put messages into.
  const isThere = log !== null;
  const newest = log && tail(log);
  // An address may point to a message that is far away: until it is here there is nothing to show of its surroundings.
  const [missing, setMissing] = useState<number | null>(null);
  const around = log && at !== null ? spanAt(log, at) : null;
  const span: Span | null = at !== null && missing !== at ? around : newest;
  // Before the first messages are here, what waits to be sent stands alone.
  const isNewest = span === newest && (span !== null || at === null);
  const shownPending = useMemo(() => (isNewest ? pending.filter((one) => one.thread === 0) : none), [isNewest, pending]);
  const newAfter = useNewAfter(id, head.readNumber, head.unread);
  const messages = span?.messages ?? noMessages;
  const myId = client.me.id;
  const rows = useMemo(() => messageRows({ messages, pending: shownPending, myId, newAfter }), [messages, shownPending, myId, newAfter]);

  // The newest are wanted first; asked for again when the network is back.
  useEffect(() => {
    if (connection === 'open' && isThere && !newest && trouble === null) void client.open(id);
  }, [client, id, isThere, newest, connection, trouble]);

  useEffect(() => {
    if (connection !== 'open' || at === null || around || trouble !== null || !isThere) return;
    let current = true;
    void client.goTo(id, at).then((found) => {
      if (current && found === null) setMissing(at);
    });
    return () => {
      current = false;
    };
  }, [client, id, at, around, connection, trouble, isThere]);

  if (trouble && !span) {
    return (
      <div className={styles.place}>
        <EmptyState
          tone="wrong"
          icon={<MessagesSquare size={24} aria-hidden="true" />}
          title={t('common:state.wrong')}
          code={trouble.code}
          action={<Button onClick={() => client.retryOpen(id)}>{t('common:action.tryAgain')}</Button>}
          announce="alert"
        >
          {trouble.message}
        </EmptyState>
      </div>
    );
  }
  if (!span && (at !== null || rows.length === 0)) return <Coming />;
  if (rows.length === 0) return <div className={styles.place}>{empty}</div>;
  return <Rows key={`${id} ${at === null ? '' : (span?.from ?? '')}`} {...{ ref, rows, span, isNewest, at, onToNewest, onTakeBack }} />;
}

/** What is kept in its place: a row, and how far the list is scrolled into it. */
interface Place {
  /** Null where the rows of this place are not drawn yet. */
  readonly key: Key | null;
  readonly within: number;
  readonly top: number;
  readonly isEnd: boolean;
}

interface RowsProps {
  readonly ref?: RefObject<MessageListHandle | null> | undefined;
  readonly rows: readonly MessageRow[];
  readonly span: Span | null;
  readonly isNewest: boolean;
  readonly at: number | null;
  readonly onToNewest: () => void;
  readonly onTakeBack: (pending: Pending) => void;
}

function Rows({ ref, rows, span, isNewest, at, onToNewest, onTakeBack }: RowsProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { client, compact } = useChat();
  const { id, head } = useConversation();
  const lastOwn = useMemo(
    () => (isNewest ? (span?.messages.findLast(({ senderId, kind }) => senderId === client.me.id && kind !== 'system') ?? null) : null),
    [isNewest, span, client.me.id],
  );
  const scroll = useRef<HTMLDivElement>(null);
  const shownRows = useRef(rows);
  const visible = usePageVisible();
  const [atEnd, setAtEnd] = useState(at === null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 8,
    paddingStart: 12,
    paddingEnd: 12,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;

  // Rows come before, after and in between, and their heights are known only when they are there. What is
  // read stays where it is: the first row in sight keeps its place, or the end does when one is at it.
  const place = useRef<Place | null>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const scrollTo = useCallback(
    (top: number): void => {
      const element = scroll.current;
      if (!element || Math.abs(element.scrollTop - top) < 1) return;
      element.scrollTop = top;
      // Not by its event, which comes a frame later: rows of the old place would be drawn until then.
      virtual.scrollOffset = element.scrollTop;
      redraw();
    },
    [virtual],
  );
  const look = useCallback((): void => {
    const element = scroll.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const row = virtual.getVirtualItems().find((item) => item.end > scrollTop);
    const before = place.current;
    // Rows that turn out higher push the end away; only who scrolls up has left it.
    const isPushed = before?.isEnd === true && scrollTop >= before.top;
    const isEnd = isNewest && (isPushed || scrollHeight - scrollTop - clientHeight < nearEnd);
    place.current = { key: row?.key ?? null, within: row ? scrollTop - row.start : 0, top: scrollTop, isEnd };
    setAtEnd(isEnd);
  }, [isNewest, virtual]);
  const toEnd = useCallback((): void => {
    if (place.current) place.current = { ...place.current, isEnd: true };
    scrollTo(scroll.current?.scrollHeight ?? 0);
    look();
  }, [scrollTo, look]);

  // Where the list begins: at the message of the address, at the first unread one, or at the end.
  const [begins] = useState(() => (at !== null ? rowOf(rows, at) : rows.findIndex(({ kind }) => kind === 'new')));
  const begun = useRef(false);
  const size = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what has come and how high it is.
  useLayoutEffect(() => {
    if (!begun.current) {
      begun.current = true;
      if (at !== null) virtual.scrollToIndex(begins, { align: 'center' });
      else if (begins > 0) virtual.scrollToIndex(begins, { align: 'start' });
      else toEnd();
      return;
    }
    const before = place.current;
    if (before?.isEnd) toEnd();
    else if (before && rows !== shownRows.current) {
      const index = rows.findIndex(({ key }) => key === before.key);
      const start = index < 0 ? undefined : virtual.getOffsetForIndex(index, 'start')?.[0];
      if (start !== undefined) scrollTo(start + before.within);
    }
    shownRows.current = rows;
  }, [rows, size]);

  // A keyboard that comes up, or a field that grows, takes room from below, and rows that are measured get
  // theirs only after the effect above has run: the end stays in sight.
  useEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const watch = new ResizeObserver(() => {
      if (place.current?.isEnd) toEnd();
    });
    watch.observe(element);
    if (element.firstElementChild) watch.observe(element.firstElementChild);
    return () => watch.disconnect();
  }, [toEnd]);

  // Further pages are for whoever scrolls: while the list still finds its place, its first rows are there for a moment only.
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), settleMs);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!span || !settled) return;
    if (first < ahead) void client.older(id, span.from);
    if (last > rows.length - ahead && !isNewest) void client.newer(id, span.to);
  }, [client, id, span, settled, first, last, rows.length, isNewest]);

  // One's own words are always in view.
  const lastPending = rows.at(-1)?.kind === 'pending' ? rows.at(-1)?.key : undefined;
  useEffect(() => {
    if (lastPending !== undefined) toEnd();
  }, [lastPending, toEnd]);

  // Read is what stood before somebody's eyes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what comes is read too.
  useEffect(() => {
    if (visible && atEnd && isNewest) client.markRead(id);
  }, [client, id, visible, atEnd, isNewest, head.latest]);

  const focusRow = useCallback(
    (index: number): void => {
      const number = numberOf(rows[index]);
      if (number === null) return;
      virtual.scrollToIndex(index, { align: 'auto' });
      requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-number="${number}"]`)?.focus({ preventScroll: true }));
    },
    [rows, virtual],
  );
  useImperativeHandle(ref, () => ({ toNewest: toEnd, focusLast: () => focusRow(nextRow(rows, rows.length, -1)) }), [toEnd, focusRow, rows]);

  const keyDown = (event: KeyboardEvent): void => {
    const article = event.target instanceof HTMLElement ? event.target.closest('[data-number]') : null;
    // Only on a message itself, not on what is inside of it.
    if (article !== event.target || !(article instanceof HTMLElement)) return;
    const index = rows.findIndex((row) => numberOf(row) === Number(article.dataset.number));
    const goals: Readonly<Record<string, number>> = {
      ArrowUp: nextRow(rows, index, -1),
      ArrowDown: nextRow(rows, index, 1),
      Home: nextRow(rows, -1, 1),
      End: nextRow(rows, rows.length, -1),
    };
    const goal = goals[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    focusRow(goal);
  };

  return (
    <div className={styles.around}>
      <div
        ref={scroll}
        className={styles.scroll}
        role="log"
        aria-live="off"
        aria-label={t('list.label')}
        onScroll={look}
        onKeyDown={keyDown}
      >
        <div className={styles.all} style={{ height: size }}>
          {items.map((item) => {
            const row = rows[item.index];
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={styles.row}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row && <Row row={row} onTakeBack={onTakeBack} />}
                {row?.kind === 'message' && row.message === lastOwn && !compact && <ReadLine message={row.message} />}
              </div>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <Button
          className={styles.newest}
          icon={<ArrowDown size={18} aria-hidden="true" />}
          onClick={() => (isNewest ? toEnd() : onToNewest())}
        >
          {head.unread > 0 ? t('list.newMessages', { count: head.unread }) : t('list.toNewest')}
        </Button>
      )}
    </div>
  );
}

function Row({ row, onTakeBack }: { readonly row: MessageRow; readonly onTakeBack: (pending: Pending) => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const format = useFormat();
  switch (row.kind) {
    case 'day':
      return (
        <p className={styles.day}>
          <span>{format.day(new Date(row.at))}</span>
        </p>
      );
    case 'new':
      return (
        <p className={styles.new}>
          <span>{t('list.new')}</span>
        </p>
      );
    case 'system':
      return <SystemRow message={row.message} />;
    case 'pending':
      return <PendingItem pending={row.pending} first={row.first} onTakeBack={onTakeBack} />;
    case 'message':
      return <MessageItem message={row.message} first={row.first} />;
  }
}

function Coming() {
  return (
    <SkeletonGroup className={styles.coming}>
      {[46, 70, 34, 58, 80, 40].map((width) => (
        <div key={width} className={styles.comingRow}>
          <Skeleton shape="circle" width={36} height={36} />
          <div className={styles.comingWords}>
            <Skeleton width={120} />
            <Skeleton width={`${width}%`} />
          </div>
        </div>
      ))}
    </SkeletonGroup>
  );
}

/** Nothing can be had now, and nothing is lost. */
export function ConnectionLine() {
  const { t } = useTranslation(['chat', 'common']);
  const connection = useChatState((state) => state.connection);
  const [late, setLate] = useState(false);
  const away = connection === 'waiting' || connection === 'connecting';
  useEffect(() => {
    if (!away) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), 2_000);
    return () => clearTimeout(timer);
  }, [away]);
  if (!late) return null;
  return (
    <Banner tone="attention" className={styles.connection} announce="status">
      {t('list.offline')}
    </Banner>
  );
}

/** Up to where it was read when it was opened: the line stays there while one reads on. */
function useNewAfter(id: string, readNumber: number, unread: number): number | null {
  const [opened, setOpened] = useState(() => ({ id, after: unread > 0 ? readNumber : null }));
  if (opened.id === id) return opened.after;
  const next = { id, after: unread > 0 ? readNumber : null };
  setOpened(next);
  return next.after;
}

function numberOf(row: MessageRow | undefined): number | null {
  return row?.kind === 'message' || row?.kind === 'system' ? row.message.number : null;
}

/** The next row with a message in this direction; where there is none, the one of now. */
function nextRow(rows: readonly MessageRow[], from: number, step: 1 | -1): number {
  for (let index = from + step; index >= 0 && index < rows.length; index += step) if (numberOf(rows[index]) !== null) return index;
  return from;
}

function estimate(row: MessageRow | undefined): number {
  if (row?.kind !== 'message') return 44;
  const { body, attachments, reactions, poll } = row.message;
  const lines = Math.max(1, Math.ceil(body.length / 80));
  return (row.first ? 34 : 4) + lines * 20 + (attachments.length > 0 ? 120 : 0) + (reactions.length > 0 ? 32 : 0) + (poll ? 180 : 0);
}
