import { useQuery } from '@tanstack/react-query';
import { Check, X } from 'lucide-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Avatar, Badge, cx, Field, FourStates, Input, Skeleton, SkeletonGroup } from '@/design';
import { keys } from '@/pages/queries';
import { useChat } from './chat-context';
import { matches } from './conversation-name';
import styles from './picker.module.css';

export interface PickedPerson {
  readonly id: string;
  readonly name: string;
}

export interface PeoplePickerProps {
  readonly label: string;
  readonly error?: string | undefined;
  readonly chosen: readonly PickedPerson[];
  readonly onChange: (chosen: readonly PickedPerson[]) => void;
  /** Those who are there already. */
  readonly without?: ReadonlySet<string>;
  /** One person at most. */
  readonly single?: boolean;
}

const nobody: ReadonlySet<string> = new Set();

/** Colleagues, found by name or e-mail. */
export function PeoplePicker({ label, error, chosen, onChange, without = nobody, single = false }: PeoplePickerProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api.people.list(signal) });
  const [query, setQuery] = useState('');
  const list = useRef<HTMLUListElement>(null);
  const found = useMemo(
    () =>
      (people.data?.people ?? []).filter(
        (person) => person.id !== client.me.id && !without.has(person.id) && matches(`${person.name} ${person.email ?? ''}`, query),
      ),
    [people.data, query, without, client.me.id],
  );
  const isChosen = (id: string): boolean => chosen.some((person) => person.id === id);
  const toggle = (person: PickedPerson): void => {
    if (isChosen(person.id)) onChange(chosen.filter(({ id }) => id !== person.id));
    else onChange(single ? [person] : [...chosen, { id: person.id, name: person.name }]);
  };
  const keyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const [first] = found;
    if (event.key === 'Enter' && query.trim() !== '' && first) {
      event.preventDefault();
      toggle(first);
      setQuery('');
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      list.current?.querySelector<HTMLElement>('button')?.focus();
    } else if (event.key === 'Backspace' && query === '' && chosen.length > 0) onChange(chosen.slice(0, -1));
  };
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = buttons.findIndex((one) => one.matches(':focus'));
    buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
  };
  return (
    <div className={styles.picker}>
      <Field label={label} error={error}>
        <Input
          type="search"
          autoFocus
          value={query}
          placeholder={t('picker.search')}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={keyDown}
        />
      </Field>
      {chosen.length > 0 && (
        <ul className={styles.chips} aria-label={t('picker.chosen')}>
          {chosen.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                className={styles.chip}
                onClick={() => toggle(person)}
                aria-label={t('picker.remove', { name: person.name })}
              >
                <Avatar name={person.name} id={person.id} size={22} />
                {person.name}
                <X size={16} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <FourStates
        answer={people}
        busy={
          <SkeletonGroup className={styles.list}>
            <Skeleton width="60%" />
            <Skeleton width="50%" />
          </SkeletonGroup>
        }
      >
        {() => (
          <ul ref={list} className={styles.list} onKeyDown={move} aria-label={label}>
            {found.slice(0, 100).map((person) => (
              <li key={person.id}>
                <button
                  type="button"
                  className={cx(styles.option, isChosen(person.id) && styles.chosen)}
                  aria-pressed={isChosen(person.id)}
                  onClick={() => toggle(person)}
                >
                  <Avatar name={person.name} id={person.id} size={32} />
                  <span className={styles.name}>{person.name}</span>
                  {person.role === 'guest' ? (
                    <Badge tone="lantern">{t('guest')}</Badge>
                  ) : (
                    <span className={styles.detail}>{person.email}</span>
                  )}
                  {isChosen(person.id) && <Check size={18} aria-hidden="true" />}
                </button>
              </li>
            ))}
            {found.length === 0 && <li className={styles.none}>{t('picker.none')}</li>}
          </ul>
        )}
      </FourStates>
    </div>
  );
}
