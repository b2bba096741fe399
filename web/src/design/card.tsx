import type { ComponentProps, ReactNode } from 'react';
import styles from './card.module.css';
import { cx } from './cx';

export interface CardProps extends Omit<ComponentProps<'section'>, 'title'> {
  readonly title?: ReactNode;
  readonly description?: ReactNode;
  /** At the right of the title. */
  readonly actions?: ReactNode;
  /** Rows reach the edges: for lists. */
  readonly flush?: boolean | undefined;
}

export function Card({ title, description, actions, flush, className, children, ...rest }: CardProps) {
  return (
    <section {...rest} className={cx(styles.card, className)}>
      {(title || actions) && (
        <header className={styles.header}>
          <div className={styles.words}>
            <h2 className={styles.title}>{title}</h2>
            {description && <p className={styles.description}>{description}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={flush ? undefined : styles.body}>{children}</div>
    </section>
  );
}
