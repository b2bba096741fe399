import { MessagesSquare, SquarePen } from 'lucide-react';
import { useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useSession } from '@/api';
import { unreadInAll } from '@/core';
import { Button, ButtonLink, cx, EmptyState, Skeleton } from '@/design';
import { PageTitle } from '@/shell/page-title';
import { ChatContext, useChat, useChatState } from './chat-context';
import styles from './chat-page.module.css';
import { ConversationList, ConversationListComing } from './conversation-list';
import { conversationName } from './conversation-name';
import { ConversationView } from './conversation-view';
import { NewConversationDialog } from './new-conversation-dialog';

/** /chat and /chat/:conversationId/:messageNumber : the list and the conversation; on a phone one of them. */
export function ChatPage() {
  const { t } = useTranslation(['chat', 'common']);
  const { conversationId } = useParams();
  // The client is loaded after the shell; until then there is the shape of what comes.
  if (useContext(ChatContext)) return <Ready />;
  return (
    <div
      className={cx(styles.page, conversationId !== undefined && styles.inConversation)}
      data-full-page
      data-in-conversation={conversationId !== undefined ? '' : undefined}
    >
      <PageTitle>{t('title')}</PageTitle>
      <aside className={styles.side}>
        <ConversationListComing />
      </aside>
      <section className={styles.work}>{conversationId !== undefined && <Skeleton width="40%" className={styles.comingHead} />}</section>
    </div>
  );
}

function Ready() {
  const { t } = useTranslation(['chat', 'common']);
  const { conversationId, messageNumber } = useParams();
  const { client } = useChat();
  const { person } = useSession();
  const [making, setMaking] = useState(false);
  const head = useChatState(({ heads }) => (conversationId === undefined ? null : (heads.get(conversationId) ?? null)));
  const unread = useChatState(({ heads }) => unreadInAll(heads, client.now));
  const synced = useChatState((state) => state.synced);
  const name = head ? conversationName(head, client.me.id, t) : t('title');
  // Guests are invited; they make no conversations.
  const onNew = person?.role === 'guest' ? null : () => setMaking(true);
  const at = messageNumber !== undefined && /^\d{1,10}$/.test(messageNumber) ? Number(messageNumber) : null;
  return (
    <div
      className={cx(styles.page, conversationId !== undefined && styles.inConversation)}
      data-full-page
      data-in-conversation={conversationId !== undefined ? '' : undefined}
    >
      <PageTitle>{unread > 0 ? `(${unread}) ${name}` : name}</PageTitle>
      <aside className={styles.side} aria-label={t('list.title')}>
        <ConversationList current={conversationId ?? null} onNew={onNew} />
      </aside>
      <section className={styles.work} aria-label={name}>
        {conversationId === undefined && <Welcome onNew={onNew} />}
        {conversationId !== undefined && head && <ConversationView key={conversationId} head={head} at={at} />}
        {conversationId !== undefined && !head && synced && <Gone />}
      </section>
      {making && <NewConversationDialog onClose={() => setMaking(false)} />}
    </div>
  );
}

function Welcome({ onNew }: { readonly onNew: (() => void) | null }) {
  const { t } = useTranslation(['chat', 'common']);
  return (
    <EmptyState
      className={styles.welcome}
      icon={<MessagesSquare size={24} aria-hidden="true" />}
      title={t('welcome.title')}
      action={
        onNew && (
          <Button icon={<SquarePen size={18} aria-hidden="true" />} onClick={onNew}>
            {t('new.open')}
          </Button>
        )
      }
    >
      {t('welcome.words')}
    </EmptyState>
  );
}

function Gone() {
  const { t } = useTranslation(['chat', 'common']);
  return (
    <EmptyState
      className={styles.welcome}
      icon={<MessagesSquare size={24} aria-hidden="true" />}
      title={t('gone.title')}
      // On a phone nothing else leads away from here.
      action={<ButtonLink to="/chat">{t('header.back')}</ButtonLink>}
    >
      {t('gone.words')}
    </EmptyState>
  );
}
