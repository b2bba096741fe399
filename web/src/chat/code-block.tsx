import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/design';
import styles from './code-block.module.css';
import { useCodeParts } from './use-code-parts';

/** Code as it was written, coloured where its language is named; it scrolls for itself, so that the conversation doesn't. */
export function CodeBlock({ text, language }: { readonly text: string; readonly language: string }) {
  const { t } = useTranslation(['chat', 'common']);
  const parts = useCodeParts(text, language);
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <section className={styles.scroll} tabIndex={0} aria-label={language === '' ? t('message.code') : t('message.codeIn', { language })}>
        <pre className={styles.code}>
          <code>
            {parts === null
              ? text
              : parts.map((part, index) =>
                  part.colour === null ? (
                    part.text
                  ) : (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places.
                    <span key={index} className={styles[part.colour]}>
                      {part.text}
                    </span>
                  ),
                )}
          </code>
        </pre>
      </section>
      <div className={styles.copy}>
        <CopyButton text={text} label={t('message.copyCode')} iconOnly />
      </div>
    </div>
  );
}
