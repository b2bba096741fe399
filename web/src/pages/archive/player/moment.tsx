import { useTranslation } from 'react-i18next';
import { clock } from '../clock';
import styles from './moment.module.css';
import { usePlayer } from './player-context';

/** A time that leads to its moment. */
export function Moment({ atMs }: { readonly atMs: number }) {
  const { t } = useTranslation('archive');
  const { jump } = usePlayer();
  return (
    <button type="button" className={styles.moment} aria-label={t('jumpTo', { time: clock(atMs) })} onClick={() => jump(atMs)}>
      {clock(atMs)}
    </button>
  );
}
