import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type RetentionFace } from '@/api';
import { Button, Card, Choice, Field, FourStates, Select } from '@/design';
import { useFormat } from '@/i18n';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { useSaved } from '../use-saved';
import { nextBackup } from './next-backup';

type Backup = RetentionFace['backup'];

/** An export of everything, each month; its files stand among the exports. */
export function MonthlyBackup() {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const retention = useQuery({ queryKey: adminKeys.retention, queryFn: ({ signal }) => api.admin.retention.get(signal) });
  const [editing, setEditing] = useState(false);
  return (
    <Card title={t('backup.title')} description={t('backup.words')} flush>
      <FourStates answer={retention} busy={<BusyRows />}>
        {({ backup }) => (
          <>
            <ul className={admin.rows}>
              <li className={admin.row}>
                <div className={admin.words}>
                  <p className={admin.name}>
                    {backup ? t('backup.when', { day: backup.day, time: timeOf(backup.hour) }) : t('backup.none')}
                  </p>
                  <p className={admin.detail}>
                    {backup
                      ? `${t(`backup.as.${backup.format}`)} · ${t('backup.next', { time: format.moment(nextBackup(new Date(), backup)) })}`
                      : t('backup.noneWords')}
                  </p>
                </div>
                <Button onClick={() => setEditing(true)} aria-label={t('backup.change')}>
                  {t('list.edit')}
                </Button>
              </li>
            </ul>
            {editing && <BackupDialog backup={backup} onClose={() => setEditing(false)} />}
          </>
        )}
      </FourStates>
    </Card>
  );
}

type Values = { each: 'never' | 'month'; day: string; hour: string; format: 'json' | 'html' };

/** The server takes no later day: every month has these. */
const days = Array.from({ length: 28 }, (_, at) => String(at + 1));
const hours = Array.from({ length: 24 }, (_, at) => String(at));

function BackupDialog({ backup, onClose }: { readonly backup: Backup; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const saved = useSaved(adminKeys.retention, onClose);
  const form = useForm<Values>({
    initial: {
      each: backup ? 'month' : 'never',
      day: String(backup?.day ?? 1),
      hour: String(backup?.hour ?? 19),
      format: backup?.format ?? 'json',
    },
    submit: async (values) => {
      const wanted = values.each === 'never' ? null : { day: Number(values.day), hour: Number(values.hour), format: values.format };
      await api.admin.retention.change({ backup: wanted });
      await saved();
    },
  });
  const { values, set } = form;
  const next = nextBackup(new Date(), { day: Number(values.day), hour: Number(values.hour) });
  return (
    <FormDialog form={form} title={t('backup.title')} description={t('backup.dialogWords')} onClose={onClose}>
      <Choice
        label={t('backup.make')}
        value={values.each}
        onChange={(each) => set('each', each)}
        choices={[
          { value: 'never', label: t('backup.never') },
          { value: 'month', label: t('backup.each') },
        ]}
      />
      {values.each === 'month' && (
        <>
          <div className={admin.pair}>
            <Field label={t('backup.day')}>
              <Select value={values.day} onChange={(event) => set('day', event.target.value)}>
                {days.map((day) => (
                  <option key={day} value={day}>
                    {day}
                  </option>
                ))}
              </Select>
            </Field>
            <Field label={t('backup.hour')}>
              <Select value={values.hour} onChange={(event) => set('hour', event.target.value)}>
                {hours.map((hour) => (
                  <option key={hour} value={hour}>
                    {timeOf(Number(hour))}
                  </option>
                ))}
              </Select>
            </Field>
          </div>
          <p className={admin.detail} role="status">
            {t('backup.here', { time: format.moment(next), zone: format.zone(next) })}
          </p>
          <Choice
            label={t('exports.format')}
            hint={t(`exports.formatHint.${values.format}`)}
            value={values.format}
            onChange={(chosen) => set('format', chosen)}
            choices={[
              { value: 'json', label: 'JSON' },
              { value: 'html', label: t('exports.html') },
            ]}
          />
        </>
      )}
    </FormDialog>
  );
}

function timeOf(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}
