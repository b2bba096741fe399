import { AudioLines, FileText, Film } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RecordingFace } from '@/api';
import { cx, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { clock, isoDuration } from '../clock';
import { StateBadge, StepProgress } from '../state-badge';
import { useFileUrl } from '../use-file-url';
import { NewsBadges } from './news-badges';
import styles from './recording-grid.module.css';
import type { Look } from './use-look';

/** Where the first picture of every recording lies. */
const firstPicture = 'thumb-0000.jpg';

export function RecordingGrid({ recordings, look }: { readonly recordings: readonly RecordingFace[]; readonly look: Look }) {
  return (
    <ul className={look === 'grid' ? styles.grid : styles.list}>
      {recordings.map((recording) => (
        <Recording key={recording.id} recording={recording} look={look} />
      ))}
    </ul>
  );
}

function Recording({ recording, look }: { readonly recording: RecordingFace; readonly look: Look }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const started = new Date(recording.startedAt);
  return (
    <li className={cx(styles.item, look === 'grid' ? styles.card : styles.row)}>
      <Picture recording={recording} />
      <div className={styles.words}>
        <p className={styles.title}>
          <Link to={`/archive/${recording.id}`} className={styles.link}>
            {recording.title}
          </Link>
        </p>
        <p className={styles.detail}>
          <time dateTime={recording.startedAt}>{format.moment(started)}</time>
          {' · '}
          {t('startedBy', { name: recording.startedBy.name })}
        </p>
        <People recording={recording} />
        {recording.state === 'processing' && <StepProgress recording={recording} />}
        <div className={styles.badges}>
          {recording.state !== 'processing' && <StateBadge recording={recording} />}
          <NewsBadges recording={recording} />
        </div>
      </div>
    </li>
  );
}

function People({ recording }: { readonly recording: RecordingFace }) {
  const { t } = useTranslation('archive');
  const names = recording.people.map(({ name }) => name);
  if (names.length === 0) return null;
  const shown = names.slice(0, 3);
  const rest = names.length - shown.length;
  const list = shown.join(t('comma'));
  return <p className={styles.people}>{rest > 0 ? t('peopleMore', { names: list, count: rest }) : list}</p>;
}

/** Its first picture, or what kind of thing it is. */
function Picture({ recording }: { readonly recording: RecordingFace }) {
  const { t } = useTranslation('archive');
  const isTranscript = recording.kind === 'transcript';
  const url = useFileUrl(recording, recording.state === 'ready' && !isTranscript ? firstPicture : null);
  const length = recording.stoppedAt === null ? null : Date.parse(recording.stoppedAt) - Date.parse(recording.startedAt);
  const Icon = isTranscript ? FileText : recording.state === 'ready' ? AudioLines : Film;
  return (
    <div className={cx(styles.picture, 'stage')}>
      {url === null ? <Icon size={32} strokeWidth={1.5} aria-hidden="true" /> : <img src={url} alt="" />}
      {isTranscript && <span className={styles.kind}>{t('kind.transcript')}</span>}
      {length !== null && (
        <time className={styles.length} dateTime={isoDuration(length)}>
          {clock(length)}
        </time>
      )}
    </div>
  );
}

export function RecordingGridBusy({ look }: { readonly look: Look }) {
  return (
    <SkeletonGroup className={look === 'grid' ? styles.grid : styles.list}>
      {[62, 48, 70, 54, 66, 44].map((width) => (
        <div key={width} className={cx(styles.item, look === 'grid' ? styles.card : styles.row)}>
          <Skeleton shape="block" className={styles.pictureBusy} />
          <div className={styles.words}>
            <Skeleton width={`${width}%`} />
            <Skeleton width={`${width / 1.5}%`} />
          </div>
        </div>
      ))}
    </SkeletonGroup>
  );
}
