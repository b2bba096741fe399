/** Has a recording put together once more. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { useToast } from '@/design';
import { archiveKeys } from './archive-queries';

export function useRetry(id: string): { readonly run: () => void; readonly busy: boolean } {
  const { t } = useTranslation('archive');
  const queries = useQueryClient();
  const toast = useToast();
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.recordings.retry(id),
    onSuccess: () => toast(t('retried'), { tone: 'good' }),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: archiveKeys.one(id) });
      void queries.invalidateQueries({ queryKey: archiveKeys.all });
    },
  });
  return { run: () => mutate(), busy: isPending };
}
