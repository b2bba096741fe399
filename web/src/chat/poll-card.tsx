import { Check, CheckCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage, ChatPoll } from '@/core';
import { Badge, Button, cx } from '@/design';
import { useChat } from './chat-context';
import { useConversation } from './conversation-context';
import styles from './poll-card.module.css';

export function PollCard({ message, poll }: { readonly message: ChatMessage; readonly poll: ChatPoll }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id, head } = useConversation();
  const mine = poll.options.flatMap((option, index) => (option.mine ? [index] : []));
  const mayClose = !poll.closed && (message.senderId === client.me.id || head.admin);
  const choose = (index: number): void => {
    const isChosen = mine.includes(index);
    const others = poll.multiple ? mine.filter((other) => other !== index) : [];
    void client.vote(id, message.number, isChosen ? others : [...others, index]);
  };
  const most = Math.max(1, ...poll.options.map(({ votes }) => votes));
  return (
    <div className={styles.poll}>
      <ul className={styles.options}>
        {poll.options.map((option, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the options of a poll never change places.
          <li key={index}>
            <button
              type="button"
              className={cx(styles.option, option.mine && styles.mine)}
              aria-pressed={option.mine}
              disabled={poll.closed}
              onClick={() => choose(index)}
            >
              <span className={styles.bar} style={{ width: `${(option.votes / most) * 100}%` }} aria-hidden="true" />
              <span className={cx(styles.tick, poll.multiple && styles.square)} aria-hidden="true">
                {option.mine && <Check size={14} strokeWidth={3} />}
              </span>
              <span className={styles.text} dir="auto">
                {option.text}
              </span>
              <span className={styles.votes}>{t('poll.votes', { count: option.votes })}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className={styles.foot}>
        <span>{t('poll.voters', { count: poll.voters })}</span>
        {poll.multiple && <span>{t('poll.multiple')}</span>}
        {poll.anonymous && <span>{t('poll.anonymous')}</span>}
        {poll.closed && <Badge>{t('poll.closed')}</Badge>}
      </p>
      {mayClose && (
        <Button
          variant="quiet"
          icon={<CheckCheck size={18} aria-hidden="true" />}
          onClick={() => void client.closePoll(id, message.number)}
        >
          {t('poll.close')}
        </Button>
      )}
    </div>
  );
}
