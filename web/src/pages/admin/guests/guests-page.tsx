import { useQuery } from '@tanstack/react-query';
import { Globe } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Guest } from '@/api';
import { Avatar, Badge, Button, Card, ConfirmDialog, EmptyState, FourStates } from '@/design';
import { useFormat } from '@/i18n';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { AdminSection } from '../admin-section';
import { BusyRows } from '../busy-rows';
import { useAct } from '../use-act';

/** People from outside who came by an invitation to a conversation. */
export function GuestsPage() {
  const { t } = useTranslation('admin');
  const guests = useQuery({ queryKey: adminKeys.guests, queryFn: ({ signal }) => api.admin.guests.list(signal) });
  return (
    <AdminSection name="guests">
      <FourStates
        answer={guests}
        busy={
          <Card flush>
            <BusyRows />
          </Card>
        }
        isEmpty={({ guests: list }) => list.length === 0}
        empty={
          <EmptyState icon={<Globe size={24} aria-hidden="true" />} title={t('guests.empty')}>
            {t('guests.emptyWords')}
          </EmptyState>
        }
      >
        {({ guests: list }) => (
          <Card title={t('guests.count', { count: list.length })} flush>
            <ul className={admin.rows}>
              {list.map((guest) => (
                <Row key={guest.id} guest={guest} />
              ))}
            </ul>
          </Card>
        )}
      </FourStates>
    </AdminSection>
  );
}

function Row({ guest }: { readonly guest: Guest }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const remove = useAct(() => api.admin.guests.remove(guest.id), {
    refresh: adminKeys.guests,
    done: t('guests.removed', { name: guest.name }),
    onDone: () => setAsking(false),
  });
  return (
    <li className={admin.row}>
      <Avatar name={guest.name} id={guest.id} size={40} />
      <div className={admin.words}>
        <p className={admin.name}>
          {guest.name} <Badge tone="lantern">{t('guests.outside')}</Badge>
        </p>
        <p className={admin.detail}>{guest.email}</p>
        <p className={admin.small}>
          {guest.conversations.length === 0
            ? t('guests.nowhere')
            : t('guests.in', { conversations: guest.conversations.map(({ title }) => title).join(t('list.comma')) })}{' '}
          · {t('guests.since', { time: format.moment(new Date(guest.createdAt)) })}
        </p>
      </div>
      <Button variant="danger-quiet" onClick={() => setAsking(true)} aria-label={t('guests.removeName', { name: guest.name })}>
        {t('guests.remove')}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('guests.removeTitle', { name: guest.name })}
        description={t('guests.removeWords')}
        action={t('guests.remove')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </li>
  );
}
