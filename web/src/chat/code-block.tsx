import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/design';
import styles from './code-block.module.css';

/** Code as it was written; it scrolls for itself, so that the conversation doesn't. */
export function CodeBlock({ text, language }: { readonly text: string; readonly language: string }) {
  const { t } = useTranslation(['chat', 'common']);
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <section className={styles.scroll} tabIndex={0} aria-label={language === '' ? t('message.code') : t('message.codeIn', { language })}>
        <pre className={styles.code}>
          <code>{text}</code>
        </pre>
      </section>
      <div className={styles.copy}>
        <CopyButton text={text} label={t('message.copyCode')} iconOnly />
      </div>
    </div>
  );
}
