import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, api, type MyRecording } from '@/api';
import { Banner, Button, Choice, Dialog, DialogBody, useToast } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { archiveKeys } from '../archive-queries';

type Reach = 'future' | 'everything';

/** From now on, or all of it: says what happens before it happens, and afterwards what a legal hold leaves standing. */
export function WithdrawDialog({
  recording,
  onClose,
}: {
  readonly recording: Pick<MyRecording, 'id' | 'title' | 'state'>;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(['archive', 'common']);
  const queries = useQueryClient();
  const toast = useToast();
  // After the meeting there is no "from now on": it is about what was taken.
  const live = recording.state === 'on' || recording.state === 'paused';
  const [reach, setReach] = useState<Reach>(live ? 'future' : 'everything');
  const withdraw = useMutation({
    mutationFn: () => api.recordings.withdraw(recording.id, { everything: reach === 'everything' }),
    onSuccess: ({ heldBy }) => {
      void queries.invalidateQueries({ queryKey: archiveKeys.all });
      void queries.invalidateQueries({ queryKey: archiveKeys.one(recording.id) });
      if (heldBy !== null) return;
      toast(t(`withdraw.done.${reach}`), { tone: 'good' });
      onClose();
    },
  });
  const heldBy = withdraw.data?.heldBy ?? null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('withdraw.title')}
      description={recording.title}
      footer={
        heldBy === null ? (
          <>
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button variant="danger" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>
              {t('withdraw.action')}
            </Button>
          </>
        ) : (
          <Button variant="primary" onClick={onClose}>
            {t('common:action.done')}
          </Button>
        )
      }
    >
      <DialogBody>
        {heldBy === null ? (
          <>
            <FormFailure failure={withdraw.error instanceof ApiError ? withdraw.error : null} />
            <Choice
              label={t('withdraw.reach')}
              hint={t(`withdraw.words.${reach}`)}
              value={reach}
              onChange={setReach}
              choices={[
                { value: 'future', label: t('withdraw.future') },
                { value: 'everything', label: t('withdraw.everything') },
              ]}
            />
          </>
        ) : (
          <Banner tone="attention" announce="status">
            {t('withdraw.held', { hold: heldBy })}
          </Banner>
        )}
      </DialogBody>
    </Dialog>
  );
}
