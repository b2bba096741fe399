import { Activity } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Meeting } from '@/api';
import { ButtonLink, Card, CopyButton } from '@/design';
import { MeetingRecordings } from '@/pages/archive/meeting/meeting-recordings';
import { AgendaCard } from './agenda-card';
import styles from './overview.module.css';

export function Overview({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation(['meetings', 'common']);
  return (
    <div className={styles.cards}>
      {meeting.startedAt !== null && <MeetingRecordings meeting={meeting} />}
      <Card
        title={t('link.title')}
        description={meeting.status === 'ended' ? t('link.ended') : t(meeting.guests ? 'link.words' : 'link.wordsNoGuests')}
      >
        <div className={styles.link}>
          <span className={styles.address}>{meeting.link}</span>
          <CopyButton iconOnly text={meeting.link} label={t('common:copy.link')} />
        </div>
      </Card>
      <AgendaCard meeting={meeting} />
      <Card title={t('rules.title')}>
        <dl className={styles.rules}>
          <Rule name={t('form.kind')}>{t(`form.kindChoice.${meeting.kind}`)}</Rule>
          <Rule name={t('form.lobby')}>{t(`form.lobbyChoice.${meeting.lobby}`)}</Rule>
          <Rule name={t('form.guests')}>{t(meeting.guests ? 'rules.yes' : 'rules.no')}</Rule>
          <Rule name={t('form.chatHistory')}>{t(meeting.chatHistory ? 'rules.yes' : 'rules.no')}</Rule>
          <Rule name={t('rules.host')}>{meeting.host.name}</Rule>
        </dl>
      </Card>
      {meeting.startedAt !== null && (
        <Card title={t('quality.title')} description={t(meeting.mine ? 'quality.words' : 'quality.wordsMine')}>
          <ButtonLink to={`/meetings/${meeting.id}/quality`} icon={<Activity size={18} aria-hidden="true" />}>
            {t('quality.open')}
          </ButtonLink>
        </Card>
      )}
    </div>
  );
}

function Rule({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.rule}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
