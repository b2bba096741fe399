import { ListChecks } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useItemTime } from '@/agenda/use-item-time';
import styles from './agenda-line.module.css';
import { useAgenda } from './use-agenda';

/** Above the stage: what is talked about now, and since when. The way to the whole agenda. */
export function AgendaLine({ onOpen }: { readonly onOpen: () => void }) {
  const { t } = useTranslation('agenda');
  const { current, spentOf } = useAgenda();
  const timeOf = useItemTime();
  if (!current) return null;
  const { words, over } = timeOf(current, spentOf(current));
  return (
    <button
      type="button"
      className={styles.line}
      aria-label={t('line', { title: current.title, time: words })}
      title={current.title}
      data-agenda-line=""
      onClick={onOpen}
    >
      <ListChecks size={18} aria-hidden="true" />
      <span className={styles.title}>{current.title}</span>
      <span className={styles.time} data-over={over || undefined}>
        {words}
      </span>
    </button>
  );
}
