import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, type RecordingDetail } from '@/api';
import { archiveKeys } from './archive-queries';

/** Whoever opens a recording has seen what was new about it. */
export function useSeen({ id, news }: Pick<RecordingDetail, 'id' | 'news'>): void {
  const queries = useQueryClient();
  const isNew = news.length > 0;
  useEffect(() => {
    if (!isNew) return;
    api.recordings.seen({ recordingId: id }).then(
      () => queries.invalidateQueries({ queryKey: archiveKeys.all }),
      // It stays new, and is tried again when it is opened next.
      () => undefined,
    );
  }, [id, isNew, queries]);
}
