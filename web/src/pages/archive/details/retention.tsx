import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type RecordingDetail, type RecordingRetention } from '@/api';
import { Banner, Button, Choice, Field, Input } from '@/design';
import { useFormat } from '@/i18n';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { archiveKeys } from '../archive-queries';
import styles from './details-panel.module.css';

/** How long it is kept, and who says so. */
export function Retention({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const [isChanging, setChanging] = useState(false);
  const retention = useQuery({
    queryKey: archiveKeys.retention(recording.id),
    queryFn: ({ signal }) => api.recordings.retention(recording.id, signal),
    enabled: recording.mine.manage || recording.mine.govern,
    retry: false,
  });
  const deleteAt = retention.data ? retention.data.deleteAt : recording.deleteAt;
  const { data } = retention;
  return (
    <section>
      <h2>{t('keep.title')}</h2>
      {data?.hold != null && (
        <Banner tone="attention" title={t('keep.held', { hold: data.hold })}>
          {t('keep.heldWords')}
        </Banner>
      )}
      <p>{deleteAt === null ? t('keep.forever') : t('keep.until', { time: format.moment(new Date(deleteAt)) })}</p>
      {data && data.rule === 'policy' && <p className={styles.small}>{t('keep.byPolicy')}</p>}
      {data?.setBy && (
        <p className={styles.small}>{t('keep.setBy', { name: data.setBy.name, time: format.moment(new Date(data.setBy.at)) })}</p>
      )}
      {data && recording.mine.govern && (
        <div className={styles.acts}>
          <Button onClick={() => setChanging(true)}>{t('keep.change')}</Button>
        </div>
      )}
      {isChanging && data && <KeepDialog id={recording.id} retention={data} onClose={() => setChanging(false)} />}
    </section>
  );
}

function KeepDialog({
  id,
  retention,
  onClose,
}: {
  readonly id: string;
  readonly retention: RecordingRetention;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation('archive');
  const queries = useQueryClient();
  const form = useForm<{ keep: 'days' | 'forever'; keepDays: string }>({
    initial: { keep: retention.keepDays === null ? 'forever' : 'days', keepDays: String(retention.keepDays ?? 365) },
    check: ({ keep, keepDays }) => (keep === 'days' && !/^[1-9]\d{0,4}$/.test(keepDays) ? { keepDays: t('keep.checkDays') } : {}),
    submit: async ({ keep, keepDays }) => {
      await api.recordings.setRetention(id, { keepDays: keep === 'days' ? Number(keepDays) : null });
      await queries.invalidateQueries({ queryKey: archiveKeys.one(id) });
      onClose();
    },
  });
  return (
    <FormDialog form={form} title={t('keep.change')} onClose={onClose}>
      <Choice
        label={t('keep.title')}
        value={form.values.keep}
        onChange={(keep) => form.set('keep', keep)}
        choices={[
          { value: 'days', label: t('keep.days') },
          { value: 'forever', label: t('keep.untilDeleted') },
        ]}
      />
      {form.values.keep === 'days' && (
        <Field label={t('keep.daysLabel')} hint={t('keep.daysHint')} error={form.errors.keepDays}>
          <Input inputMode="numeric" value={form.values.keepDays} onChange={(event) => form.set('keepDays', event.target.value.trim())} />
        </Field>
      )}
    </FormDialog>
  );
}
