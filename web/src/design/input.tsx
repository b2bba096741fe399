import { ChevronDown, Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from './cx';
import { useField } from './field';
import styles from './input.module.css';

export function Input({ className, type = 'text', ...rest }: ComponentProps<'input'>) {
  return <input {...useField()} {...rest} type={type} className={cx(styles.input, className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...useField()} {...rest} className={cx(styles.input, styles.textarea, className)} />;
}

/** The system's own list: on a phone it is the one that the thumb knows. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={styles.wrap}>
      <select {...useField()} {...rest} className={cx(styles.input, styles.select, className)}>
        {children}
      </select>
      <ChevronDown className={styles.chevron} size={18} aria-hidden="true" />
    </span>
  );
}

/** A password that can be looked at. */
export function PasswordInput({ className, ...rest }: Omit<ComponentProps<'input'>, 'type'>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const label = shown ? t('password.hide') : t('password.show');
  return (
    <span className={styles.wrap}>
      <input
        {...useField()}
        {...rest}
        type={shown ? 'text' : 'password'}
        className={cx(styles.input, styles.password, className)}
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
      />
      <button type="button" className={styles.eye} aria-label={label} aria-pressed={shown} title={label} onClick={() => setShown(!shown)}>
        {shown ? <EyeOff size={18} aria-hidden="true" /> : <Eye size={18} aria-hidden="true" />}
      </button>
    </span>
  );
}
