import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Domain } from '@/api';
import { Badge, Button, Card, ConfirmDialog, Field, FourStates, Input, MenuItem, Switch } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys, useDomains } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { RowMenu } from '../row-menu';
import { useAct } from '../use-act';
import { useSaved } from '../use-saved';

export function DomainList() {
  const { t } = useTranslation('admin');
  const domains = useDomains();
  const [editing, setEditing] = useState<Domain | 'new' | null>(null);
  return (
    <Card
      title={t('domains.list')}
      description={t('domains.listWords')}
      flush
      actions={
        <Button icon={<Plus size={18} aria-hidden="true" />} onClick={() => setEditing('new')}>
          {t('domains.new')}
        </Button>
      }
    >
      <FourStates answer={domains} busy={<BusyRows />}>
        {({ domains: list }) => (
          <ul className={admin.rows}>
            {list.map((domain) => (
              <Row key={domain.id} domain={domain} onEdit={() => setEditing(domain)} />
            ))}
          </ul>
        )}
      </FourStates>
      {editing && <DomainDialog domain={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </Card>
  );
}

function Row({ domain, onEdit }: { readonly domain: Domain; readonly onEdit: () => void }) {
  const { t } = useTranslation('admin');
  const [asking, setAsking] = useState(false);
  const remove = useAct(() => api.admin.domains.remove(domain.id), {
    refresh: adminKeys.domains,
    done: t('domains.deleted'),
    onDone: () => setAsking(false),
  });
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          {domain.name} {domain.isDefault && <Badge tone="harbour">{t('domains.default')}</Badge>}
        </p>
        <p className={admin.detail}>{t(domain.guests ? 'domains.guestsYes' : 'domains.guestsNo')}</p>
      </div>
      <RowMenu name={domain.name}>
        <MenuItem onSelect={onEdit}>{t('list.edit')}</MenuItem>
        {!domain.isDefault && (
          <MenuItem danger onSelect={() => setAsking(true)}>
            {t('list.delete')}
          </MenuItem>
        )}
      </RowMenu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('domains.deleteTitle', { name: domain.name })}
        description={t('domains.deleteWords')}
        action={t('list.delete')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </li>
  );
}

function DomainDialog({ domain, onClose }: { readonly domain: Domain | null; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const saved = useSaved(adminKeys.domains, onClose);
  const form = useForm<{ name: string; guests: boolean }>({
    initial: { name: domain?.name ?? '', guests: domain?.guests ?? true },
    check: ({ name }) => (name.trim() === '' ? { name: t('check.name') } : {}),
    submit: async ({ name, guests }) => {
      if (domain) await api.admin.domains.change(domain.id, { name: name.trim(), guests });
      else await api.admin.domains.make({ name: name.trim(), guests });
      await saved();
    },
  });
  return (
    <FormDialog form={form} title={t(domain ? 'domains.edit' : 'domains.new')} onClose={onClose}>
      <Field label={t('field.name')} hint={t('domains.nameHint')} error={form.errors.name}>
        <Input autoFocus maxLength={80} value={form.values.name} onChange={(event) => form.set('name', event.target.value)} />
      </Field>
      <Switch
        label={t('domains.guests')}
        description={t('domains.guestsWords')}
        checked={form.values.guests}
        onChange={(guests) => form.set('guests', guests)}
      />
    </FormDialog>
  );
}
