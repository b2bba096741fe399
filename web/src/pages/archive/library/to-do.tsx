import { useQuery } from '@tanstack/react-query';
import { CircleCheckBig, ListChecks } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '@/api';
import { Button, Card, EmptyState, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { useAct } from '@/pages/admin/use-act';
import { archiveKeys } from '../archive-queries';
import { clock } from '../clock';
import styles from './to-do.module.css';

/** What recordings leave for oneself: tasks that somebody confirmed, and reviews that one was given. */
export function ToDo() {
  const { t } = useTranslation('archive');
  const actions = useQuery({ queryKey: archiveKeys.myActions, queryFn: ({ signal }) => api.recordings.myActions(signal) });
  const reviews = useQuery({ queryKey: archiveKeys.myReviews, queryFn: ({ signal }) => api.recordings.myReviews(signal) });
  const open = reviews.data?.reviews.filter(({ outcome }) => outcome === null) ?? [];
  const isNothing = actions.data?.items.length === 0 && reviews.data !== undefined && open.length === 0;
  if (isNothing)
    return (
      <EmptyState icon={<ListChecks size={24} aria-hidden="true" />} title={t('todo.empty')}>
        {t('todo.emptyWords')}
      </EmptyState>
    );
  return (
    <div className={styles.cards}>
      <Card title={t('todo.actions')} flush>
        <FourStates
          answer={actions}
          busy={<Busy />}
          isEmpty={({ items }) => items.length === 0}
          empty={<p className={styles.none}>{t('todo.noActions')}</p>}
        >
          {({ items }) => (
            <ul>
              {items.map((item) => (
                <Task key={item.id} item={item} />
              ))}
            </ul>
          )}
        </FourStates>
      </Card>
      <Card title={t('todo.reviews')} flush>
        <FourStates
          answer={reviews}
          busy={<Busy />}
          isEmpty={() => open.length === 0}
          empty={<p className={styles.none}>{t('todo.noReviews')}</p>}
        >
          {() => (
            <ul>
              {open.map((review) => (
                <ReviewRow key={review.id} review={review} />
              ))}
            </ul>
          )}
        </FourStates>
      </Card>
    </div>
  );
}

function Task({ item }: { readonly item: Awaited<ReturnType<typeof api.recordings.myActions>>['items'][number] }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const done = useAct(() => api.recordings.setAction(item.id, 'done'), { refresh: archiveKeys.myActions, done: t('todo.done') });
  const { what, dueOn, recordingId, recordingTitle, atMs } = item;
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <p className={styles.what}>{what}</p>
        <p className={styles.soft}>
          {dueOn === null ? t('actions.noDate') : t('actions.due', { day: format.day(new Date(`${dueOn}T00:00`)) })}
          {' · '}
          <Link to={`/archive/${recordingId}${atMs === null ? '?tab=summary' : `?t=${Math.floor(atMs / 1_000)}`}`}>
            {recordingTitle}
            {atMs !== null && `, ${clock(atMs)}`}
          </Link>
        </p>
      </div>
      <Button
        icon={<CircleCheckBig size={18} aria-hidden="true" />}
        busy={done.busy}
        aria-label={t('todo.doneName', { what })}
        onClick={() => done.run(undefined)}
      >
        {t('actions.done')}
      </Button>
    </li>
  );
}

function ReviewRow({ review }: { readonly review: Awaited<ReturnType<typeof api.recordings.myReviews>>['reviews'][number] }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const { recordingId, recordingTitle, assignedBy, createdAt, dueOn, task } = review;
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <p className={styles.what}>
          <Link to={`/archive/${recordingId}?tab=review`}>{recordingTitle}</Link>
        </p>
        <p className={styles.soft}>
          {t('review.assignedBy', { name: assignedBy.name, time: format.moment(new Date(createdAt)) })}
          {dueOn !== null && ` · ${t('actions.due', { day: format.day(new Date(`${dueOn}T00:00`)) })}`}
        </p>
        {task !== '' && <p>{task}</p>}
      </div>
    </li>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.none}>
      <Skeleton width="54%" />
      <Skeleton width="38%" />
    </SkeletonGroup>
  );
}
