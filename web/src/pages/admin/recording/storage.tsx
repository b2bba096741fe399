import { type QueryKey, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Quota } from '@/api';
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
          {({ days }) => (
            <OwnNumberForm
              key={String(days)}
              of="originals"
              name="days"
              isOwn={days !== null}
              first={days ?? 30}
              allowed={/^\d{1,5}$/}
              refresh={originalsKey}
              save={(own) => api.recordings.setOriginals({ days: own })}
            />
          )}
        </FourStates>
      </Card>
    </>
  );
}

function QuotaForm({ quota }: { readonly quota: Quota }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const locale = localeOf(currentLanguage());
  const ratio = quota.bytes === null ? null : Math.min(quota.usedBytes / quota.bytes, 1);
  const used = fileSize(quota.usedBytes, locale);
  return (
    <OwnNumberForm
      of="storage"
      name="bytes"
      isOwn={quota.own}
      first={Math.round((quota.bytes ?? 100 * gigabyte) / gigabyte)}
      allowed={/^[1-9]\d{0,5}$/}
      refresh={quotaKey}
      save={(own) => api.recordings.setQuota(own === null ? null : own * gigabyte)}
    >
      <p>
        {quota.bytes === null ? t('storage.used', { used }) : t('storage.usedOf', { used, most: fileSize(quota.bytes, locale) })}
        {` · ${t('storage.recordings', { count: quota.recordings })} `}
        <Badge tone={tones[quota.level]}>{t(`storage.level.${quota.level}`)}</Badge>
      </p>
      {ratio !== null && (
        <meter className={styles.meter} value={ratio} min={0} max={1} high={0.8} optimum={0} aria-label={format.percent(ratio)} />
      )}
    </OwnNumberForm>
  );
}

interface OwnNumberFormProps {
  /** Whose words they are. */
  readonly of: 'storage' | 'originals';
  /** What the server calls the number: what it refuses of it stands at the field. */
  readonly name: string;
  readonly isOwn: boolean;
  readonly first: number;
  readonly allowed: RegExp;
  readonly refresh: QueryKey;
  readonly save: (own: number | null) => Promise<unknown>;
  readonly children?: ReactNode;
}

/** What holds without it, or a number of one's own. */
function OwnNumberForm({ of, name, isOwn, first, allowed, refresh, save, children }: OwnNumberFormProps) {
  const { t } = useTranslation('archive');
  const saved = useSaved(refresh, () => undefined);
  const form = useForm<Record<string, string>>({
    initial: { which: isOwn ? 'own' : 'none', [name]: String(first) },
    check: ({ which, [name]: number = '' }) => (which === 'own' && !allowed.test(number) ? { [name]: t(`${of}.check`) } : {}),
    submit: async ({ which, [name]: number }) => {
      await save(which === 'own' ? Number(number) : null);
      await saved();
    },
  });
  const { which = 'none', [name]: number = '' } = form.values;
  return (
    <form className={styles.form} onSubmit={form.onSubmit} noValidate>
      <FormFailure failure={form.failure} />
      {children}
      <Choice
        label={t(`${of}.choice`)}
        value={which}
        onChange={(chosen) => form.set('which', chosen)}
        choices={[
          { value: 'none', label: t(`${of}.none`) },
          { value: 'own', label: t(`${of}.own`) },
        ]}
      />
      {which === 'own' && (
        <Field label={t(`${of}.number`)} hint={t(`${of}.hint`)} error={form.errors[name]}>
          <Input inputMode="numeric" value={number} onChange={(event) => form.set(name, event.target.value.trim())} />
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
