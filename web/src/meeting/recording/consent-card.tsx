import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, IconButton, useToast } from '@/design';
import { useMeeting } from '../meeting-context';
import answers from './answers.module.css';
import styles from './consent-card.module.css';
import { noticeIn } from './notice-text';
import { NoticeWords } from './notice-words';
import { useRecording } from './use-recording';

/**
 * The question beside the stage. It is no dialog: the meeting goes on, all controls work, and it can be
 * put away and answered later from the sign at the top.
 */
export function ConsentCard({ onClose }: { readonly onClose: () => void }) {
  const { t, i18n } = useTranslation('recording');
  const { client } = useMeeting();
  const toast = useToast();
  const { now, isTranscript, own } = useRecording();
  const [answering, setAnswering] = useState<'yes' | 'no' | null>(null);
  const [changed, setChanged] = useState(false);
  const notice = now && noticeIn(now.notice, i18n.language);
  if (!now || !notice) return null;
  const informed = own === 'informed';

  const answer = async (yes: boolean): Promise<void> => {
    setAnswering(yes ? 'yes' : 'no');
    const answered = await client.recording.answer(yes, now.notice.hash ?? '', notice.language);
    setAnswering(null);
    setChanged(answered === 'changed');
    if (answered !== 'done') return;
    onClose();
    toast(t(yes ? 'own.yesWords' : informed ? 'own.withdrawnWords' : 'own.noWords'));
  };

  return (
    <section className={styles.card} aria-label={t('consent.label')} data-testid="consent-card">
      <header className={styles.header}>
        <span className={styles.dot} aria-hidden="true" />
        <div className={styles.words}>
          <h2 className={styles.title} lang={notice.language}>
            {notice.text.title}
          </h2>
          <p className={styles.soft}>{t('consent.startedBy', { name: now.startedByName })}</p>
        </div>
        <IconButton
          label={t(informed ? 'consent.understood' : 'consent.later')}
          icon={<X size={20} aria-hidden="true" />}
          onClick={onClose}
          tooltipSide="left"
        />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div className={styles.body} tabIndex={0}>
        {changed && (
          <Banner tone="attention" announce="alert">
            {t('consent.changed')}
          </Banner>
        )}
        {informed ? (
          <>
            <NoticeWords notice={notice} only={['what', 'voluntary']} />
            <details className={styles.more}>
              <summary>{t('consent.more')}</summary>
              <NoticeWords notice={notice} only={['purpose', 'kept', 'seenBy', 'contact']} />
            </details>
          </>
        ) : (
          <NoticeWords notice={notice} />
        )}
      </div>
      <footer className={styles.footer}>
        <div className={answers.answers}>
          <Button wide busy={answering === 'no'} disabled={answering === 'yes'} onClick={() => void answer(false)}>
            {t(isTranscript ? 'consent.noTranscript' : 'consent.no')}
          </Button>
          {informed ? (
            <Button wide onClick={onClose}>
              {t('consent.understood')}
            </Button>
          ) : (
            <Button wide busy={answering === 'yes'} disabled={answering === 'no'} onClick={() => void answer(true)}>
              {t(isTranscript ? 'consent.yesTranscript' : 'consent.yes')}
            </Button>
          )}
        </div>
        {own === 'none' && <p className={styles.soft}>{t('consent.silence')}</p>}
      </footer>
    </section>
  );
}
