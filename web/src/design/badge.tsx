import type { ReactNode } from 'react';
import styles from './badge.module.css';
import { cx } from './cx';

export type BadgeTone = 'plain' | 'harbour' | 'lantern' | 'live' | 'jade';

export interface BadgeProps {
  readonly tone?: BadgeTone | undefined;
  /** A dot before the words: something that goes on now. */
  readonly dot?: boolean | undefined;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** A state in a word; the colour only helps. */
export function Badge({ tone = 'plain', dot, className, children }: BadgeProps) {
  return (
    <span className={cx(styles.badge, className)} data-tone={tone}>
      {dot && <span className={styles.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}
