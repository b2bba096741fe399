import { CircleAlert, FileText, RotateCcw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { cx, IconButton } from '@/design';
import { localeOf } from '@/i18n';
import styles from './attaching-list.module.css';
import { DlpAnswer } from './dlp-answer';
import { fileSize } from './file-size';
import type { Uploads } from './use-uploads';

export function AttachingList({ uploads }: { readonly uploads: Uploads }) {
  const { t, i18n } = useTranslation(['chat', 'common']);
  if (uploads.list.length === 0) return null;
  return (
    <ul className={styles.list} aria-label={t('file.attaching')}>
      {uploads.list.map((one) => (
        <li key={one.key} className={cx(styles.file, one.error !== null && styles.failed)}>
          {one.preview ? (
            <img src={one.preview} alt="" className={styles.preview} />
          ) : (
            <span className={styles.preview}>
              <FileText size={20} aria-hidden="true" />
            </span>
          )}
          <span className={styles.words}>
            <span className={styles.name}>{one.name}</span>
            {one.error === null ? (
              <span className={styles.detail}>
                {fileSize(one.size, localeOf(i18n.language))}
                {one.attachmentId === null && (
                  <progress className={styles.progress} value={one.progress} max={1} aria-label={t('file.uploading', { name: one.name })} />
                )}
              </span>
            ) : (
              <span className={styles.error} role="alert">
                <CircleAlert size={14} aria-hidden="true" />
                {one.error.message}
              </span>
            )}
          </span>
          {one.error !== null && !one.error.code.startsWith('CHAT_DLP_') && (
            <IconButton
              label={t('common:action.tryAgain')}
              icon={<RotateCcw size={18} aria-hidden="true" />}
              onClick={() => uploads.retry(one.key)}
            />
          )}
          <IconButton
            label={t('file.remove', { name: one.name })}
            icon={<X size={18} aria-hidden="true" />}
            onClick={() => uploads.remove(one.key)}
          />
          {one.error?.code.startsWith('CHAT_DLP_') && (
            <DlpAnswer refusal={one.error} onAnswer={(answer) => uploads.retry(one.key, answer)} />
          )}
        </li>
      ))}
    </ul>
  );
}
