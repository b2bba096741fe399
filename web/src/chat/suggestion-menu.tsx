import { type ReactNode, useEffect, useRef } from 'react';
import { cx } from '@/design';
import styles from './suggestion-menu.module.css';

export interface Suggestion {
  readonly key: string;
  readonly content: ReactNode;
  readonly onChoose: () => void;
}

/** What may be meant, above the field in which it is being written. The field keeps the focus. */
export function SuggestionMenu({
  id,
  label,
  suggestions,
  active,
  onActive,
}: {
  readonly id: string;
  readonly label: string;
  readonly suggestions: readonly Suggestion[];
  readonly active: number;
  readonly onActive: (index: number) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the one that the arrows are at.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div ref={list} id={id} role="listbox" aria-label={label} className={styles.menu}>
      {suggestions.map((suggestion, index) => (
        <div
          key={suggestion.key}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className={cx(styles.option, index === active && styles.active)}
          onPointerEnter={() => onActive(index)}
          onPointerDown={(event) => {
            // The field keeps the focus.
            event.preventDefault();
            suggestion.onChoose();
          }}
        >
          {suggestion.content}
        </div>
      ))}
    </div>
  );
}
