import { CircleAlert } from 'lucide-react';
import { createContext, type ReactNode, useContext, useId } from 'react';
import { cx } from './cx';
import styles from './field.module.css';

interface Wiring {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

const FieldContext = createContext<Wiring | null>(null);

export interface FieldProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** What is wrong with the input and what to do. */
  readonly error?: ReactNode;
  /** The label is there for screen readers only. */
  readonly labelHidden?: boolean | undefined;
  readonly className?: string | undefined;
  /** One Input, PasswordInput, Select or Textarea: it finds its label, hint and error by itself. */
  readonly children: ReactNode;
}

export function Field({ label, hint, error, labelHidden, className, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const describedBy = cx(error ? errorId : null, hint ? hintId : null) || undefined;
  return (
    <div className={cx(styles.field, className)}>
      <label htmlFor={id} className={cx(styles.label, labelHidden && styles.hidden)}>
        {label}
      </label>
      <FieldContext value={{ id, describedBy, invalid: Boolean(error) }}>{children}</FieldContext>
      {hint && (
        <p id={hintId} className={styles.hint}>
          {hint}
        </p>
      )}
      <FieldError id={errorId}>{error}</FieldError>
    </div>
  );
}

/** What is wrong with a part of a form. Always there, so that screen readers hear what comes into it. */
export function FieldError({ id, children }: { readonly id?: string | undefined; readonly children: ReactNode }) {
  return (
    <p id={id} className={styles.error} aria-live="polite">
      {children && (
        <>
          <CircleAlert size={16} aria-hidden="true" />
          <span>{children}</span>
        </>
      )}
    </p>
  );
}

/** For inputs: what ties them to the Field around them. */
export function useField(): { id?: string; 'aria-describedby'?: string; 'aria-invalid'?: true } {
  const wiring = useContext(FieldContext);
  if (!wiring) return {};
  return {
    id: wiring.id,
    ...(wiring.describedBy === undefined ? {} : { 'aria-describedby': wiring.describedBy }),
    ...(wiring.invalid ? { 'aria-invalid': true } : {}),
  };
}
