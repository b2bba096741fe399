import type { ReactNode } from 'react';
import { cx } from './cx';
import styles from './empty-state.module.css';

export interface EmptyStateProps {
  readonly icon?: ReactNode;
  readonly title: ReactNode;
  /** There is nothing else on the page: the title is the page's heading. */
  readonly alone?: boolean | undefined;
  /** What this place is for. */
  readonly children?: ReactNode;
  /** The first thing to do here. */
  readonly action?: ReactNode;
  readonly tone?: 'plain' | 'wrong' | undefined;
  /** The stable code of an error. */
  readonly code?: string | undefined;
  readonly announce?: 'alert' | undefined;
  readonly className?: string | undefined;
}

export function EmptyState({ icon, title, alone = false, children, action, tone = 'plain', code, announce, className }: EmptyStateProps) {
  const Title = alone ? 'h1' : 'p';
  return (
    <div className={cx(styles.state, className)} data-tone={tone} role={announce}>
      {icon && <div className={styles.icon}>{icon}</div>}
      <Title className={styles.title}>{title}</Title>
      {children && <div className={styles.words}>{children}</div>}
      {action && <div className={styles.action}>{action}</div>}
      {code && <p className={styles.code}>{code}</p>}
    </div>
  );
}
