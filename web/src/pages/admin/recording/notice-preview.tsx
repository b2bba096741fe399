import { noticeTexts } from '@server/recording/consent/notice-texts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type RecordingPolicy, useSession } from '@/api';
import { Choice, TabPanel, Tabs } from '@/design';
import { currentLanguage, type Language, languages } from '@/i18n';
import { NoticeWords } from '@/meeting/recording/notice-words';
import admin from '../admin.module.css';
import styles from './notice-preview.module.css';
import { factsOf, type PolicyDraft } from './policy-draft';

export interface NoticePreviewProps {
  readonly meetingKind: RecordingPolicy['meetingKind'];
  readonly draft: PolicyDraft;
}

/** The words that people will read, made by what makes them on the server, as the form stands now. */
export function NoticePreview({ meetingKind, draft }: NoticePreviewProps) {
  const { t } = useTranslation('admin');
  const { person } = useSession();
  const [language, setLanguage] = useState<Language>(() => languages.find(({ value }) => value === currentLanguage())?.value ?? 'en');
  const [kind, setKind] = useState<'recording' | 'transcript'>('recording');
  const facts = factsOf(meetingKind, draft, { organisation: person?.organisation.name ?? '', transcript: kind === 'transcript' });
  return (
    <details className={admin.details}>
      <summary>{t('recording.preview')}</summary>
      <div className={styles.preview}>
        <Choice
          label={t('recording.previewKind')}
          value={kind}
          onChange={setKind}
          choices={[
            { value: 'recording', label: t('recording.previewRecording') },
            { value: 'transcript', label: t('recording.previewTranscript') },
          ]}
        />
        <Tabs
          value={language}
          onChange={setLanguage}
          label={t('recording.previewLanguage')}
          tabs={languages.map(({ value, label, lang }) => ({ value, label: <span lang={lang}>{label}</span> }))}
        >
          {languages.map(({ value }) => {
            const text = facts && noticeTexts[value](facts);
            return (
              <TabPanel key={value} value={value} className={styles.notice}>
                {text ? (
                  <>
                    <h3 lang={value}>{text.title}</h3>
                    <NoticeWords notice={{ language: value, text }} />
                  </>
                ) : (
                  <p className={admin.detail}>{t('recording.previewNone')}</p>
                )}
              </TabPanel>
            );
          })}
        </Tabs>
        <p className={admin.small}>{t('recording.previewWords')}</p>
      </div>
    </details>
  );
}
