/** Commands that apps of the organisation answer. */
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api';

export interface SlashCommand {
  readonly name: string;
  readonly description: string;
}

const none: readonly SlashCommand[] = [];

export function useSlashCommands(enabled: boolean): readonly SlashCommand[] {
  const { data } = useQuery({
    queryKey: ['chat', 'slash-commands'],
    queryFn: ({ signal }) => api.chat.slashCommands(signal),
    enabled,
    staleTime: 5 * 60_000,
    retry: false,
    select: ({ commands }): readonly SlashCommand[] =>
      commands.map(({ name, description }) => ({ name: name.replace(/^\//, ''), description })),
  });
  return data ?? none;
}
