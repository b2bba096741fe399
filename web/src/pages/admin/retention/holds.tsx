import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Hold } from '@/api';
import { Badge, Button, Field, Textarea } from '@/design';
import { useFormat } from '@/i18n';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { ListCard } from '../list-card';
import { useSaved } from '../use-saved';
import { HoldDialog } from './hold-dialog';

export function Holds() {
  const { t } = useTranslation('admin');
  const holds = useQuery({ queryKey: adminKeys.holds, queryFn: ({ signal }) => api.admin.holds.list(signal) });
  const [making, setMaking] = useState(false);
  return (
    <>
      <ListCard
        title={t('holds.title')}
        description={t('holds.words')}
        add={t('holds.new')}
        onAdd={() => setMaking(true)}
        answer={holds}
        itemsOf={({ holds: list }) => list}
        empty={t('holds.empty')}
      >
        {(list) => (
          <ul className={admin.rows}>
            {list.map((hold) => (
              <Row key={hold.id} hold={hold} />
            ))}
          </ul>
        )}
      </ListCard>
      {making && <HoldDialog onClose={() => setMaking(false)} />}
    </>
  );
}

function Row({ hold }: { readonly hold: Hold }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const [releasing, setReleasing] = useState(false);
  const moment = (time: string): string => format.moment(new Date(time));
  const of = hold.everything
    ? t('holds.everything')
    : [...hold.people.map(({ name }) => name), ...hold.conversations.map(({ title }) => title || t('conversation.direct'))].join(
        t('list.comma'),
      );
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          {hold.name} <Badge tone={hold.released ? 'plain' : 'lantern'}>{t(hold.released ? 'holds.released' : 'holds.active')}</Badge>
        </p>
        <p className={admin.detail}>
          {hold.matter} · {of}
        </p>
        {(hold.since ?? hold.until) !== null && (
          <p className={admin.detail}>
            {t('holds.period', { from: hold.since ? moment(hold.since) : '…', to: hold.until ? moment(hold.until) : '…' })}
          </p>
        )}
        <p className={admin.small}>
          {t('holds.madeBy', { name: hold.created.by, time: moment(hold.created.at), reason: hold.created.reason })}
        </p>
        {hold.released && (
          <p className={admin.small}>
            {t('holds.releasedBy', { name: hold.released.by, time: moment(hold.released.at), reason: hold.released.reason })}
          </p>
        )}
      </div>
      {!hold.released && (
        <Button variant="danger-quiet" onClick={() => setReleasing(true)} aria-label={t('holds.releaseName', { name: hold.name })}>
          {t('holds.release')}
        </Button>
      )}
      {releasing && <ReleaseDialog hold={hold} onClose={() => setReleasing(false)} />}
    </li>
  );
}

function ReleaseDialog({ hold, onClose }: { readonly hold: Hold; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const saved = useSaved(adminKeys.holds, onClose);
  const form = useForm<{ reason: string }>({
    initial: { reason: '' },
    check: ({ reason }) => (reason.trim() === '' ? { reason: t('check.reason') } : {}),
    submit: async ({ reason }) => {
      await api.admin.holds.release(hold.id, reason.trim());
      await saved(t('holds.releasedDone'));
    },
  });
  return (
    <FormDialog
      form={form}
      title={t('holds.releaseTitle', { name: hold.name })}
      description={t('holds.releaseWords')}
      action={t('holds.release')}
      danger
      onClose={onClose}
    >
      <Field label={t('field.reason')} hint={t('holds.reasonHint')} error={form.errors.reason}>
        <Textarea
          autoFocus
          rows={2}
          maxLength={500}
          value={form.values.reason}
          onChange={(event) => form.set('reason', event.target.value.replaceAll('\n', ' '))}
        />
      </Field>
    </FormDialog>
  );
}
