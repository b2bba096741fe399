/** The transcript of a recording, in the script of the reader. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, type RecordingDetail } from '@/api';
import { archiveKeys } from '../archive-queries';
import type { Script } from '../player/controls';

const liveEveryMs = 5_000;

export function scriptAsk(script: Script): { script?: string; spoken?: string } {
  if (script === 'spoken') return { spoken: 'true' };
  return script === 'organisation' ? {} : { script };
}

export function useTranscript({ id, state }: Pick<RecordingDetail, 'id' | 'state'>, script: Script) {
  return useQuery({
    queryKey: [...archiveKeys.transcript(id), script],
    queryFn: ({ signal }) => api.recordings.transcript(id, scriptAsk(script), signal),
    placeholderData: keepPreviousData,
    // While the meeting goes on, lines come.
    refetchInterval: state === 'ready' || state === 'failed' ? false : liveEveryMs,
  });
}
