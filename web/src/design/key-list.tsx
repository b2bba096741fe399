import styles from './key-list.module.css';

export interface KeyListProps {
  /** Each with the keys that do it, and what they do. */
  readonly keys: readonly (readonly [keys: readonly string[], words: string])[];
}

/** What can be done with the keyboard. */
export function KeyList({ keys: all }: KeyListProps) {
  const wide = all.some(([keys]) => keys.length > 1);
  return (
    <dl className={styles.list}>
      {all.map(([keys, words]) => (
        <div key={words} className={styles.row} data-wide={wide || undefined}>
          <dt>
            {keys.map((key) => (
              <kbd key={key} className={styles.key}>
                {key}
              </kbd>
            ))}
          </dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
