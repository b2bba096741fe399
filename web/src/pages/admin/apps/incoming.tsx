import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type IncomingWebhook } from '@/api';
import { Badge, Field, Input, Select } from '@/design';
import { useFormat } from '@/i18n';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys, useConversationOptions } from '../admin-queries';
import { ListCard } from '../list-card';
import { type Secret, SecretDialog } from '../secret-dialog';
import { AppSelect } from './app-select';
import { HookMenu } from './hook-menu';

/** Addresses that post into a conversation. */
export function Incoming() {
  const { t } = useTranslation('admin');
  const webhooks = useQuery({ queryKey: adminKeys.incoming, queryFn: ({ signal }) => api.admin.incoming.list(signal) });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const show = ({ name, url }: { name: string; url: string }): void =>
    setSecret({ title: t('incoming.urlTitle', { name }), words: t('incoming.urlWords'), label: t('incoming.url'), value: url });
  return (
    <>
      <ListCard
        title={t('apps.tab.incoming')}
        description={t('incoming.words')}
        add={t('incoming.new')}
        onAdd={() => setMaking(true)}
        answer={webhooks}
        itemsOf={({ webhooks: list }) => list}
        empty={t('incoming.empty')}
      >
        {(list) => (
          <ul className={admin.rows}>
            {list.map((webhook) => (
              <Row key={webhook.id} webhook={webhook} onUrl={show} />
            ))}
          </ul>
        )}
      </ListCard>
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
      <HookMenu
        id={webhook.id}
        name={webhook.name}
        disabled={webhook.disabledAt !== null}
        calls={api.admin.incoming}
        refresh={adminKeys.incoming}
        rotate={{ title: t('incoming.rotate'), words: t('incoming.rotateWords') }}
        deleteWords={t('incoming.deleteWords')}
        onMade={onUrl}
      />
    </li>
  );
}

function IncomingDialog({ onClose, onUrl }: { readonly onClose: () => void; readonly onUrl: OnUrl }) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const conversations = useConversationOptions();
  const form = useForm<{ name: string; appId: string; conversationId: string }>({
    initial: { name: '', appId: '', conversationId: '' },
    check: ({ name, appId, conversationId }) => ({
      ...(name.trim() === '' && { name: t('check.name') }),
      ...(appId === '' && { appId: t('check.chooseOne') }),
      ...(conversationId === '' && { conversationId: t('check.chooseOne') }),
    }),
    submit: async ({ name, appId, conversationId }) => {
      const made = await api.admin.incoming.make({ name: name.trim(), appId, conversationId });
      await queries.invalidateQueries({ queryKey: adminKeys.incoming });
      onClose();
      onUrl(made);
    },
  });
  return (
    <FormDialog form={form} title={t('incoming.new')} description={t('incoming.newWords')} action={t('incoming.make')} onClose={onClose}>
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
    </FormDialog>
  );
}
