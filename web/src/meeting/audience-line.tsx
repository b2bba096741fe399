import { Eye } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isViewer, isWebinar, myself, useStore } from '@/core';
import { useFormat } from '@/i18n';
import styles from './audience-line.module.css';
import { useMeeting } from './meeting-context';

/** Of a webinar: who only watches is told so, and those on stage see how many watch. */
export function AudienceLine() {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const { number } = useFormat();
  const webinar = useStore(client.store, (state) => isWebinar(state.meeting));
  const watches = useStore(client.store, (state) => isViewer(myself(state)));
  const viewers = useStore(client.store, (state) => state.meeting?.viewers ?? 0);
  if (!webinar) return null;
  const count = t('webinar.viewers', { count: viewers, shown: number(viewers) });
  return (
    <p className={styles.line} data-watches={watches || undefined}>
      <Eye size={18} aria-hidden="true" />
      {watches ? (
        <>
          <span className={styles.words}>
            <strong>{t('webinar.watching')}</strong> <span className={styles.more}>{t('webinar.watchingWords')}</span>
          </span>
          <span className={styles.count}>{count}</span>
        </>
      ) : (
        <span className={styles.count}>{count}</span>
      )}
    </p>
  );
}
