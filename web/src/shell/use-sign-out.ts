import { useMutation } from '@tanstack/react-query';
import { session } from '@/api';
import { useToast } from '@/design';

export function useSignOut(): { signOut: () => void; busy: boolean } {
  const toast = useToast();
  const { mutate, isPending } = useMutation({
    mutationFn: () => session.signOut(),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
  });
  return { signOut: mutate, busy: isPending };
}
