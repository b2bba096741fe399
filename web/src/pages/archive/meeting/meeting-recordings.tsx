import { useQuery } from '@tanstack/react-query';
import { FileText, Film, ListChecks } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, hasCode, type Meeting, type RecordingFace } from '@/api';
import { Badge, ButtonLink, Card, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { archiveKeys, isMoving, useRecordings } from '../archive-queries';
import { clock } from '../clock';
import { StateBadge, StepProgress } from '../state-badge';
import { useFileUrl } from '../use-file-url';
import styles from './meeting-recordings.module.css';

const sentencesShown = 4;

/** After a meeting: what was recorded of it, what it was about, and who does what. Each leads on to the whole. */
export function MeetingRecordings({ meeting }: { readonly meeting: Meeting }) {
  const { t } = useTranslation('archive');
  const recordings = useRecordings({ meetingId: meeting.id });
  const [first] = recordings.data ?? [];
  return (
    <>
      <Card title={t('meeting.recordings')} flush className={styles.wide}>
        <FourStates
          answer={recordings}
          busy={
            <SkeletonGroup className={styles.pad}>
              <Skeleton width="50%" />
              <Skeleton width="34%" />
            </SkeletonGroup>
          }
          isEmpty={(list) => list.length === 0}
          empty={<p className={styles.none}>{t('meeting.none')}</p>}
        >
          {(list) => (
            <ul>
              {list.map((recording) => (
                <Row key={recording.id} recording={recording} />
              ))}
            </ul>
          )}
        </FourStates>
      </Card>
      {first && !isMoving(first) && <InShort recording={first} />}
    </>
  );
}

function Row({ recording }: { readonly recording: RecordingFace }) {
  const { t } = useTranslation('archive');
  const isTranscript = recording.kind === 'transcript';
  const url = useFileUrl(recording, recording.state === 'ready' && !isTranscript ? 'thumb-0000.jpg' : null);
  const length = recording.stoppedAt === null ? null : Date.parse(recording.stoppedAt) - Date.parse(recording.startedAt);
  const Icon = isTranscript ? FileText : Film;
  return (
    <li className={styles.row}>
      <span className={styles.picture}>{url === null ? <Icon size={24} aria-hidden="true" /> : <img src={url} alt="" />}</span>
      <div className={styles.words}>
        <Link to={`/archive/${recording.id}`} className={styles.title}>
          {recording.title}
        </Link>
        <p className={styles.soft}>
          {t(isTranscript ? 'kind.transcript' : 'kind.recording')}
          {length !== null && ` · ${clock(length)}`}
        </p>
        {recording.state === 'processing' ? <StepProgress recording={recording} /> : <StateBadge recording={recording} />}
      </div>
      <span className={styles.links}>
        <ButtonLink to={`/archive/${recording.id}`}>{t('meeting.open')}</ButtonLink>
      </span>
    </li>
  );
}

/** The beginning of the summary, and what there is to do. */
function InShort({ recording }: { readonly recording: RecordingFace }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const summary = useQuery({
    queryKey: archiveKeys.summary(recording.id),
    queryFn: ({ signal }) => api.recordings.summary(recording.id, signal),
    retry: false,
  });
  if (summary.data === undefined && (summary.isPending || hasCode(summary.error, 'SUMMARY_NOT_FOUND', 'RECORDING_NOT_READY'))) return null;
  return (
    <FourStates answer={summary} busy={null}>
      {({ content, actionItems, editedBy }) => {
        const items = actionItems.filter(({ state }) => state !== 'dismissed');
        const sentences = [...content.overview, ...content.decisions]
          .filter((sentence, at, all) => all.findIndex(({ text }) => text === sentence.text) === at)
          .slice(0, sentencesShown);
        return (
          <>
            {sentences.length > 0 && (
              <Card
                title={t('meeting.summaryOf')}
                actions={
                  editedBy ? (
                    <Badge tone="jade">{t('summary.reviewedBy', { name: editedBy.name })}</Badge>
                  ) : (
                    <Badge tone="lantern">{t('summary.notReviewed')}</Badge>
                  )
                }
              >
                <ul className={styles.sentences}>
                  {sentences.map((sentence, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the same sentence may stand there twice; they are drawn anew together.
                    <li key={at}>
                      <Link to={`/archive/${recording.id}?t=${Math.floor(sentence.atMs / 1_000)}`} className={styles.at}>
                        {clock(sentence.atMs)}
                      </Link>{' '}
                      {sentence.text}
                    </li>
                  ))}
                </ul>
                <p className={styles.further}>
                  <Link to={`/archive/${recording.id}?tab=summary`}>{t('meeting.wholeSummary')}</Link>
                </p>
              </Card>
            )}
            {items.length > 0 && (
              <Card title={t('actions.title')}>
                <ul className={styles.sentences}>
                  {items.map(({ id, what, assignee, dueOn, state }) => (
                    <li key={id} className={styles.item}>
                      <ListChecks size={18} aria-hidden="true" />
                      <span>
                        {what}
                        <span className={styles.soft}>
                          {' '}
                          {[
                            assignee?.name ?? t('actions.nobody'),
                            dueOn === null ? t('actions.noDate') : t('actions.due', { day: format.day(new Date(`${dueOn}T00:00`)) }),
                            t(`actions.state.${state}`),
                          ].join(' · ')}
                        </span>
                      </span>
                    </li>
                  ))}
                </ul>
                <p className={styles.further}>
                  <Link to={`/archive/${recording.id}?tab=summary`}>{t('meeting.toActions')}</Link>
                </p>
              </Card>
            )}
          </>
        );
      }}
    </FourStates>
  );
}
