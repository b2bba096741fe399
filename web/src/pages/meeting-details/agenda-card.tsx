import { useTranslation } from 'react-i18next';
import type { Meeting } from '@/api';
import { Card } from '@/design';
import { useFormat } from '@/i18n';
import { useAgenda } from '@/pages/queries';
import styles from './agenda-card.module.css';

/** What there is, or was, to talk about. Not there where nobody wrote anything. */
export function AgendaCard({ meeting }: { readonly meeting: Meeting }) {
  const { t } = useTranslation('agenda');
  const { span } = useFormat();
  const { data } = useAgenda(meeting.id);
  if (!data || data.items.length === 0) return null;
  const ended = meeting.endedAt === null ? null : Date.parse(meeting.endedAt);
  return (
    <Card title={t('title')}>
      <ol className={styles.items}>
        {data.items.map(({ id, title, minutes, spentMs }) => {
          // What was talked about last was until the end.
          const last = data.currentId === id && ended !== null && data.since !== null ? Math.max(0, ended - Date.parse(data.since)) : 0;
          const took = spentMs + last;
          return (
            <li key={id} className={styles.item}>
              <span className={styles.title}>{title}</span>
              <span className={styles.time}>
                {data.currentId === id && ended === null
                  ? t('now')
                  : took > 0
                    ? span(took)
                    : minutes !== null && t('minutes', { count: minutes })}
              </span>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
