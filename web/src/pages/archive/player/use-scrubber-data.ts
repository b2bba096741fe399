/** The small pictures and the loudness of a recording, where it has them. */
import { useQuery } from '@tanstack/react-query';
import { api, type RecordingDetail } from '@/api';
import { archiveKeys } from '../archive-queries';
import { type Extent, readExtent, readThumbnails, readWaveform, type Thumbnail } from './scrubber-data';

const bars = 240;
const nothing: readonly Thumbnail[] = [];

export function useScrubberData(recording: Pick<RecordingDetail, 'id' | 'version' | 'files'>): {
  readonly thumbnails: readonly Thumbnail[];
  readonly waveform: readonly number[] | null;
  /** Which part of the recording there is: its ends may have been cut off. */
  readonly extent: Extent | null;
} {
  const { id, version, files } = recording;
  const has = (name: string): boolean => files.some((file) => file.name === name);
  const kept = { staleTime: Number.POSITIVE_INFINITY, retry: false } as const;
  const thumbnails = useQuery({
    ...kept,
    queryKey: [...archiveKeys.file(id, version, 'thumbnails.vtt'), 'read'],
    queryFn: async ({ signal }) => readThumbnails(await (await api.recordings.file(id, 'thumbnails.vtt', signal)).text()),
    enabled: has('thumbnails.vtt'),
  });
  const waveform = useQuery({
    ...kept,
    queryKey: [...archiveKeys.file(id, version, 'waveform.json'), 'read'],
    queryFn: async ({ signal }) => readWaveform(JSON.parse(await (await api.recordings.file(id, 'waveform.json', signal)).text()), bars),
    enabled: has('waveform.json'),
  });
  const extent = useQuery({
    ...kept,
    queryKey: [...archiveKeys.file(id, version, 'composed.json'), 'read'],
    queryFn: async ({ signal }) => readExtent(JSON.parse(await (await api.recordings.file(id, 'composed.json', signal)).text())),
    enabled: has('composed.json'),
  });
  return { thumbnails: thumbnails.data ?? nothing, waveform: waveform.data ?? null, extent: extent.data ?? null };
}
