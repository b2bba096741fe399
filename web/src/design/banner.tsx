import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './banner.module.css';
import { cx } from './cx';

export type BannerTone = 'info' | 'attention' | 'wrong' | 'good';

export interface BannerProps {
  readonly tone?: BannerTone | undefined;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** Read out at once (`alert`), when there is time (`status`), or only when one comes by. */
  readonly announce?: 'alert' | 'status' | undefined;
  /** The stable code of an error: small, beside the words, for those who are asked about it. */
  readonly code?: string | undefined;
  readonly className?: string | undefined;
}

const icons = { info: Info, attention: TriangleAlert, wrong: CircleAlert, good: CircleCheck } as const;

/** Says in words what is the matter and what is being done about it. */
export function Banner({ tone = 'info', title, children, actions, announce, code, className }: BannerProps) {
  const Icon = icons[tone];
  return (
    <div className={cx(styles.banner, className)} data-tone={tone} role={announce}>
      <Icon className={styles.icon} size={20} aria-hidden="true" />
      <div className={styles.words}>
        {title && <p className={styles.title}>{title}</p>}
        {children && <div>{children}</div>}
        {code && <p className={styles.code}>{code}</p>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
