import { useTranslation } from 'react-i18next';
import type { Typist } from '@/core';
import { localeOf } from '@/i18n';
import { useChatState } from './chat-context';
import styles from './typing-line.module.css';

const nobody: readonly Typist[] = [];

/** Its place is always there, so that nothing moves when somebody begins. */
export function TypingLine({ conversationId, thread }: { readonly conversationId: string; readonly thread: number }) {
  const { t, i18n } = useTranslation(['chat', 'common']);
  const typing = useChatState((state) => state.typing.get(conversationId) ?? nobody);
  const names = typing.filter((typist) => typist.thread === thread).map(({ name }) => name);
  const list = new Intl.ListFormat(localeOf(i18n.language), { type: 'conjunction' });
  return (
    <p className={styles.line}>
      {names.length > 0 && (
        <>
          <span className={styles.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {names.length > 3 ? t('typing.many') : t('typing.names', { names: list.format(names), count: names.length })}
        </>
      )}
    </p>
  );
}
