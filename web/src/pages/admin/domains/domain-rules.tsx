import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type DomainRule } from '@/api';
import { Badge, Choice, ConfirmDialog, Field, Input, MenuItem, Select, VisuallyHidden } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys, useDomainOptions } from '../admin-queries';
import { ListCard } from '../list-card';
import { RowMenu } from '../row-menu';
import { useAct } from '../use-act';
import { useSaved } from '../use-saved';

const crossings = ['*', 'people', 'forward', 'files', 'export'] as const satisfies readonly DomainRule['what'][];

/** Each as a sentence: "From Mainland to International: files refused". */
export function DomainRules() {
  const { t } = useTranslation('admin');
  const rules = useQuery({ queryKey: adminKeys.domainRules, queryFn: ({ signal }) => api.admin.domainRules.list(signal) });
  const [editing, setEditing] = useState<DomainRule | 'new' | null>(null);
  return (
    <>
      <ListCard
        title={t('domainRules.title')}
        description={t('domainRules.words')}
        add={t('domainRules.new')}
        onAdd={() => setEditing('new')}
        answer={rules}
        itemsOf={({ rules: list }) => list}
        empty={t('domainRules.empty')}
      >
        {(list) => (
          <div className={admin.rows}>
            <table className={admin.table}>
              <thead>
                <tr>
                  <th scope="col">{t('domainRules.rule')}</th>
                  <th scope="col">{t('field.name')}</th>
                  <th scope="col">{t('domainRules.decision')}</th>
                  <th scope="col">
                    <VisuallyHidden>{t('list.actions')}</VisuallyHidden>
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.map((rule) => (
                  <Row key={rule.id} rule={rule} onEdit={() => setEditing(rule)} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </ListCard>
      {editing && <RuleDialog rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}

function Row({ rule, onEdit }: { readonly rule: DomainRule; readonly onEdit: () => void }) {
  const { t } = useTranslation('admin');
  const domains = useDomainOptions();
  const [asking, setAsking] = useState(false);
  const remove = useAct(() => api.admin.domainRules.remove(rule.id), {
    refresh: adminKeys.domainRules,
    done: t('domainRules.deleted'),
    onDone: () => setAsking(false),
  });
  const name = (id: string): string => (id === '*' ? t('domainRules.any') : (domains.find((domain) => domain.id === id)?.name ?? '…'));
  const what = rule.what === '*' ? 'all' : rule.what;
  return (
    <tr>
      <th scope="row">
        {t('domainRules.sentence', {
          from: name(rule.from),
          to: name(rule.to),
          decision: t(`domainRules.${rule.allow ? 'allowed' : 'refused'}.${what}`),
        })}
      </th>
      <td className={admin.detail}>{rule.name}</td>
      <td>
        <Badge tone={rule.allow ? 'jade' : 'live'}>{t(rule.allow ? 'domainRules.allow' : 'domainRules.refuse')}</Badge>
      </td>
      <td>
        <RowMenu name={rule.name}>
          <MenuItem onSelect={onEdit}>{t('list.edit')}</MenuItem>
          <MenuItem danger onSelect={() => setAsking(true)}>
            {t('list.delete')}
          </MenuItem>
        </RowMenu>
        <ConfirmDialog
          open={asking}
          onOpenChange={setAsking}
          title={t('domainRules.deleteTitle')}
          description={t('domainRules.deleteWords', { name: rule.name })}
          action={t('list.delete')}
          busy={remove.busy}
          onConfirm={() => remove.run(undefined)}
        />
      </td>
    </tr>
  );
}

type RuleValues = { name: string; from: string; to: string; what: DomainRule['what']; decision: 'allow' | 'refuse' };

function RuleDialog({ rule, onClose }: { readonly rule: DomainRule | null; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const domains = useDomainOptions();
  const saved = useSaved(adminKeys.domainRules, onClose);
  const form = useForm<RuleValues>({
    initial: {
      name: rule?.name ?? '',
      from: rule?.from ?? '*',
      to: rule?.to ?? '*',
      what: rule?.what ?? '*',
      decision: rule?.allow ? 'allow' : 'refuse',
    },
    check: ({ name }) => (name.trim() === '' ? { name: t('check.name') } : {}),
    submit: async ({ name, from, to, what, decision }) => {
      const body = { name: name.trim(), from, to, what, allow: decision === 'allow' };
      if (rule) await api.admin.domainRules.change(rule.id, body);
      else await api.admin.domainRules.make(body);
      await saved();
    },
  });
  const { values, set } = form;
  const choices = [{ id: '*', name: t('domainRules.any') }, ...domains].map(({ id, name }) => (
    <option key={id} value={id}>
      {name}
    </option>
  ));
  return (
    <FormDialog form={form} title={t(rule ? 'domainRules.edit' : 'domainRules.new')} onClose={onClose}>
      <Field label={t('field.name')} hint={t('domainRules.nameHint')} error={form.errors.name}>
        <Input autoFocus maxLength={80} value={values.name} onChange={(event) => set('name', event.target.value)} />
      </Field>
      <div className={admin.pair}>
        <Field label={t('domainRules.from')}>
          <Select value={values.from} onChange={(event) => set('from', event.target.value)}>
            {choices}
          </Select>
        </Field>
        <Field label={t('domainRules.to')}>
          <Select value={values.to} onChange={(event) => set('to', event.target.value)}>
            {choices}
          </Select>
        </Field>
      </div>
      <Field label={t('domainRules.what')}>
        <Select value={values.what} onChange={(event) => set('what', crossings.find((crossing) => crossing === event.target.value) ?? '*')}>
          {crossings.map((crossing) => (
            <option key={crossing} value={crossing}>
              {t(`domainRules.crossing.${crossing === '*' ? 'all' : crossing}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Choice
        label={t('domainRules.decision')}
        value={values.decision}
        onChange={(decision) => set('decision', decision)}
        choices={[
          { value: 'allow', label: t('domainRules.allow') },
          { value: 'refuse', label: t('domainRules.refuse') },
        ]}
      />
    </FormDialog>
  );
}
