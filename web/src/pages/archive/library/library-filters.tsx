import { LayoutGrid, List, Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingsAsk } from '@/api';
import { Button, Field, IconButton, Input, Select } from '@/design';
import { useMeeting } from '@/pages/queries';
import styles from './library-filters.module.css';
import type { Look } from './use-look';

const names = ['query', 'state', 'from', 'to', 'meeting', 'of'] as const;
export type Filters = Record<(typeof names)[number], string>;

const states = ['ready', 'processing', 'on', 'failed'] as const;
const origins = ['mine', 'shared', 'review', 'new'] as const;
const settleMs = 250;

/** As they stand in the address. */
export function readFilters(search: URLSearchParams): Filters {
  const read = (name: keyof Filters): string => search.get(name) ?? '';
  return {
    query: read('query'),
    state: read('state'),
    from: day(read('from')),
    to: day(read('to')),
    meeting: read('meeting'),
    of: read('of'),
  };
}

/** What the server is asked. Days are those of the reader's calendar. */
export function askOf({ query, state, from, to, meeting, of }: Filters): RecordingsAsk {
  return {
    ...(query.trim() !== '' && { query: query.trim() }),
    ...(states.some((name) => name === state) && { state }),
    ...(from !== '' && { from: startOf(from, 0) }),
    ...(to !== '' && { to: startOf(to, 1) }),
    ...(meeting !== '' && { meetingId: meeting }),
    ...(origins.some((name) => name === of) && { of }),
  };
}

function day(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : '';
}

function startOf(text: string, later: number): string {
  const [year = 0, month = 1, date = 1] = text.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

export interface LibraryFiltersProps {
  readonly filters: Filters;
  readonly onChange: (search: Record<string, string>) => void;
  readonly look: Look;
  readonly onLook: (look: Look) => void;
}

export function LibraryFilters({ filters, onChange, look, onLook }: LibraryFiltersProps) {
  const { t } = useTranslation('archive');
  const set = (name: keyof Filters, value: string): void => {
    const next = { ...filters, [name]: value };
    onChange(Object.fromEntries(names.filter((key) => next[key] !== '').map((key) => [key, next[key]])));
  };
  return (
    <search className={styles.filters} aria-label={t('filter.label')}>
      <TextFilter value={filters.query} onChange={(value) => set('query', value)} />
      <Field label={t('filter.of')} labelHidden className={styles.choice}>
        <Select value={filters.of} onChange={(event) => set('of', event.target.value)}>
          <option value="">{t('filter.ofAll')}</option>
          {origins.map((name) => (
            <option key={name} value={name}>
              {t(`filter.${name}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('filter.state')} labelHidden className={styles.choice}>
        <Select value={filters.state} onChange={(event) => set('state', event.target.value)}>
          <option value="">{t('filter.stateAll')}</option>
          {states.map((name) => (
            <option key={name} value={name}>
              {t(`filter.states.${name}`)}
            </option>
          ))}
        </Select>
      </Field>
      <div className={styles.days}>
        <Field label={t('filter.from')} className={styles.day}>
          <Input type="date" value={filters.from} max={filters.to || undefined} onChange={(event) => set('from', event.target.value)} />
        </Field>
        <Field label={t('filter.to')} className={styles.day}>
          <Input type="date" value={filters.to} min={filters.from || undefined} onChange={(event) => set('to', event.target.value)} />
        </Field>
      </div>
      <div className={styles.looks}>
        <IconButton
          label={t('look.grid')}
          icon={<LayoutGrid size={20} aria-hidden="true" />}
          pressed={look === 'grid'}
          onClick={() => onLook('grid')}
        />
        <IconButton
          label={t('look.list')}
          icon={<List size={20} aria-hidden="true" />}
          pressed={look === 'list'}
          onClick={() => onLook('list')}
        />
      </div>
      {filters.meeting !== '' && <OfMeeting id={filters.meeting} onRemove={() => set('meeting', '')} />}
    </search>
  );
}

/** Asks when the fingers rest. */
function TextFilter({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const { t } = useTranslation('archive');
  const [text, setText] = useState(value);
  const asked = useRef(value);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    // It was changed from outside: all filters taken away, or the way back.
    if (value !== asked.current) {
      asked.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = text;
      latest.current(text);
    }, settleMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Field label={t('filter.text')} labelHidden className={styles.text}>
      <Search className={styles.glass} size={18} aria-hidden="true" />
      <Input
        type="search"
        className={styles.words}
        value={text}
        maxLength={200}
        placeholder={t('filter.text')}
        onChange={(event) => setText(event.target.value)}
      />
    </Field>
  );
}

function OfMeeting({ id, onRemove }: { readonly id: string; readonly onRemove: () => void }) {
  const { t } = useTranslation('archive');
  const meeting = useMeeting(id);
  return (
    <Button className={styles.meeting} icon={<X size={18} aria-hidden="true" />} onClick={onRemove}>
      {t('filter.ofMeeting', { title: meeting.data?.title ?? '…' })}
    </Button>
  );
}
