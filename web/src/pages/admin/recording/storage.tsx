import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type Originals, type Quota } from '@/api';
import { fileSize } from '@/chat/file-size';
import { Badge, type BadgeTone, Button, Card, Choice, Field, FourStates, Input } from '@/design';
import { currentLanguage, localeOf, useFormat } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import { BusyRows } from '../busy-rows';
import { useSaved } from '../use-saved';
import styles from './storage.module.css';

const quotaKey = ['admin', 'recording-quota'];
const originalsKey = ['admin', 'recording-originals'];
const gigabyte = 1e9;
const tones: Readonly<Record<Quota['level'], BadgeTone>> = { fine: 'jade', near: 'lantern', almost: 'lantern', full: 'live' };

/** What recordings take of the storage and may take, and how long the originals of what was cut out are kept. */
export function Storage() {
  const { t } = useTranslation('archive');
  const quota = useQuery({ queryKey: quotaKey, queryFn: ({ signal }) => api.recordings.quota(signal) });
  const originals = useQuery({ queryKey: originalsKey, queryFn: ({ signal }) => api.recordings.originals(signal) });
  return (
    <>
      <Card title={t('storage.title')} description={t('storage.words')}>
        <FourStates answer={quota} busy={<BusyRows />}>
          {(now) => <QuotaForm key={`${now.bytes} ${now.own}`} quota={now} />}
        </FourStates>
      </Card>
      <Card title={t('originals.title')} description={t('originals.words')}>
        <FourStates answer={originals} busy={<BusyRows />}>
          {(now) => <OriginalsForm key={String(now.days)} originals={now} />}
        </FourStates>
      </Card>
    </>
  );
}

function QuotaForm({ quota }: { readonly quota: Quota }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const saved = useSaved(quotaKey, () => undefined);
  const locale = localeOf(currentLanguage());
  const form = useForm<{ of: 'server' | 'own'; bytes: string }>({
    initial: { of: quota.own ? 'own' : 'server', bytes: String(Math.round((quota.bytes ?? 100 * gigabyte) / gigabyte)) },
    check: ({ of, bytes }) => (of === 'own' && !/^[1-9]\d{0,5}$/.test(bytes) ? { bytes: t('storage.check') } : {}),
    submit: async ({ of, bytes }) => {
      await api.recordings.setQuota(of === 'own' ? Number(bytes) * gigabyte : null);
      await saved();
    },
  });
  const ratio = quota.bytes === null ? null : Math.min(quota.usedBytes / quota.bytes, 1);
  const used = fileSize(quota.usedBytes, locale);
  return (
    <form className={styles.form} onSubmit={form.onSubmit} noValidate>
      <FormFailure failure={form.failure} />
      <p>
        {quota.bytes === null ? t('storage.used', { used }) : t('storage.usedOf', { used, most: fileSize(quota.bytes, locale) })}
        {` · ${t('storage.recordings', { count: quota.recordings })} `}
        <Badge tone={tones[quota.level]}>{t(`storage.level.${quota.level}`)}</Badge>
      </p>
      {ratio !== null && (
        <meter className={styles.meter} value={ratio} min={0} max={1} high={0.8} optimum={0} aria-label={format.percent(ratio)} />
      )}
      <Choice
        label={t('storage.limit')}
        value={form.values.of}
        onChange={(of) => form.set('of', of)}
        choices={[
          { value: 'server', label: t('storage.ofServer') },
          { value: 'own', label: t('storage.own') },
        ]}
      />
      {form.values.of === 'own' && (
        <Field label={t('storage.gigabytes')} hint={t('storage.hint')} error={form.errors.bytes}>
          <Input inputMode="numeric" value={form.values.bytes} onChange={(event) => form.set('bytes', event.target.value.trim())} />
        </Field>
      )}
      <div>
        <Button type="submit" variant="primary" busy={form.busy}>
          {t('storage.save')}
        </Button>
      </div>
    </form>
  );
}

function OriginalsForm({ originals }: { readonly originals: Originals }) {
  const { t } = useTranslation('archive');
  const saved = useSaved(originalsKey, () => undefined);
  const form = useForm<{ keep: 'long' | 'days'; days: string }>({
    initial: { keep: originals.days === null ? 'long' : 'days', days: String(originals.days ?? 30) },
    check: ({ keep, days }) => (keep === 'days' && !/^\d{1,5}$/.test(days) ? { days: t('originals.check') } : {}),
    submit: async ({ keep, days }) => {
      await api.recordings.setOriginals({ days: keep === 'days' ? Number(days) : null });
      await saved();
    },
  });
  return (
    <form className={styles.form} onSubmit={form.onSubmit} noValidate>
      <FormFailure failure={form.failure} />
      <Choice
        label={t('originals.keep')}
        value={form.values.keep}
        onChange={(keep) => form.set('keep', keep)}
        choices={[
          { value: 'long', label: t('originals.long') },
          { value: 'days', label: t('originals.days') },
        ]}
      />
      {form.values.keep === 'days' && (
        <Field label={t('originals.number')} hint={t('originals.hint')} error={form.errors.days}>
          <Input inputMode="numeric" value={form.values.days} onChange={(event) => form.set('days', event.target.value.trim())} />
        </Field>
      )}
      <div>
        <Button type="submit" variant="primary" busy={form.busy}>
          {t('storage.save')}
        </Button>
      </div>
    </form>
  );
}
