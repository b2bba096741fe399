import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type RecordingDetail } from '@/api';
import { Field, Input } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { archiveKeys } from './archive-queries';

export function RenameDialog({ recording, onClose }: { readonly recording: RecordingDetail; readonly onClose: () => void }) {
  const { t } = useTranslation('archive');
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
    <FormDialog form={form} title={t('act.rename')} onClose={onClose}>
      <Field label={t('rename.title')} error={form.errors.title}>
        <Input autoFocus maxLength={200} value={form.values.title} onChange={(event) => form.set('title', event.target.value)} />
      </Field>
    </FormDialog>
  );
}
