import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';
import styles from './icon-button.module.css';
import { type Side, Tooltip } from './tooltip';

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'aria-label'> {
  /** What it does: the accessible name and the tooltip. */
  readonly label: string;
  /** A lucide icon of 20 px. */
  readonly icon: ReactNode;
  readonly variant?: 'quiet' | 'filled' | 'danger' | undefined;
  readonly size?: 'medium' | 'large' | undefined;
  /** For a button that stays down. The label should then say what it is, not what a press does. */
  readonly pressed?: boolean | undefined;
  readonly shortcut?: string | undefined;
  readonly tooltipSide?: Side | undefined;
  /** A count or a dot on the corner. */
  readonly badge?: ReactNode;
}

export function IconButton({
  label,
  icon,
  variant = 'quiet',
  size = 'medium',
  pressed,
  shortcut,
  tooltipSide,
  badge,
  type = 'button',
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip content={label} shortcut={shortcut} side={tooltipSide}>
      <button
        {...rest}
        type={type}
        className={cx(styles.button, styles[variant], size === 'large' && styles.large, className)}
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={shortcut}
      >
        {icon}
        {badge !== undefined && badge !== null && badge !== false && <span className={styles.badge}>{badge}</span>}
      </button>
    </Tooltip>
  );
}
