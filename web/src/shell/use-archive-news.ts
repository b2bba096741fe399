import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useContext, useEffect, useSyncExternalStore } from 'react';
import { api, type RecordingNewsList } from '@/api';
import { ChatContext } from '@/chat/chat-context';
import { archiveKeys } from '@/pages/archive/archive-queries';

const silent = () => () => undefined;

/** How much is new for this person in the archive; the server says when that changes. `on`: he has an archive. */
export function useArchiveNews(on: boolean): number {
  const parts = useContext(ChatContext);
  const queries = useQueryClient();
  const changes = useSyncExternalStore(parts?.client.store.subscribe ?? silent, () => parts?.client.store.get().recordingNewsChanges ?? 0);
  useEffect(() => {
    if (changes > 0) void queries.invalidateQueries({ queryKey: archiveKeys.all });
  }, [changes, queries]);
  const news = useQuery<RecordingNewsList>({
    queryKey: archiveKeys.news,
    queryFn: ({ signal }) => api.recordings.news(signal),
    enabled: on,
  });
  return on ? (news.data?.unseen ?? 0) : 0;
}
