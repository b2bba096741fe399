import { BellRing, CornerUpLeft, Forward, MessageSquareText, Pencil, Pin } from 'lucide-react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { Avatar, Badge, cx, IconButton } from '@/design';
import { useFormat } from '@/i18n';
import { Attachments } from './attachments';
import { useChat } from './chat-context';
import { useConversation } from './conversation-context';
import { everybody } from './mentions';
import { MessageBody } from './message-body';
import { MessageEditor } from './message-editor';
import styles from './message-item.module.css';
import { MessageMenu } from './message-menu';
import { PollCard } from './poll-card';
import { Quote } from './quote';
import { ReactButton, Reactions } from './reactions';
import { UrgentLine } from './urgent-line';

export interface MessageItemProps {
  readonly message: ChatMessage;
  /** Begins with the name and the time; else it goes on under those of the message above. */
  readonly first: boolean;
}

export const MessageItem = memo(function MessageItem({ message, first }: MessageItemProps) {
  const { t } = useTranslation(['chat', 'common']);
  const format = useFormat();
  const { client, compact } = useChat();
  const { names, editing, highlighted, thread } = useConversation();
  const [menuOpen, setMenuOpen] = useState(false);
  const isMine = message.senderId === client.me.id;
  const isRecalled = message.recalledAt > 0;
  const isRoot = thread > 0 && message.number === thread;
  const sentAt = new Date(message.sentAt);
  const time = format.time(sentAt);
  const isForMe = !isMine && (message.mentionsAll || message.mentions.includes(client.me.id));
  return (
    <article
      className={cx(
        styles.message,
        first && styles.first,
        isForMe && !isRecalled && styles.forMe,
        message.number === highlighted && styles.highlighted,
        menuOpen && styles.active,
      )}
      data-number={message.number}
      tabIndex={-1}
      aria-label={t('message.label', { name: isMine ? t('you') : message.senderName, time: format.moment(sentAt) })}
    >
      {first ? (
        <Avatar name={message.senderName} id={message.senderId} size={compact ? 28 : 36} className={styles.avatar} />
      ) : (
        <time className={styles.sideTime} dateTime={sentAt.toISOString()} aria-hidden="true">
          {time}
        </time>
      )}
      <div className={styles.main}>
        {first && (
          <p className={styles.by}>
            <span className={styles.sender}>{message.senderName}</span>
            {isMine && <span className={styles.you}>{t('you')}</span>}
            {message.byApp && <Badge>{t('message.app')}</Badge>}
            <time dateTime={sentAt.toISOString()} title={format.moment(sentAt)}>
              {time}
            </time>
            {message.pinned && <Pin size={14} aria-label={t('message.pinned')} className={styles.pin} />}
          </p>
        )}
        {message.replyTo > 0 && !isRecalled && <Quote number={message.replyTo} />}
        {message.forwarded && !isRecalled && (
          <p className={styles.forwarded}>
            <Forward size={14} aria-hidden="true" />
            {t('message.forwarded', { name: message.forwarded.senderName, time: format.moment(new Date(message.forwarded.sentAt)) })}
          </p>
        )}
        {isRecalled ? (
          <p className={styles.recalled}>{isMine ? t('message.recalledByMe') : t('message.recalled')}</p>
        ) : editing === message.number ? (
          <MessageEditor message={message} />
        ) : (
          <Content message={message} names={names} />
        )}
        {!isRecalled && <Reactions message={message} />}
        {message.replies > 0 && thread === 0 && <ThreadLine message={message} />}
      </div>
      {!isRecalled && editing !== message.number && (
        <Tools message={message} open={menuOpen} onOpenChange={setMenuOpen} isMine={isMine} isRoot={isRoot} />
      )}
    </article>
  );
});

function Content({ message, names }: { readonly message: ChatMessage; readonly names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { acts } = useConversation();
  const mentioned = [...message.mentions.flatMap((id) => names.get(id) ?? []), ...(message.mentionsAll ? everybody : [])];
  return (
    <>
      {message.urgent && (
        <p className={styles.urgent}>
          <BellRing size={14} aria-hidden="true" />
          {t('urgent.label')}
        </p>
      )}
      {message.body !== '' && (
        <div className={styles.text}>
          <MessageBody body={message.body} mentioned={mentioned} me={client.me.name} />
          {message.editedAt > 0 && (
            <button type="button" className={styles.edited} onClick={() => acts.history(message)}>
              {t('message.edited')}
            </button>
          )}
        </div>
      )}
      {message.poll && <PollCard message={message} poll={message.poll} />}
      {message.attachments.length > 0 && <Attachments message={message} />}
      {message.cards.map((card) => (
        <LinkCard key={card.url} card={card} />
      ))}
      {message.urgent && <UrgentLine message={message} />}
    </>
  );
}

function LinkCard({ card }: { readonly card: ChatMessage['cards'][number] }) {
  // The server has fetched it from the address that the person wrote; it may name another one.
  if (!/^https?:\/\//u.test(card.url)) return null;
  return (
    <a className={styles.card} href={card.url} target="_blank" rel="noopener noreferrer nofollow">
      <span className={styles.site}>{card.site || new URL(card.url).hostname}</span>
      <span className={styles.cardTitle}>{card.title}</span>
      {card.description !== '' && <span className={styles.cardWords}>{card.description}</span>}
    </a>
  );
}

function ThreadLine({ message }: { readonly message: ChatMessage }) {
  const { t } = useTranslation(['chat', 'common']);
  const { acts } = useConversation();
  const words = t('thread.replies', { count: message.replies });
  if (!acts.thread) return <p className={styles.threadWords}>{words}</p>;
  return (
    <button type="button" className={styles.thread} onClick={() => acts.thread?.(message)}>
      <MessageSquareText size={16} aria-hidden="true" />
      {words}
    </button>
  );
}

interface ToolsProps {
  readonly message: ChatMessage;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly isMine: boolean;
  readonly isRoot: boolean;
}

/** What one can do with a message: shown while it is pointed at, or has the focus. */
function Tools({ message, open, onOpenChange, isMine, isRoot }: ToolsProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { head, acts } = useConversation();
  return (
    <div className={cx(styles.tools, open && styles.toolsOpen)}>
      <ReactButton message={message} onOpenChange={onOpenChange} />
      {head.canPost && (
        <IconButton
          label={t('message.reply')}
          icon={<CornerUpLeft size={18} aria-hidden="true" />}
          className={styles.tool}
          onClick={() => acts.reply(message)}
        />
      )}
      {acts.thread && !isRoot && (
        <IconButton
          label={t('thread.open')}
          icon={<MessageSquareText size={18} aria-hidden="true" />}
          className={styles.tool}
          onClick={() => acts.thread?.(message)}
        />
      )}
      {isMine && message.kind === 'text' && message.forwarded === null && head.canPost && (
        <IconButton
          label={t('message.edit')}
          icon={<Pencil size={18} aria-hidden="true" />}
          className={styles.tool}
          onClick={() => acts.edit(message)}
        />
      )}
      <MessageMenu message={message} onOpenChange={onOpenChange} />
    </div>
  );
}
