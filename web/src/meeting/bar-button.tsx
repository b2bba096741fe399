import type { ComponentProps, ReactNode } from 'react';
import { cx, Tooltip } from '@/design';
import styles from './bar-button.module.css';

export interface BarButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'aria-label'> {
  readonly icon: ReactNode;
  /** What it is; stands under the icon where there is room. */
  readonly label: string;
  /** The accessible name where it says more than the label, such as a count. */
  readonly name?: string | undefined;
  /** What a press does now. */
  readonly hint: string;
  readonly shortcut?: string | undefined;
  readonly pressed?: boolean | undefined;
  readonly look?: 'plain' | 'off' | 'on' | 'attention' | 'leave' | undefined;
  readonly badge?: ReactNode;
}

/** A control of the bar at the bottom of the meeting. */
export function BarButton({
  icon,
  label,
  name = label,
  hint,
  shortcut,
  pressed,
  look = 'plain',
  badge,
  className,
  ...rest
}: BarButtonProps) {
  return (
    <Tooltip content={hint} shortcut={shortcut}>
      <button
        {...rest}
        type="button"
        className={cx(styles.button, className)}
        data-look={look}
        aria-label={name}
        aria-pressed={pressed}
        aria-keyshortcuts={shortcut}
      >
        <span className={styles.face}>
          {icon}
          {badge !== undefined && badge !== null && badge !== false && <span className={styles.badge}>{badge}</span>}
        </span>
        <span className={styles.label} aria-hidden="true">
          {label}
        </span>
      </button>
    </Tooltip>
  );
}
