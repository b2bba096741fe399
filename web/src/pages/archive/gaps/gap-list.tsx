import { CircleDashed } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingGap } from '@/api';
import { Button } from '@/design';
import { currentLanguage, localeOf } from '@/i18n';
import { clock } from '../clock';
import { Moment } from '../player/moment';
import styles from './gap-list.module.css';
import { gapWords } from './gap-words';

/** So many are read at a glance. */
const first = 3;

/** What is not in it, and why, with the way to each place. Nothing where nothing is missing. */
export function GapList({ gaps }: { readonly gaps: readonly RecordingGap[] }) {
  const { t } = useTranslation('archive');
  const [all, setAll] = useState(false);
  const [title, items] = [useId(), useId()];
  if (gaps.length === 0) return null;
  const list = new Intl.ListFormat(localeOf(currentLanguage()), { type: 'conjunction' });
  // One more is no longer than the button for it.
  const isLong = gaps.length > first + 1;
  const shown = all || !isLong ? gaps : gaps.slice(0, first);
  return (
    <section className={styles.gaps} aria-labelledby={title}>
      <h2 id={title} className={styles.title}>
        <CircleDashed size={18} aria-hidden="true" />
        {t('gaps.title')}
      </h2>
      <ul id={items} className={styles.list}>
        {shown.map((gap) => (
          <li key={`${gap.what} ${gap.fromMs} ${gap.toMs}`} className={styles.gap}>
            <span className={styles.when}>
              <Moment atMs={gap.fromMs} />
              {gap.toMs === null ? t('gaps.toTheEnd') : `– ${clock(gap.toMs)}`}
            </span>
            <span>{gapWords(gap, t, list)}</span>
          </li>
        ))}
      </ul>
      {isLong && (
        <Button variant="quiet" className={styles.more} aria-expanded={all} aria-controls={items} onClick={() => setAll(!all)}>
          {all ? t('gaps.fewer') : t('gaps.all', { count: gaps.length })}
        </Button>
      )}
    </section>
  );
}
