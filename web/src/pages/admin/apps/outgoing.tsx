import { useQuery } from '@tanstack/react-query';
import { Plus, Send } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type OutgoingWebhook } from '@/api';
import { Badge, Button, Card, ConfirmDialog, EmptyState, FourStates, MenuItem } from '@/design';
import { useFormat } from '@/i18n';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { RowMenu } from '../row-menu';
import { type Secret, SecretDialog } from '../secret-dialog';
import { useAct } from '../use-act';
import { DeliveriesDialog } from './deliveries-dialog';
import { OutgoingDialog } from './outgoing-dialog';

/** Addresses that are told of what happens in chat. */
export function Outgoing() {
  const { t } = useTranslation('admin');
  const webhooks = useQuery({ queryKey: adminKeys.outgoing, queryFn: ({ signal }) => api.admin.outgoing.list(signal) });
  const [editing, setEditing] = useState<OutgoingWebhook | 'new' | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const show = ({ name, secret: value }: { name: string; secret: string }): void =>
    setSecret({ title: t('outgoing.secretTitle', { name }), words: t('outgoing.secretWords'), label: t('outgoing.secret'), value });
  const add = (
    <Button icon={<Plus size={18} aria-hidden="true" />} onClick={() => setEditing('new')}>
      {t('outgoing.new')}
    </Button>
  );
  return (
    <>
      <FourStates
        answer={webhooks}
        busy={
          <Card flush>
            <BusyRows />
          </Card>
        }
        isEmpty={({ webhooks: list }) => list.length === 0}
        empty={
          <EmptyState icon={<Send size={24} aria-hidden="true" />} title={t('outgoing.empty')} action={add}>
            {t('outgoing.words')}
          </EmptyState>
        }
      >
        {({ webhooks: list }) => (
          <Card title={t('apps.tab.outgoing')} description={t('outgoing.words')} flush actions={add}>
            <ul className={admin.rows}>
              {list.map((webhook) => (
                <Row key={webhook.id} webhook={webhook} onEdit={() => setEditing(webhook)} onSecret={show} />
              ))}
            </ul>
          </Card>
        )}
      </FourStates>
      {editing && <OutgoingDialog webhook={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onMade={show} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

interface RowProps {
  readonly webhook: OutgoingWebhook;
  readonly onEdit: () => void;
  readonly onSecret: (made: { name: string; secret: string }) => void;
}

function Row({ webhook, onEdit, onSecret }: RowProps) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const [open, setOpen] = useState<'rotate' | 'delete' | 'deliveries' | null>(null);
  const rotate = useAct(() => api.admin.outgoing.rotate(webhook.id), {
    refresh: adminKeys.outgoing,
    onDone: (made) => {
      setOpen(null);
      onSecret(made);
    },
  });
  const turn = useAct((disabled: boolean) => api.admin.outgoing.change(webhook.id, { disabled }), {
    refresh: adminKeys.outgoing,
    done: t('list.saved'),
  });
  const remove = useAct(() => api.admin.outgoing.remove(webhook.id), {
    refresh: adminKeys.outgoing,
    done: t('list.deleted'),
    onDone: () => setOpen(null),
  });
  const close = (next: boolean): void => setOpen(next ? open : null);
  const state = webhook.disabledAt ? 'disabled' : webhook.failingSince ? 'failing' : 'active';
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          {webhook.name}
          <Badge tone={state === 'active' ? 'jade' : state === 'failing' ? 'live' : 'plain'}>{t(`apps.${state}`)}</Badge>
          {webhook.deadLetters > 0 && <Badge tone="live">{t('outgoing.deadLetters', { count: webhook.deadLetters })}</Badge>}
        </p>
        <p className={`${admin.detail} ${admin.code}`}>{webhook.url}</p>
        <p className={admin.small}>
          {webhook.app.name} · {webhook.events.join(', ')} ·{' '}
          {webhook.conversationIds === null
            ? t('outgoing.allConversations')
            : t('outgoing.someConversations', { count: webhook.conversationIds.length })}
        </p>
        {webhook.failingSince && (
          <p className={admin.small}>{t('outgoing.failingSince', { time: format.moment(new Date(webhook.failingSince)) })}</p>
        )}
        {webhook.disabledReason && <p className={admin.small}>{webhook.disabledReason}</p>}
      </div>
      <Button onClick={() => setOpen('deliveries')} aria-label={t('outgoing.deliveriesOf', { name: webhook.name })}>
        {t('outgoing.deliveries')}
      </Button>
      <RowMenu name={webhook.name}>
        <MenuItem onSelect={onEdit}>{t('list.edit')}</MenuItem>
        <MenuItem onSelect={() => setOpen('rotate')}>{t('apps.rotate')}</MenuItem>
        <MenuItem onSelect={() => turn.run(webhook.disabledAt === null)}>{t(webhook.disabledAt ? 'list.enable' : 'list.disable')}</MenuItem>
        <MenuItem danger onSelect={() => setOpen('delete')}>
          {t('list.delete')}
        </MenuItem>
      </RowMenu>
      {open === 'deliveries' && <DeliveriesDialog webhook={webhook} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === 'rotate'}
        onOpenChange={close}
        title={t('apps.rotate')}
        description={t('outgoing.rotateWords')}
        action={t('apps.rotate')}
        busy={rotate.busy}
        onConfirm={() => rotate.run(undefined)}
      />
      <ConfirmDialog
        open={open === 'delete'}
        onOpenChange={close}
        title={t('list.deleteTitle', { name: webhook.name })}
        description={t('outgoing.deleteWords')}
        action={t('list.delete')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </li>
  );
}
