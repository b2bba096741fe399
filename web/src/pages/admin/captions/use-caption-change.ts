import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type CaptionSettings } from '@/api';
import { useToast } from '@/design';
import { adminKeys } from '../admin-queries';

/** Works at once; what is shown follows the hand. */
export function useCaptionChange() {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const toast = useToast();
  const key = adminKeys.captionSettings;
  return useMutation({
    // One after the other, so that the last answer is the last word.
    scope: { id: 'caption-settings' },
    mutationKey: key,
    mutationFn: (part: Partial<CaptionSettings>) => api.admin.captions.change(part),
    onMutate: async (part) => {
      await queries.cancelQueries({ queryKey: key }, { revert: false, silent: true });
      queries.setQueryData<CaptionSettings>(key, (now) => now && { ...now, ...part });
    },
    onSuccess: () => toast(t('list.saved'), { tone: 'good' }),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
    onSettled: () => {
      if (queries.isMutating({ mutationKey: key }) === 1) void queries.invalidateQueries({ queryKey: key });
    },
  });
}
