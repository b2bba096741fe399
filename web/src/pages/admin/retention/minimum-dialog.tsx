import { useTranslation } from 'react-i18next';
import { api, type RetentionFace } from '@/api';
import { Field, Input } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { adminKeys } from '../admin-queries';
import { useSaved } from '../use-saved';

/** What no policy goes below, and by which law. */
export function MinimumDialog({ minimum, onClose }: { readonly minimum: RetentionFace['minimum']; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const saved = useSaved(adminKeys.retention, onClose);
  const form = useForm<{ days: string; reason: string }>({
    initial: { days: String(minimum.days), reason: minimum.reason },
    check: ({ days }) => (Number.isInteger(Number(days)) && Number(days) >= 0 && days !== '' ? {} : { days: t('policies.checkMinimum') }),
    submit: async ({ days, reason }) => {
      await api.admin.retention.change({ minimum: { days: Number(days), reason } });
      await saved();
    },
  });
  return (
    <FormDialog form={form} title={t('policies.minimum')} description={t('policies.minimumWords')} onClose={onClose}>
      <Field label={t('policies.days')} hint={t('policies.minimumHint')} error={form.errors.days}>
        <Input
          type="number"
          inputMode="numeric"
          min={0}
          max={36_500}
          value={form.values.days}
          onChange={(event) => form.set('days', event.target.value)}
        />
      </Field>
      <Field label={t('policies.law')} hint={t('policies.lawHint')}>
        <Input maxLength={500} value={form.values.reason} onChange={(event) => form.set('reason', event.target.value)} />
      </Field>
    </FormDialog>
  );
}
