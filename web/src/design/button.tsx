import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'react-router';
import styles from './button.module.css';
import { cx } from './cx';
import { Spinner } from './spinner';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger' | 'danger-quiet';

interface Look {
  readonly variant?: ButtonVariant | undefined;
  readonly size?: 'medium' | 'large' | undefined;
  /** Takes the whole width of its place. */
  readonly wide?: boolean | undefined;
  /** A lucide icon, before the words. */
  readonly icon?: ReactNode;
}

export interface ButtonProps extends ComponentProps<'button'>, Look {
  /** Under way: it can't be pressed again, and says so. Its width stays. */
  readonly busy?: boolean | undefined;
}

export function Button({
  variant = 'secondary',
  size = 'medium',
  wide,
  icon,
  busy = false,
  disabled,
  type = 'button',
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={look({ variant, size, wide }, className)}
      disabled={disabled}
      // Busy is not `disabled`: the focus would be lost, and with it one's place on the page.
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      <span className={styles.words}>{children}</span>
      {busy && (
        <span className={styles.busy}>
          <Spinner size={18} />
        </span>
      )}
    </button>
  );
}

/** Looks like a button and goes somewhere: an address, so it can be opened in a tab of its own. */
export function ButtonLink({
  variant = 'secondary',
  size = 'medium',
  wide,
  icon,
  className,
  children,
  ...rest
}: ComponentProps<typeof Link> & Look) {
  return (
    <Link {...rest} className={look({ variant, size, wide }, className)}>
      {icon}
      <span className={styles.words}>{children}</span>
    </Link>
  );
}

function look({ variant = 'secondary', size, wide }: Look, className: string | undefined): string {
  return cx(styles.button, styles[variant], size === 'large' && styles.large, wide && styles.wide, className);
}
