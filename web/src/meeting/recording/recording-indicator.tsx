import { ChevronDown, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Popover } from '@/chat/popover';
import { Button, useToast, VisuallyHidden } from '@/design';
import { useFormat } from '@/i18n';
import { duration } from '../duration';
import { useMeeting } from '../meeting-context';
import type { CoveredPerson } from './coverage';
import { noticeIn } from './notice-text';
import styles from './recording-indicator.module.css';
import { useCoverage, useRecording } from './use-recording';

/** At the top as long as something is recorded: that it is, of whom, and what of oneself. */
export function RecordingIndicator({ onQuestion }: { readonly onQuestion: () => void }) {
  const { t } = useTranslation('recording');
  const [open, setOpen] = useState(false);
  const { now, isTranscript, isOpen, own } = useRecording();
  const { recorded, others } = useCoverage();
  if (!now) return null;
  const count = recorded.length + others.length;
  const words = now.paused
    ? t(isTranscript ? 'state.transcriptPaused' : 'state.recordingPaused')
    : t(isTranscript ? 'state.transcript' : 'state.recording', { recorded: recorded.length, count });
  return (
    <div className={styles.place} data-recording-indicator="">
      <Popover
        open={open}
        onOpenChange={setOpen}
        side="bottom"
        align="center"
        label={words}
        trigger={
          <button type="button" className={styles.pill} data-paused={now.paused || undefined}>
            <span className={styles.dot} aria-hidden="true" />
            <span className={styles.words}>{words}</span>
            <Since startedAt={now.startedAt} />
            {now.trouble && <span className={styles.wanted}>{t('state.trouble')}</span>}
            {isOpen && own === 'none' && (
              <span className={styles.wanted}>
                <span className={styles.long}>{t('state.unanswered')}</span>
                <span className={styles.short}>{t('state.answer')}</span>
              </span>
            )}
            <ChevronDown size={16} aria-hidden="true" />
          </button>
        }
      >
        <Details
          recorded={recorded}
          others={others}
          onQuestion={() => {
            setOpen(false);
            onQuestion();
          }}
        />
      </Popover>
    </div>
  );
}

/** Who comes in while people are only informed hears it without an event that tells of it. There before anything is said in it. */
export function InformedStatus() {
  const { t } = useTranslation('recording');
  const { own } = useRecording();
  return <VisuallyHidden role="status">{own === 'informed' ? t('own.informed') : ''}</VisuallyHidden>;
}

function Since({ startedAt }: { readonly startedAt: number }) {
  const { client } = useMeeting();
  const [now, setNow] = useState(client.serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(client.serverNow), 1_000);
    return () => clearInterval(timer);
  }, [client]);
  // Read out each second it would be noise.
  return (
    <time className={styles.time} aria-hidden="true">
      {duration(now - startedAt)}
    </time>
  );
}

interface DetailsProps {
  readonly recorded: readonly CoveredPerson[];
  readonly others: readonly CoveredPerson[];
  readonly onQuestion: () => void;
}

function Details({ recorded, others, onQuestion }: DetailsProps) {
  const { t } = useTranslation('recording');
  const { time } = useFormat();
  const { now, isTranscript, watches } = useRecording();
  if (!now) return null;
  return (
    <div className={styles.details}>
      <div className={styles.about}>
        <p>{now.paused ? t('state.pausedWords') : t(isTranscript ? 'state.transcriptWords' : 'state.recordingWords')}</p>
        {now.trouble && (
          <p className={styles.trouble} role="status">
            <TriangleAlert size={16} aria-hidden="true" />
            {t('state.troubleWords')}
          </p>
        )}
        <p className={styles.soft}>{t('state.started', { name: now.startedByName, time: time(new Date(now.startedAt)) })}</p>
      </div>
      {watches ? <p className={styles.own}>{t('own.viewer')}</p> : <Own onQuestion={onQuestion} />}
      <People heading={t('state.recorded', { count: recorded.length })} people={recorded} />
      <People heading={t('state.notRecorded', { count: others.length })} people={others} />
    </div>
  );
}

/** What counts of oneself, and the way to change it. */
function Own({ onQuestion }: { readonly onQuestion: () => void }) {
  const { t, i18n } = useTranslation('recording');
  const { client } = useMeeting();
  const toast = useToast();
  const { now, own } = useRecording();
  const [busy, setBusy] = useState(false);
  const withdraw = async (): Promise<void> => {
    if (!now) return;
    setBusy(true);
    const answered = await client.recording.answer(
      false,
      now.notice.hash ?? '',
      noticeIn(now.notice, i18n.language)?.language ?? i18n.language,
    );
    setBusy(false);
    if (answered === 'done') toast(t('own.withdrawnWords'));
    if (answered === 'changed') onQuestion();
  };
  const isRecorded = own === 'yes' || own === 'informed';
  return (
    <div className={styles.own} data-own={own}>
      <p>{t(`own.${own}`)}</p>
      {isRecorded ? (
        <Button busy={busy} onClick={() => void withdraw()}>
          {t(own === 'informed' ? 'own.object' : 'own.withdraw')}
        </Button>
      ) : (
        <Button onClick={onQuestion}>{t(own === 'none' ? 'state.answer' : 'own.allow')}</Button>
      )}
    </div>
  );
}

function People({ heading, people }: { readonly heading: string; readonly people: readonly CoveredPerson[] }) {
  const { t } = useTranslation('recording');
  return (
    <section aria-label={heading}>
      <h3 className={styles.heading}>{heading}</h3>
      {people.length === 0 ? (
        <p className={styles.soft}>{t('state.nobody')}</p>
      ) : (
        <ul className={styles.people}>
          {people.map(({ personId, name }) => (
            <li key={personId}>{name}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
