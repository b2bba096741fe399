import { Clock3, CloudOff, Paperclip, Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Pending } from '@/core';
import { Avatar, Button, cx } from '@/design';
import { useChat, useChatState } from './chat-context';
import { DlpAnswer } from './dlp-answer';
import { MessageBody } from './message-body';
import itemStyles from './message-item.module.css';
import styles from './pending-item.module.css';
import { Quote } from './quote';

/** On its way, waiting for the network, or refused. */
export function PendingItem({
  pending,
  first,
  onTakeBack,
}: {
  readonly pending: Pending;
  readonly first: boolean;
  readonly onTakeBack: (pending: Pending) => void;
}) {
  const { t } = useTranslation(['chat', 'common']);
  const { client, compact } = useChat();
  const offline = useChatState(({ connection }) => connection !== 'open');
  const { conversationId, clientId, refusal } = pending;
  const asksDlp = refusal?.code === 'CHAT_DLP_WARNED' || refusal?.code === 'CHAT_DLP_REASON';
  return (
    <article className={cx(itemStyles.message, first && itemStyles.first, styles.pending, refusal && styles.refused)} tabIndex={-1}>
      {first ? <Avatar name={client.me.name} id={client.me.id} size={compact ? 28 : 36} className={itemStyles.avatar} /> : <span />}
      <div className={itemStyles.main}>
        {first && (
          <p className={itemStyles.by}>
            <span className={itemStyles.sender}>{client.me.name}</span>
            <span className={itemStyles.you}>{t('you')}</span>
          </p>
        )}
        {pending.replyTo > 0 && <Quote number={pending.replyTo} />}
        <div className={styles.body}>
          <MessageBody body={pending.body} />
          {pending.attachments.map(({ id, name }) => (
            <p key={id} className={styles.file}>
              <Paperclip size={14} aria-hidden="true" />
              {name}
            </p>
          ))}
        </div>
        {!refusal && (
          <p className={cx(styles.state, !offline && styles.later)}>
            {offline ? <CloudOff size={14} aria-hidden="true" /> : <Clock3 size={14} aria-hidden="true" />}
            {offline ? t('pending.offline') : t('pending.sending')}
          </p>
        )}
        {refusal && (
          <div className={styles.refusal}>
            {asksDlp ? (
              <DlpAnswer refusal={refusal} onAnswer={(answer) => client.retry(conversationId, clientId, answer)} />
            ) : (
              <p role="alert">{t('pending.refused', { reason: refusal.message })}</p>
            )}
            <div className={styles.buttons}>
              {!asksDlp && (
                <Button
                  variant="quiet"
                  icon={<RotateCcw size={16} aria-hidden="true" />}
                  onClick={() => client.retry(conversationId, clientId)}
                >
                  {t('common:action.tryAgain')}
                </Button>
              )}
              <Button variant="quiet" icon={<Pencil size={16} aria-hidden="true" />} onClick={() => onTakeBack(pending)}>
                {t('pending.edit')}
              </Button>
              <Button
                variant="danger-quiet"
                icon={<Trash2 size={16} aria-hidden="true" />}
                onClick={() => client.discard(conversationId, clientId)}
              >
                {t('pending.discard')}
              </Button>
            </div>
          </div>
        )}
      </div>
    </article>
  );
}
