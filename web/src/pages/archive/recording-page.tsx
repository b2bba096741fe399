import { ArrowLeft, SearchX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { hasCode } from '@/api';
import { ButtonLink, EmptyState, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { PageTitle } from '@/shell/page-title';
import { useRecording } from './archive-queries';
import { RecordingDesk } from './recording-desk';
import styles from './recording-page.module.css';

/** One recording: to be seen, read, discussed, reviewed. */
export function RecordingPage() {
  const { t } = useTranslation('archive');
  const { id = '' } = useParams();
  const recording = useRecording(id);
  const isGone = hasCode(recording.error, 'RECORDING_NOT_FOUND', 'REQUEST_INVALID');
  return (
    <div className={styles.page} data-full-page>
      <PageTitle>{recording.data?.title ?? t('title')}</PageTitle>
      <Link to="/archive" className={styles.back}>
        <ArrowLeft size={18} aria-hidden="true" />
        {t('back')}
      </Link>
      {isGone ? (
        <EmptyState
          icon={<SearchX size={24} aria-hidden="true" />}
          alone
          title={t('gone.title')}
          action={
            <ButtonLink to="/archive" variant="primary">
              {t('back')}
            </ButtonLink>
          }
        >
          {t('gone.words')}
        </EmptyState>
      ) : (
        <FourStates answer={recording} busy={<Busy />}>
          {(data) => <RecordingDesk key={data.id} recording={data} />}
        </FourStates>
      )}
    </div>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.columns}>
      <div className={styles.main}>
        <Skeleton shape="block" className={styles.playerBusy} />
        <Skeleton width={280} height={30} />
        <Skeleton width={200} />
      </div>
      <div className={styles.side}>
        <Skeleton shape="block" height={40} />
        {[80, 64, 92, 70, 84].map((width) => (
          <Skeleton key={width} width={`${width}%`} />
        ))}
      </div>
    </SkeletonGroup>
  );
}
