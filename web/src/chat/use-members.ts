import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, type Member } from '@/api';
import { useChatState } from './chat-context';

export const membersKey = (conversationId: string) => ['chat', conversationId, 'members'] as const;

/** Who is in a conversation; asked for again when the number of members changes. */
export function useMembers(conversationId: string, enabled = true) {
  const count = useChatState(({ heads }) => heads.get(conversationId)?.memberCount ?? 0);
  return useQuery({
    queryKey: [...membersKey(conversationId), count],
    queryFn: ({ signal }) => api.chat.members(conversationId, signal),
    staleTime: 60_000,
    enabled,
    placeholderData: (before, query) => (query?.queryKey[1] === conversationId ? before : undefined),
    select: ({ members }) => members,
  });
}

/** Names by id: of members, and of those who have written and left. */
export function useNames(
  members: readonly Member[] | undefined,
  me: { readonly id: string; readonly name: string },
): ReadonlyMap<string, string> {
  return useMemo(
    () => new Map([[me.id, me.name], ...(members ?? []).map(({ id, name }) => [id, name] as const)]),
    [members, me.id, me.name],
  );
}
