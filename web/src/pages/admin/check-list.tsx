import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Field, FieldError, Input } from '@/design';
import styles from './check-list.module.css';

export interface CheckOption<Id extends string = string> {
  readonly id: Id;
  readonly name: string;
  readonly detail?: string | undefined;
}

export interface CheckListProps<Id extends string> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly options: readonly CheckOption<Id>[];
  readonly chosen: readonly Id[];
  readonly onChange: (chosen: readonly Id[]) => void;
}

/** Longer lists are searched. */
const searchedFrom = 9;
const shownAtMost = 200;

/** Any number of a list. */
export function CheckList<Id extends string>({ label, hint, error, options, chosen, onChange }: CheckListProps<Id>) {
  const { t } = useTranslation('admin');
  const [query, setQuery] = useState('');
  const id = useId();
  const words = query.trim().toLocaleLowerCase();
  const isChosen = (option: CheckOption<Id>): boolean => chosen.includes(option.id);
  const shown = options
    .filter((option) => words === '' || isChosen(option) || `${option.name} ${option.detail ?? ''}`.toLocaleLowerCase().includes(words))
    .slice(0, shownAtMost);
  return (
    <fieldset className={styles.list} aria-describedby={`${id}-hint ${id}-error`} aria-invalid={error ? true : undefined} tabIndex={-1}>
      <legend className={styles.legend}>{label}</legend>
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {/* Above the list, which may be longer than the screen. */}
      <div className={styles.error}>
        <FieldError id={`${id}-error`}>{error}</FieldError>
      </div>
      {options.length >= searchedFrom && (
        <Field label={t('list.search')} labelHidden className={styles.search}>
          <Input type="search" value={query} placeholder={t('list.search')} onChange={(event) => setQuery(event.target.value)} />
        </Field>
      )}
      <div className={styles.options}>
        {shown.map((option) => (
          <label key={option.id} className={styles.option}>
            <input
              type="checkbox"
              checked={isChosen(option)}
              onChange={(event) => onChange(event.target.checked ? [...chosen, option.id] : chosen.filter((one) => one !== option.id))}
            />
            <span className={styles.words}>
              {option.name}
              {option.detail && <span className={styles.detail}>{option.detail}</span>}
            </span>
          </label>
        ))}
        {shown.length === 0 && <p className={styles.none}>{t('list.nothing')}</p>}
      </div>
    </fieldset>
  );
}
