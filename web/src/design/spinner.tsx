import { cx } from './cx';
import styles from './spinner.module.css';

/** Turns while something is under way. Shows itself only after 300 ms: what is quicker needs no sign. */
export function Spinner({ size = 20, className }: { size?: number; className?: string | undefined }) {
  return (
    <svg className={cx(styles.spinner, className)} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" strokeDasharray="32 60" />
    </svg>
  );
}
