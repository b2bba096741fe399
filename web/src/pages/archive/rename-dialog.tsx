import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type RecordingDetail } from '@/api';
import { Button, Dialog, DialogBody, DialogFooter, Field, Input } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import { archiveKeys } from './archive-queries';

export function RenameDialog({ recording, onClose }: { readonly recording: RecordingDetail; readonly onClose: () => void }) {
  const { t } = useTranslation(['archive', 'common']);
  const queries = useQueryClient();
  const form = useForm<{ title: string }>({
    initial: { title: recording.title },
    check: ({ title }) => (title.trim() === '' ? { title: t('rename.check') } : {}),
    submit: async ({ title }) => {
      await api.recordings.rename(recording.id, title.trim());
      await queries.invalidateQueries({ queryKey: archiveKeys.one(recording.id) });
      void queries.invalidateQueries({ queryKey: archiveKeys.all });
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('act.rename')}>
      <form onSubmit={form.onSubmit} noValidate>
        <DialogBody>
          <FormFailure failure={form.failure} />
          <Field label={t('rename.title')} error={form.errors.title}>
            <Input autoFocus maxLength={200} value={form.values.title} onChange={(event) => form.set('title', event.target.value)} />
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
