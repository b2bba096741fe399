import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type RetentionFace } from '@/api';
import { Button, Dialog, DialogBody, DialogFooter, Field, Input, useToast } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import { adminKeys } from '../admin-queries';

/** What no policy goes below, and by which law. */
export function MinimumDialog({ minimum, onClose }: { readonly minimum: RetentionFace['minimum']; readonly onClose: () => void }) {
  const { t } = useTranslation(['admin', 'common']);
  const queries = useQueryClient();
  const toast = useToast();
  const form = useForm<{ days: string; reason: string }>({
    initial: { days: String(minimum.days), reason: minimum.reason },
    check: ({ days }) => (Number.isInteger(Number(days)) && Number(days) >= 0 && days !== '' ? {} : { days: t('policies.checkMinimum') }),
    submit: async ({ days, reason }) => {
      await api.admin.retention.change({ minimum: { days: Number(days), reason } });
      await queries.invalidateQueries({ queryKey: adminKeys.retention });
      toast(t('list.saved'), { tone: 'good' });
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('policies.minimum')} description={t('policies.minimumWords')}>
      <form onSubmit={form.onSubmit} noValidate>
        <DialogBody>
          <FormFailure failure={form.failure} />
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
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t('common:action.save')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
