import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type OutgoingWebhook } from '@/api';
import { Badge, Button } from '@/design';
import { useFormat } from '@/i18n';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { ListCard } from '../list-card';
import { type Secret, SecretDialog } from '../secret-dialog';
import { DeliveriesDialog } from './deliveries-dialog';
import { HookMenu } from './hook-menu';
import { OutgoingDialog } from './outgoing-dialog';

/** Addresses that are told of what happens in chat. */
export function Outgoing() {
  const { t } = useTranslation('admin');
  const webhooks = useQuery({ queryKey: adminKeys.outgoing, queryFn: ({ signal }) => api.admin.outgoing.list(signal) });
  const [editing, setEditing] = useState<OutgoingWebhook | 'new' | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const show = ({ name, secret: value }: { name: string; secret: string }): void =>
    setSecret({ title: t('outgoing.secretTitle', { name }), words: t('outgoing.secretWords'), label: t('outgoing.secret'), value });
  return (
    <>
      <ListCard
        title={t('apps.tab.outgoing')}
        description={t('outgoing.words')}
        add={t('outgoing.new')}
        onAdd={() => setEditing('new')}
        answer={webhooks}
        itemsOf={({ webhooks: list }) => list}
        empty={t('outgoing.empty')}
      >
        {(list) => (
          <ul className={admin.rows}>
            {list.map((webhook) => (
              <Row key={webhook.id} webhook={webhook} onEdit={() => setEditing(webhook)} onSecret={show} />
            ))}
          </ul>
        )}
      </ListCard>
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
  const [looking, setLooking] = useState(false);
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
      <div className={admin.actions}>
        <Button onClick={() => setLooking(true)} aria-label={t('outgoing.deliveriesOf', { name: webhook.name })}>
          {t('outgoing.deliveries')}
        </Button>
        <HookMenu
          id={webhook.id}
          name={webhook.name}
          disabled={webhook.disabledAt !== null}
          calls={api.admin.outgoing}
          refresh={adminKeys.outgoing}
          rotate={{ title: t('apps.rotate'), words: t('outgoing.rotateWords') }}
          deleteWords={t('outgoing.deleteWords')}
          onEdit={onEdit}
          onMade={onSecret}
        />
      </div>
      {looking && <DeliveriesDialog webhook={webhook} onClose={() => setLooking(false)} />}
    </li>
  );
}
