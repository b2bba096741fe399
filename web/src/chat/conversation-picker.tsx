import { Check } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listed } from '@/core';
import { cx, Field, Input } from '@/design';
import { useChat, useChatState } from './chat-context';
import { ConversationFace } from './conversation-face';
import { conversationName, matches } from './conversation-name';
import styles from './picker.module.css';

/** Some of one's conversations in which one may write. */
export function ConversationPicker({
  label,
  chosen,
  onChange,
}: {
  readonly label?: string;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const heads = useChatState((state) => state.heads);
  const [query, setQuery] = useState('');
  const found = useMemo(
    () =>
      listed(heads).filter((head) => head.canPost && head.kind !== 'meeting' && matches(conversationName(head, client.me.id, t), query)),
    [heads, query, client.me.id, t],
  );
  const toggle = (id: string): void => onChange(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  return (
    <div className={styles.picker}>
      <Field label={label ?? t('list.title')}>
        <Input type="search" autoFocus value={query} placeholder={t('list.search')} onChange={(event) => setQuery(event.target.value)} />
      </Field>
      <ul className={styles.list}>
        {found.slice(0, 100).map((head) => (
          <li key={head.id}>
            <button
              type="button"
              className={cx(styles.option, chosen.includes(head.id) && styles.chosen)}
              aria-pressed={chosen.includes(head.id)}
              onClick={() => toggle(head.id)}
            >
              <ConversationFace head={head} size={32} />
              <span className={styles.name}>{conversationName(head, client.me.id, t)}</span>
              {chosen.includes(head.id) && <Check size={18} aria-hidden="true" />}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
