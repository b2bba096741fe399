import { Check, Circle, LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { RecordingDetail } from '@/api';
import { Button, ButtonLink } from '@/design';
import styles from './recording-page.module.css';
import { StepProgress } from './state-badge';
import { useRetry } from './use-retry';

const steps = ['seal', 'transcribe', 'compose', 'summarize', 'sign'] as const;

/** Before there is anything to be seen: what is going on, what is safe, and what one can do. */
export function WaitingCard({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const retry = useRetry(recording.id);
  const { state, step } = recording;
  const at = step === null ? -1 : steps.indexOf(step);
  if (state === 'on' || state === 'paused')
    return (
      <section className={styles.waiting} role="status">
        <h2>{t(`waiting.${state}`)}</h2>
        <p>{t('waiting.onWords')}</p>
        <div>
          <ButtonLink to={`/meetings/${recording.meetingId}`}>{t('toMeeting')}</ButtonLink>
        </div>
      </section>
    );
  if (state === 'failed')
    return (
      <section className={styles.waiting} role="alert">
        <h2>{t('waiting.failed')}</h2>
        <p>{t(recording.mine.manage ? 'waiting.failedWords' : 'waiting.failedWordsOthers')}</p>
        {recording.failure !== null && <p className={styles.why}>{recording.failure}</p>}
        {recording.mine.manage && (
          <div>
            <Button variant="primary" busy={retry.busy} onClick={() => retry.run()}>
              {t('waiting.retry')}
            </Button>
          </div>
        )}
      </section>
    );
  return (
    <section className={styles.waiting}>
      <h2>{t(recording.version > 0 ? 'waiting.anew' : 'waiting.processing')}</h2>
      <p>{t(recording.version > 0 ? 'waiting.anewWords' : 'waiting.processingWords')}</p>
      <StepProgress recording={recording} />
      <ol className={styles.steps}>
        {steps.map((name, index) => (
          <li key={name} className={styles.step} aria-current={index === at ? 'step' : undefined}>
            {index < at ? (
              <Check size={16} aria-hidden="true" />
            ) : index === at ? (
              <LoaderCircle size={16} aria-hidden="true" />
            ) : (
              <Circle size={16} aria-hidden="true" />
            )}
            {t(`step.${name}`)}
          </li>
        ))}
      </ol>
    </section>
  );
}
