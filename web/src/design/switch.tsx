import { Check } from 'lucide-react';
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { cx } from './cx';
import styles from './switch.module.css';

export interface ChoiceProps {
  readonly label: ReactNode;
  readonly description?: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean | undefined;
  readonly className?: string | undefined;
}

/** Works at once. The whole row is its target. */
export function Switch({ label, description, checked, onChange, disabled, className }: ChoiceProps) {
  const id = useId();
  return (
    <div className={cx(styles.row, className)}>
      <Words id={id} label={label} description={description} />
      <RadixSwitch.Root
        id={id}
        className={styles.switch}
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-describedby={description ? `${id}-description` : undefined}
      >
        <RadixSwitch.Thumb className={styles.thumb} />
      </RadixSwitch.Root>
    </div>
  );
}

/** Counts when the form is sent. */
export function Checkbox({ label, description, checked, onChange, disabled, className }: ChoiceProps) {
  const id = useId();
  return (
    <div className={cx(styles.row, styles.boxFirst, className)}>
      <RadixCheckbox.Root
        id={id}
        className={styles.box}
        checked={checked}
        onCheckedChange={(value) => onChange(value === true)}
        disabled={disabled}
        aria-describedby={description ? `${id}-description` : undefined}
      >
        <RadixCheckbox.Indicator className={styles.tick}>
          <Check size={16} strokeWidth={2.5} aria-hidden="true" />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <Words id={id} label={label} description={description} />
    </div>
  );
}

function Words({ id, label, description }: { id: string; label: ReactNode; description: ReactNode }) {
  return (
    <div className={styles.words}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      {description && (
        <p id={`${id}-description`} className={styles.description}>
          {description}
        </p>
      )}
    </div>
  );
}
