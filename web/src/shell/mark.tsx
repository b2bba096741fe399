import styles from './mark.module.css';

/** The sign of Causeway: a bridge, and a lantern over it. */
export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" strokeLinecap="round" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0b6e75" />
      <path d="M4.5 21.5h23M6.5 21.5a9.5 9.5 0 0 1 19 0" stroke="#fff" strokeWidth="2.2" />
      <path d="M11 15.2v6.3M16 12v9.5M21 15.2v6.3" stroke="#fff" strokeWidth="1.7" />
      <circle cx="16" cy="7.4" r="2.4" fill="#f0a24c" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span className={styles.wordmark}>
      <Mark />
      Causeway
    </span>
  );
}
