import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Answer, Field, FourStates, Input } from '@/design';
import admin from './admin.module.css';
import { BusyRows } from './busy-rows';

const shownAtMost = 8;

export interface SearchedRowsProps<Data, Item> {
  readonly label: string;
  readonly answer: Answer<Data>;
  readonly itemsOf: (data: Data) => readonly Item[];
  /** What is searched. */
  readonly textOf: (item: Item) => string;
  /** How many there are of which only the first are shown. */
  readonly more: (count: number) => string;
  /** Where there is nothing at all. */
  readonly empty: string;
  /** One row of the list. */
  readonly children: (item: Item) => ReactNode;
}

/** A list as long as the organisation: it is searched, and only its beginning is shown. */
export function SearchedRows<Data, Item>({ label, answer, itemsOf, textOf, more, empty, children }: SearchedRowsProps<Data, Item>) {
  const { t } = useTranslation('admin');
  const [query, setQuery] = useState('');
  const words = query.trim().toLocaleLowerCase();
  return (
    <FourStates
      answer={answer}
      busy={<BusyRows />}
      isEmpty={(data) => itemsOf(data).length === 0}
      empty={<p className={admin.none}>{empty}</p>}
    >
      {(data) => {
        const found = itemsOf(data).filter((item) => textOf(item).toLocaleLowerCase().includes(words));
        return (
          <>
            <div className={admin.pad}>
              <Field label={label} labelHidden>
                <Input type="search" value={query} placeholder={label} onChange={(event) => setQuery(event.target.value)} />
              </Field>
            </div>
            {found.length === 0 ? (
              <p className={admin.none}>{t('list.nothing')}</p>
            ) : (
              <ul className={admin.rows}>{found.slice(0, shownAtMost).map(children)}</ul>
            )}
            {found.length > shownAtMost && <p className={admin.none}>{more(found.length - shownAtMost)}</p>}
          </>
        );
      }}
    </FourStates>
  );
}
