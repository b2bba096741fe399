import { SmilePlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { cx, IconButton, Tooltip } from '@/design';
import { localeOf } from '@/i18n';
import { useChat } from './chat-context';
import { useConversation } from './conversation-context';
import { EmojiPicker } from './emoji-picker';
import { Popover } from './popover';
import styles from './reactions.module.css';

export function Reactions({ message }: { readonly message: ChatMessage }) {
  const { t, i18n } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id } = useConversation();
  if (message.reactions.length === 0) return null;
  const list = new Intl.ListFormat(localeOf(i18n.language), { type: 'conjunction' });
  return (
    <ul className={styles.reactions} aria-label={t('reaction.all')}>
      {message.reactions.map(({ emoji, count, mine, people }) => {
        const names = people.map((person) => (person.id === client.me.id ? t('you') : person.name));
        if (count > names.length) names.push(t('reaction.more', { count: count - names.length }));
        const who = list.format(names);
        return (
          <li key={emoji}>
            <Tooltip content={who}>
              <button
                type="button"
                className={cx(styles.reaction, mine && styles.mine)}
                aria-pressed={mine}
                aria-label={t('reaction.of', { emoji, count, names: who })}
                onClick={() => void client.react(id, message.number, emoji, !mine)}
              >
                <span aria-hidden="true">{emoji}</span>
                <span className={styles.count}>{count}</span>
              </button>
            </Tooltip>
          </li>
        );
      })}
      <li>
        <ReactButton message={message} small />
      </li>
    </ul>
  );
}

export function ReactButton({
  message,
  small = false,
  onOpenChange,
}: {
  readonly message: ChatMessage;
  readonly small?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
}) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id } = useConversation();
  const [open, setOpen] = useState(false);
  const change = (next: boolean): void => {
    setOpen(next);
    onOpenChange?.(next);
  };
  const choose = (emoji: string): void => {
    change(false);
    const mine = message.reactions.find((reaction) => reaction.emoji === emoji)?.mine ?? false;
    void client.react(id, message.number, emoji, !mine);
  };
  return (
    <Popover
      open={open}
      onOpenChange={change}
      label={t('reaction.choose')}
      trigger={
        <IconButton
          label={t('reaction.add')}
          icon={<SmilePlus size={small ? 16 : 18} aria-hidden="true" />}
          className={cx(small ? styles.add : styles.tool)}
        />
      }
    >
      <EmojiPicker quick onChoose={choose} />
    </Popover>
  );
}
