import { useTranslation } from 'react-i18next';
import type { ReadNotice } from './notice-text';
import styles from './notice-words.module.css';

const parts = ['what', 'purpose', 'kept', 'seenBy', 'voluntary', 'contact'] as const;
export type NoticePart = (typeof parts)[number];

/** What is recorded, why, for how long, for whom, and that one is free to say no: the server's own words. */
export function NoticeWords({ notice, only = parts }: { readonly notice: ReadNotice; readonly only?: readonly NoticePart[] }) {
  const { t } = useTranslation('recording');
  return (
    <dl className={styles.parts} lang={notice.language}>
      {only.map((part) => (
        <div key={part} className={styles.part}>
          <dt>{t(`consent.${part}`)}</dt>
          <dd>{notice.text[part]}</dd>
        </div>
      ))}
    </dl>
  );
}
