import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Webhook } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type IncomingWebhook } from '@/api';
import {
  Badge,
  Button,
  Card,
  ConfirmDialog,
  Dialog,
  DialogBody,
  DialogFooter,
  EmptyState,
  Field,
  FourStates,
  Input,
  MenuItem,
  Select,
} from '@/design';
import { useFormat } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys, useConversationOptions } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { RowMenu } from '../row-menu';
import { type Secret, SecretDialog } from '../secret-dialog';
import { useAct } from '../use-act';
import { AppSelect } from './app-select';

/** Addresses that post into a conversation. */
export function Incoming() {
  const { t } = useTranslation('admin');
  const webhooks = useQuery({ queryKey: adminKeys.incoming, queryFn: ({ signal }) => api.admin.incoming.list(signal) });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const show = ({ name, url }: { name: string; url: string }): void =>
    setSecret({ title: t('incoming.urlTitle', { name }), words: t('incoming.urlWords'), label: t('incoming.url'), value: url });
  const add = (
    <Button icon={<Plus size={18} aria-hidden="true" />} onClick={() => setMaking(true)}>
      {t('incoming.new')}
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
          <EmptyState icon={<Webhook size={24} aria-hidden="true" />} title={t('incoming.empty')} action={add}>
            {t('incoming.words')}
          </EmptyState>
        }
      >
        {({ webhooks: list }) => (
          <Card title={t('apps.tab.incoming')} description={t('incoming.words')} flush actions={add}>
            <ul className={admin.rows}>
              {list.map((webhook) => (
                <Row key={webhook.id} webhook={webhook} onUrl={show} />
              ))}
            </ul>
          </Card>
        )}
      </FourStates>
      {making && <IncomingDialog onClose={() => setMaking(false)} onUrl={show} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

type OnUrl = (made: { name: string; url: string }) => void;

function Row({ webhook, onUrl }: { readonly webhook: IncomingWebhook; readonly onUrl: OnUrl }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const conversations = useConversationOptions();
  const [asking, setAsking] = useState<'rotate' | 'delete' | null>(null);
  const rotate = useAct(() => api.admin.incoming.rotate(webhook.id), {
    refresh: adminKeys.incoming,
    onDone: (made) => {
      setAsking(null);
      onUrl(made);
    },
  });
  const turn = useAct((disabled: boolean) => api.admin.incoming.change(webhook.id, { disabled }), {
    refresh: adminKeys.incoming,
    done: t('list.saved'),
  });
  const remove = useAct(() => api.admin.incoming.remove(webhook.id), {
    refresh: adminKeys.incoming,
    done: t('list.deleted'),
    onDone: () => setAsking(null),
  });
  const close = (open: boolean): void => setAsking(open ? asking : null);
  const conversation = conversations.find(({ id }) => id === webhook.conversationId)?.name ?? t('conversation.other');
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          {webhook.name}{' '}
          <Badge tone={webhook.disabledAt ? 'plain' : 'jade'}>{t(webhook.disabledAt ? 'apps.disabled' : 'apps.active')}</Badge>
        </p>
        <p className={admin.detail}>{t('incoming.posts', { app: webhook.app.name, conversation })}</p>
        <p className={admin.small}>{t('apps.since', { time: format.moment(new Date(webhook.createdAt)) })}</p>
      </div>
      <RowMenu name={webhook.name}>
        <MenuItem onSelect={() => setAsking('rotate')}>{t('incoming.rotate')}</MenuItem>
        <MenuItem onSelect={() => turn.run(webhook.disabledAt === null)}>{t(webhook.disabledAt ? 'list.enable' : 'list.disable')}</MenuItem>
        <MenuItem danger onSelect={() => setAsking('delete')}>
          {t('list.delete')}
        </MenuItem>
      </RowMenu>
      <ConfirmDialog
        open={asking === 'rotate'}
        onOpenChange={close}
        title={t('incoming.rotate')}
        description={t('incoming.rotateWords')}
        action={t('incoming.rotate')}
        busy={rotate.busy}
        onConfirm={() => rotate.run(undefined)}
      />
      <ConfirmDialog
        open={asking === 'delete'}
        onOpenChange={close}
        title={t('list.deleteTitle', { name: webhook.name })}
        description={t('incoming.deleteWords')}
        action={t('list.delete')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </li>
  );
}

function IncomingDialog({ onClose, onUrl }: { readonly onClose: () => void; readonly onUrl: OnUrl }) {
  const { t } = useTranslation(['admin', 'common']);
  const queries = useQueryClient();
  const conversations = useConversationOptions();
  const form = useForm<{ name: string; appId: string; conversationId: string }>({
    initial: { name: '', appId: '', conversationId: '' },
    check: ({ name, appId, conversationId }) => ({
      ...(name.trim() === '' && { name: t('check.name') }),
      ...(appId === '' && { appId: t('check.choose') }),
      ...(conversationId === '' && { conversationId: t('check.choose') }),
    }),
    submit: async ({ name, appId, conversationId }) => {
      const made = await api.admin.incoming.make({ name: name.trim(), appId, conversationId });
      await queries.invalidateQueries({ queryKey: adminKeys.incoming });
      onClose();
      onUrl(made);
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('incoming.new')} description={t('incoming.newWords')}>
      <form onSubmit={form.onSubmit} noValidate>
        <DialogBody>
          <FormFailure failure={form.failure} />
          <Field label={t('field.name')} error={form.errors.name}>
            <Input autoFocus maxLength={80} value={form.values.name} onChange={(event) => form.set('name', event.target.value)} />
          </Field>
          <AppSelect value={form.values.appId} error={form.errors.appId} onChange={(id) => form.set('appId', id)} />
          <Field label={t('field.conversation')} hint={t('incoming.conversationHint')} error={form.errors.conversationId}>
            <Select value={form.values.conversationId} onChange={(event) => form.set('conversationId', event.target.value)}>
              <option value="">{t('policies.choose')}</option>
              {conversations.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t('incoming.make')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
