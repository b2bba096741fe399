import { useTranslation } from 'react-i18next';
import type { RecordingFace } from '@/api';
import { Badge } from '@/design';
import styles from './state-badge.module.css';

/** What is going on with a recording, in a word. Nothing where it is simply there. */
export function StateBadge({ recording }: { readonly recording: Pick<RecordingFace, 'state' | 'kind'> }) {
  const { t } = useTranslation('archive');
  const { state, kind } = recording;
  if (state === 'on')
    return (
      <Badge tone="live" dot>
        {t(kind === 'transcript' ? 'state.onTranscript' : 'state.on')}
      </Badge>
    );
  if (state === 'paused') return <Badge tone="lantern">{t('state.paused')}</Badge>;
  if (state === 'processing') return <Badge tone="harbour">{t('state.processing')}</Badge>;
  if (state === 'failed') return <Badge tone="live">{t('state.failed')}</Badge>;
  return null;
}

/** How far it is put together: which step, and a bar. */
export function StepProgress({ recording }: { readonly recording: Pick<RecordingFace, 'step' | 'progress' | 'title'> }) {
  const { t } = useTranslation('archive');
  const percent = Math.round(recording.progress * 100);
  return (
    <div className={styles.progress}>
      <p className={styles.step}>
        <span>{t(`step.${recording.step ?? 'waiting'}`)}</span>
        <span className="figures">{t('percent', { percent })}</span>
      </p>
      <div
        className={styles.bar}
        role="progressbar"
        aria-label={t('progressOf', { title: recording.title })}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span className={styles.done} style={{ width: `${Math.max(percent, 2)}%` }} />
      </div>
    </div>
  );
}
