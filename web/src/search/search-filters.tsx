import { useTranslation } from 'react-i18next';
import type { Colleague, Conversation } from '@/api';
import { Button, Field, Input, Select, Switch } from '@/design';
import styles from './search-filters.module.css';
import { nameOf, noFilters, type SearchFilters } from './use-search';

export interface SearchFilterBarProps {
  readonly filters: SearchFilters;
  readonly people: readonly Colleague[];
  readonly conversations: readonly Conversation[];
  readonly onChange: (filters: SearchFilters) => void;
}

/** By whom, where, when, and whether a file is with it. */
export function SearchFilterBar({ filters, people, conversations, onChange }: SearchFilterBarProps) {
  const { t } = useTranslation('search');
  const set = (part: Partial<SearchFilters>): void => onChange({ ...filters, ...part });
  return (
    <div className={styles.bar}>
      <Field label={t('from')}>
        <Select value={filters.person} onChange={(event) => set({ person: event.target.value })}>
          <option value="">{t('anybody')}</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('in')}>
        <Select value={filters.conversation} onChange={(event) => set({ conversation: event.target.value })}>
          <option value="">{t('anywhere')}</option>
          {conversations.map((conversation) => (
            <option key={conversation.id} value={conversation.id}>
              {nameOf(conversation) || t('notes')}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('since')}>
        <Input type="date" value={filters.since} onChange={(event) => set({ since: event.target.value })} />
      </Field>
      <Field label={t('until')}>
        <Input type="date" value={filters.until} onChange={(event) => set({ until: event.target.value })} />
      </Field>
      <Switch label={t('hasFile')} checked={filters.file} onChange={(file) => set({ file })} />
      <Button variant="quiet" onClick={() => onChange(noFilters)}>
        {t('clear')}
      </Button>
    </div>
  );
}
