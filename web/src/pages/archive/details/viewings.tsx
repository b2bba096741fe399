import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { archiveKeys } from '../archive-queries';
import styles from './details-panel.module.css';

/** Who watched it. */
export function Viewings({ id }: { readonly id: string }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const viewings = useQuery({ queryKey: archiveKeys.viewings(id), queryFn: ({ signal }) => api.recordings.viewings(id, signal) });
  return (
    <section>
      <h2>{t('details.viewings')}</h2>
      <FourStates
        answer={viewings}
        busy={
          <SkeletonGroup>
            <Skeleton width="70%" />
            <Skeleton width="56%" />
          </SkeletonGroup>
        }
        isEmpty={({ viewings: list }) => list.length === 0}
        empty={<p className={styles.soft}>{t('details.noViewings')}</p>}
      >
        {({ viewings: list }) => (
          <ul className={styles.lines}>
            {list.map(({ id: viewingId, name, link, startedAt }) => (
              <li key={viewingId}>
                <time dateTime={startedAt} className={styles.soft}>
                  {format.moment(new Date(startedAt))}
                </time>
                {link ? t('details.byLink', { name: name || t('details.stranger'), link: link.name }) : name}
              </li>
            ))}
          </ul>
        )}
      </FourStates>
    </section>
  );
}
