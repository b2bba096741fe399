import { useQuery } from '@tanstack/react-query';
import { BellDot, Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type RecordingNews } from '@/api';
import { Button, Card, IconButton } from '@/design';
import { useFormat } from '@/i18n';
import { useAct } from '@/pages/admin/use-act';
import { archiveKeys } from '../archive-queries';
import styles from './news.module.css';

const shown = 5;

/** What others want of oneself here: shares and reviews, until one has opened them. Nothing while there is none. */
export function News() {
  const { t } = useTranslation('archive');
  const news = useQuery({ queryKey: archiveKeys.news, queryFn: ({ signal }) => api.recordings.news(signal) });
  const see = useAct((ids: readonly string[]) => api.recordings.seen({ ids: [...ids] }), { refresh: archiveKeys.all });
  const unseen = news.data?.news.filter(({ seen }) => !seen) ?? [];
  if (unseen.length === 0) return null;
  const rest = (news.data?.unseen ?? unseen.length) - Math.min(unseen.length, shown);
  return (
    <Card
      className={styles.card}
      flush
      title={
        <span className={styles.title}>
          <BellDot size={18} aria-hidden="true" />
          {t('news.title')}
        </span>
      }
      actions={
        unseen.length > 1 && (
          <Button variant="quiet" busy={see.busy} onClick={() => see.run(unseen.map(({ id }) => id))}>
            {t('news.seenAll')}
          </Button>
        )
      }
    >
      <ul>
        {unseen.slice(0, shown).map((one) => (
          <Row key={one.id} news={one} onSeen={() => see.run([one.id])} />
        ))}
      </ul>
      {rest > 0 && <p className={styles.rest}>{t('news.rest', { count: rest })}</p>}
    </Card>
  );
}

function Row({ news, onSeen }: { readonly news: RecordingNews; readonly onSeen: () => void }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const { kind, recording, by, at, outcome } = news;
  const title = recording?.title ?? t('news.aReview');
  const said = t(`news.said.${kind}`, { by: by.name });
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <p className={styles.what}>
          {recording ? <Link to={`/archive/${recording.id}${kind === 'shared' ? '' : '?tab=review'}`}>{title}</Link> : title}
        </p>
        <p className={styles.soft}>
          {said}
          {outcome !== null && ` · ${t(`review.outcome.${outcome}`)}`}
          {' · '}
          <time dateTime={at}>{format.moment(new Date(at))}</time>
        </p>
      </div>
      <IconButton label={t('news.seen', { title })} icon={<Check size={18} aria-hidden="true" />} onClick={onSeen} />
    </li>
  );
}
