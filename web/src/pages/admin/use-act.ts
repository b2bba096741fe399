/** One thing to do with something in a list: says what came of it, and asks for the list again. */
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useToast } from '@/design';

export interface Act<Input> {
  readonly run: (input: Input) => void;
  readonly busy: boolean;
}

export function useAct<Input, Answer>(
  act: (input: Input) => Promise<Answer>,
  { refresh, done, onDone }: { refresh: QueryKey; done?: string; onDone?: (answer: Answer) => void },
): Act<Input> {
  const queries = useQueryClient();
  const toast = useToast();
  const { mutate, isPending } = useMutation({
    mutationFn: act,
    onSuccess: (answer) => {
      if (done !== undefined) toast(done, { tone: 'good' });
      onDone?.(answer);
    },
    onError: (error) => toast(error.message, { tone: 'wrong' }),
    onSettled: () => queries.invalidateQueries({ queryKey: refresh }),
  });
  return { run: mutate, busy: isPending };
}
