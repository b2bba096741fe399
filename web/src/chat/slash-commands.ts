/** Commands that apps of the organisation answer: `/name text`. */
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api';

export interface SlashCommand {
  readonly name: string;
  readonly description: string;
  /** What may stand after the name. */
  readonly hint: string;
}

const none: readonly SlashCommand[] = [];

/** Those that work in this conversation: whose app is a member. */
export function useSlashCommands(conversationId: string, enabled: boolean): readonly SlashCommand[] {
  const { data } = useQuery({
    queryKey: ['chat', conversationId, 'slash-commands'],
    queryFn: ({ signal }) => api.chat.slashCommands(conversationId, signal),
    enabled,
    staleTime: 60_000,
    retry: false,
    select: ({ commands }): readonly SlashCommand[] => commands.map(({ name, description, hint }) => ({ name, description, hint })),
  });
  return data ?? none;
}

export interface WrittenCommand {
  readonly command: string;
  readonly text: string;
}

/** What is written, where it begins with a command that is known; anything else is a message. */
export function commandIn(body: string, commands: readonly SlashCommand[]): WrittenCommand | null {
  const [, command = '', text = ''] = /^\/([a-z0-9][a-z0-9_-]{0,31})(?:\s+([\s\S]*))?$/u.exec(body.trim()) ?? [];
  return commands.some(({ name }) => name === command) ? { command, text } : null;
}
