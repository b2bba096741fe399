import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { ApiError, api, type RecordingDetail } from '@/api';
import { fileSize } from '@/chat/file-size';
import { Button, Dialog, DialogBody, useToast } from '@/design';
import { currentLanguage, localeOf } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import { archiveKeys } from './archive-queries';

/** Says what goes and that it doesn't come back; a legal hold refuses in its own words. */
export function DeleteDialog({ recording, onClose }: { readonly recording: RecordingDetail; readonly onClose: () => void }) {
  const { t } = useTranslation(['archive', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => api.recordings.remove(recording.id),
    onSuccess: async ({ bytes }) => {
      toast(t('delete.done', { size: fileSize(bytes, localeOf(currentLanguage())) }), { tone: 'good' });
      await navigate('/archive', { replace: true });
      queries.removeQueries({ queryKey: archiveKeys.one(recording.id) });
      void queries.invalidateQueries({ queryKey: archiveKeys.all });
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('delete.title')}
      description={recording.title}
      footer={
        <>
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {t('delete.action')}
          </Button>
        </>
      }
    >
      <DialogBody>
        <FormFailure failure={remove.error instanceof ApiError ? remove.error : null} />
        <p>{t('delete.words')}</p>
      </DialogBody>
    </Dialog>
  );
}
