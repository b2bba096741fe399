import { Disc, Video } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { causeway } from '#proto';
import type { MeetingFace } from '@/api';
import type { ConsentQuestion } from '@/core';
import { Banner, Button } from '@/design';
import answers from './answers.module.css';
import styles from './consent-door.module.css';
import { noticeIn } from './notice-text';
import { NoticeWords } from './notice-words';

export interface ConsentDoorProps {
  readonly face: MeetingFace;
  readonly question: ConsentQuestion;
  /** `language`: in which the notice was read. */
  readonly onAnswer: (yes: boolean, language: string) => void;
  readonly onLeave: () => void;
}

/** A recording is on: what it is about, before one is in. Both answers lead in. */
export function ConsentDoor({ face, question, onAnswer, onLeave }: ConsentDoorProps) {
  const { t, i18n } = useTranslation('recording');
  const heading = useRef<HTMLHeadingElement>(null);
  const notice = noticeIn(question.notice, i18n.language);
  const transcript = question.kind === causeway.RecordingKind.RECORDING_KIND_TRANSCRIPT;
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const answer = (yes: boolean): void => onAnswer(yes, notice?.language ?? i18n.language);
  return (
    <main className={styles.page}>
      <article className={styles.card}>
        <header className={styles.header}>
          <p className={styles.meeting}>
            <Video size={18} aria-hidden="true" />
            {face.title}
          </p>
          <h1 ref={heading} tabIndex={-1} className={styles.title} lang={notice?.language}>
            <Disc size={24} className={styles.sign} aria-hidden="true" />
            {notice?.text.title}
          </h1>
          <p className={styles.by}>{t('consent.startedBy', { name: question.startedByName })}</p>
        </header>
        {question.changed && (
          <Banner tone="attention" announce="alert">
            {t('consent.changed')}
          </Banner>
        )}
        {notice && <NoticeWords notice={notice} />}
        <footer className={styles.footer}>
          <div className={answers.answers}>
            <Button size="large" wide disabled={question.answering} onClick={() => answer(false)}>
              {t(transcript ? 'consent.noTranscript' : 'consent.no')}
            </Button>
            <Button size="large" wide disabled={question.answering} onClick={() => answer(true)}>
              {t(transcript ? 'consent.yesTranscript' : 'consent.yes')}
            </Button>
          </div>
          <p className={styles.either}>{t('consent.either')}</p>
          <Button variant="quiet" onClick={onLeave}>
            {t('consent.leave')}
          </Button>
        </footer>
      </article>
    </main>
  );
}
