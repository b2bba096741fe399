import { useId } from 'react';
import styles from './choice.module.css';

export interface ChoiceProps<Value extends string> {
  readonly label: string;
  /** What the chosen one means, in a sentence. */
  readonly hint?: string | undefined;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly choices: readonly { readonly value: Value; readonly label: string }[];
  readonly disabled?: boolean | undefined;
}

/** One of a few, all of them to be seen. */
export function Choice<Value extends string>({ label, hint, value, onChange, choices, disabled }: ChoiceProps<Value>) {
  const id = useId();
  return (
    <fieldset className={styles.choice} disabled={disabled} aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend className={styles.label}>{label}</legend>
      <div className={styles.options}>
        {choices.map((choice) => (
          <label key={choice.value} className={styles.option}>
            <input type="radio" name={id} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
      {hint && (
        <p id={`${id}-hint`} className={styles.hint} aria-live="polite">
          {hint}
        </p>
      )}
    </fieldset>
  );
}
