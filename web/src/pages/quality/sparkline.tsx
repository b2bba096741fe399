import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n';
import { course, gradeName } from './grade';
import styles from './sparkline.module.css';

export interface SparklineProps {
  /** By minute, beginning at `from`. */
  readonly grades: readonly (number | null)[];
  readonly from: Date | null;
}

const width = 120;
const height = 28;
/** Below this one notices. */
const noticed = height - (7 / 10) * height;

/** The course of a call in a glance; a sentence says the worst of it. */
export function Sparkline({ grades, from }: SparklineProps) {
  const { t } = useTranslation('quality');
  const format = useFormat();
  const { path, dots, lowest, highest } = course(grades, width, height);
  // That nothing is known is said by the grade.
  if (lowest === null) return null;
  const lowestWords = format.number(lowest.grade);
  const isFlat = highest - lowest.grade < 0.05;
  const time = from ? format.time(new Date(from.getTime() + lowest.minute * 60_000)) : '';
  const label = isFlat ? t('courseFlat', { lowest: lowestWords }) : t('course', { lowest: lowestWords, time });
  return (
    <svg
      className={styles.line}
      data-grade={gradeName(lowest.grade)}
      width={width}
      height={height}
      viewBox={`-2 -2 ${width + 4} ${height + 4}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <line className={styles.threshold} x1={0} x2={width} y1={noticed} y2={noticed} />
      <path className={styles.course} d={path} />
      {dots.map(({ x, y }) => (
        <circle key={x} className={styles.dot} cx={x} cy={y} r={2} />
      ))}
    </svg>
  );
}
