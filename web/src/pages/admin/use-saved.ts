/** What follows when a form was taken: the list is asked for again, and one is told. */
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useToast } from '@/design';

export function useSaved(refresh: QueryKey, onClose: () => void): (words?: string) => Promise<void> {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const toast = useToast();
  return async (words = t('list.saved')) => {
    await queries.invalidateQueries({ queryKey: refresh });
    toast(words, { tone: 'good' });
    onClose();
  };
}
