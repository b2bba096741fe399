import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type CaptionSettings } from '@/api';
import { Button, Card, Field, Input, MenuItem, Textarea } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { RowMenu } from '../row-menu';
import { useSaved } from '../use-saved';
import { heardOf, withoutTerm, withTerm } from './glossary-terms';
import { useCaptionChange } from './use-caption-change';

type Terms = CaptionSettings['glossary'];

const shownAtMost = 30;

/** Names and terms that engines get wrong: they are put right before anybody reads them. */
export function Glossary({ terms }: { readonly terms: Terms }) {
  const { t } = useTranslation('admin');
  const change = useCaptionChange();
  /** Empty: a new one. */
  const [editing, setEditing] = useState<string | null>(null);
  const [query, setQuery] = useState('');
  const words = query.trim().toLocaleLowerCase();
  const found = terms.filter(({ term, heard }) => `${term} ${heard.join(' ')}`.toLocaleLowerCase().includes(words));
  return (
    <Card
      title={t('captions.glossary')}
      description={t('captions.glossaryWords')}
      flush
      actions={
        <Button icon={<Plus size={18} aria-hidden="true" />} onClick={() => setEditing('')}>
          {t('captions.addTerm')}
        </Button>
      }
    >
      {terms.length > shownAtMost / 3 && (
        <div className={admin.pad}>
          <Field label={t('list.search')} labelHidden>
            <Input type="search" value={query} placeholder={t('list.search')} onChange={(event) => setQuery(event.target.value)} />
          </Field>
        </div>
      )}
      {terms.length === 0 ? (
        <p className={admin.none}>{t('captions.noTerms')}</p>
      ) : found.length === 0 ? (
        <p className={admin.none}>{t('list.nothing')}</p>
      ) : (
        <ul className={admin.rows}>
          {found.slice(0, shownAtMost).map(({ term, heard }) => (
            <li key={term} className={admin.row}>
              <div className={admin.words}>
                <p className={admin.name}>{term}</p>
                {heard.length > 0 && <p className={admin.detail}>{t('captions.heardAs', { words: heard.join(t('list.comma')) })}</p>}
              </div>
              <RowMenu name={term}>
                <MenuItem onSelect={() => setEditing(term)}>{t('list.edit')}</MenuItem>
                <MenuItem danger onSelect={() => change.mutate({ glossary: withoutTerm(terms, term) })}>
                  {t('list.delete')}
                </MenuItem>
              </RowMenu>
            </li>
          ))}
        </ul>
      )}
      {found.length > shownAtMost && <p className={admin.none}>{t('captions.moreTerms', { count: found.length - shownAtMost })}</p>}
      {editing !== null && <TermDialog terms={terms} before={editing} onClose={() => setEditing(null)} />}
    </Card>
  );
}

function TermDialog({ terms, before, onClose }: { readonly terms: Terms; readonly before: string; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const saved = useSaved(adminKeys.captionSettings, onClose);
  const form = useForm<{ term: string; heard: string }>({
    initial: { term: before, heard: (terms.find(({ term }) => term === before)?.heard ?? []).join('\n') },
    check: ({ term, heard }) => ({
      ...(term.trim() === '' && { term: t('captions.checkTerm') }),
      ...(term.trim() !== before && terms.some((other) => other.term === term.trim()) && { term: t('captions.checkTwice') }),
      ...(heardOf(heard).length > 20 && { heard: t('captions.checkHeard') }),
    }),
    submit: async ({ term, heard }) => {
      await api.admin.captions.change({ glossary: withTerm(terms, before, { term: term.trim(), heard: heardOf(heard) }) });
      await saved();
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog form={form} title={before === '' ? t('captions.addTerm') : before} description={t('captions.termWords')} onClose={onClose}>
      <Field label={t('captions.term')} error={errors.term}>
        <Input autoFocus maxLength={100} value={values.term} onChange={(event) => set('term', event.target.value)} />
      </Field>
      <Field label={t('captions.heard')} hint={t('captions.heardHint')} error={errors.heard}>
        <Textarea rows={4} value={values.heard} onChange={(event) => set('heard', event.target.value)} />
      </Field>
    </FormDialog>
  );
}
