import { useQuery } from '@tanstack/react-query';
import { Plus, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type DlpRule } from '@/api';
import { Badge, Button, Card, ConfirmDialog, Dialog, DialogBody, EmptyState, FourStates, MenuItem, Switch } from '@/design';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { AdminSection } from '../admin-section';
import { BusyRows } from '../busy-rows';
import { RowMenu } from '../row-menu';
import { useAct } from '../use-act';
import { RuleDialog } from './rule-dialog';
import { draftOf, inputOf } from './rule-draft';
import { RuleHistory } from './rule-history';

/** Rules against data leaving by chat. */
export function DlpPage() {
  const { t } = useTranslation('admin');
  const rules = useQuery({ queryKey: adminKeys.dlp, queryFn: ({ signal }) => api.admin.dlp.list(signal) });
  const [editing, setEditing] = useState<DlpRule | 'new' | null>(null);
  const add = (
    <Button variant="primary" icon={<Plus size={18} aria-hidden="true" />} onClick={() => setEditing('new')}>
      {t('dlp.new')}
    </Button>
  );
  return (
    <AdminSection name="dlp" actions={add}>
      <FourStates
        answer={rules}
        busy={
          <Card flush>
            <BusyRows />
          </Card>
        }
        isEmpty={({ rules: list }) => list.length === 0}
        empty={
          <EmptyState icon={<ShieldAlert size={24} aria-hidden="true" />} title={t('dlp.empty')} action={add}>
            {t('dlp.emptyWords')}
          </EmptyState>
        }
      >
        {({ rules: list }) => (
          <Card title={t('dlp.rules', { count: list.length })} flush>
            <ul className={admin.rows}>
              {list.map((rule) => (
                <Row key={rule.id} rule={rule} onEdit={() => setEditing(rule)} />
              ))}
            </ul>
          </Card>
        )}
      </FourStates>
      {editing && <RuleDialog rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </AdminSection>
  );
}

function Row({ rule, onEdit }: { readonly rule: DlpRule; readonly onEdit: () => void }) {
  const { t } = useTranslation(['admin', 'common']);
  const [open, setOpen] = useState<'history' | 'delete' | null>(null);
  const turn = useAct((enabled: boolean) => api.admin.dlp.change(rule.id, { enabled }), { refresh: adminKeys.dlp });
  const remove = useAct(() => api.admin.dlp.remove(rule.id), {
    refresh: adminKeys.dlp,
    done: t('dlp.deleted'),
    onDone: () => setOpen(null),
  });
  const found = [
    ...rule.detectors.map((name) => t(`dlp.detector.${name}`)),
    ...rule.patterns.map(({ name }) => name),
    ...rule.fileTypes.map((type) => (type.includes('/') ? type : `.${type}`)),
  ];
  const close = (next: boolean): void => setOpen(next ? open : null);
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          {rule.name} <Badge tone={rule.action === 'block' ? 'live' : 'lantern'}>{t(`dlp.actionName.${rule.action}`)}</Badge>
        </p>
        <p className={admin.detail}>{found.join(t('list.comma'))}</p>
        {(rule.scope.kinds.length > 0 || rule.scope.domains.length > 0) && (
          <p className={admin.small}>
            {t('dlp.only', {
              where: [...rule.scope.kinds.map((kind) => t(`kind.${kind}`)), ...rule.scope.domains.map(() => t('dlp.someDomains'))]
                .slice(0, 4)
                .join(t('list.comma')),
            })}
          </p>
        )}
      </div>
      <div className={admin.actions}>
        <Switch label={t(rule.enabled ? 'dlp.on' : 'dlp.off')} checked={rule.enabled} disabled={turn.busy} onChange={turn.run} />
        <RowMenu name={rule.name}>
          <MenuItem onSelect={onEdit}>{t('list.edit')}</MenuItem>
          <MenuItem onSelect={() => setOpen('history')}>{t('dlp.try')}</MenuItem>
          <MenuItem danger onSelect={() => setOpen('delete')}>
            {t('list.delete')}
          </MenuItem>
        </RowMenu>
      </div>
      <Dialog open={open === 'history'} onOpenChange={close} size="wide" title={rule.name} description={t('dlp.tryWords')}>
        <DialogBody>
          <RuleHistory rule={() => inputOf(draftOf(rule))} />
        </DialogBody>
      </Dialog>
      <ConfirmDialog
        open={open === 'delete'}
        onOpenChange={close}
        title={t('dlp.deleteTitle')}
        description={t('dlp.deleteWords', { name: rule.name })}
        action={t('list.delete')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </li>
  );
}
