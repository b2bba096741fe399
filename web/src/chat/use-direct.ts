import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import { api } from '@/api';
import { useToast } from '@/design';
import { useChat } from './chat-context';

/** Goes to the conversation with a person; it is made where there is none yet. */
export function useDirect(): (personId: string) => Promise<void> {
  const { client } = useChat();
  const navigate = useNavigate();
  const toast = useToast();
  return useCallback(
    async (personId) => {
      const known = [...client.store.get().heads.values()].find(
        ({ kind, counterpart }) => kind === 'direct' && counterpart?.id === personId,
      );
      try {
        const id = known?.id ?? (await api.chat.create({ kind: 'direct', memberIds: personId === client.me.id ? [] : [personId] })).id;
        if (!known) await client.refresh(id);
        await navigate(`/chat/${id}`);
      } catch (error) {
        toast(error instanceof Error ? error.message : '', { tone: 'wrong' });
      }
    },
    [client, navigate, toast],
  );
}
