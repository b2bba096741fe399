/** The keys and the queries that the pages of the archive share. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, type RecordingFace, type RecordingsAsk } from '@/api';

export const archiveKeys = {
  all: ['recordings'],
  list: (ask: RecordingsAsk) => ['recordings', 'list', ask],
  ofMe: ['recordings', 'of-me'],
  one: (id: string) => ['recording', id],
  transcript: (id: string) => ['recording', id, 'transcript'],
  summary: (id: string) => ['recording', id, 'summary'],
  comments: (id: string) => ['recording', id, 'comments'],
  reviews: (id: string) => ['recording', id, 'reviews'],
  edits: (id: string) => ['recording', id, 'edits'],
  shares: (id: string) => ['recording', id, 'shares'],
  viewings: (id: string) => ['recording', id, 'viewings'],
  retention: (id: string) => ['recording', id, 'retention'],
  ledger: (id: string) => ['recording', id, 'ledger'],
  file: (id: string, version: number, name: string) => ['recording', id, 'file', version, name],
  myActions: ['recordings', 'my-actions'],
  myReviews: ['recordings', 'my-reviews'],
  news: ['recordings', 'news'],
  evidenceKey: ['recordings', 'evidence-key'],
} as const;

const busyEveryMs = 4_000;
const calmEveryMs = 60_000;
const pageSize = 24;

/** It changes by itself: the meeting goes on, or it is being put together. */
export function isMoving({ state }: Pick<RecordingFace, 'state'>): boolean {
  return state === 'on' || state === 'paused' || state === 'processing';
}

export function useRecordings(ask: RecordingsAsk) {
  return useInfiniteQuery({
    queryKey: archiveKeys.list(ask),
    queryFn: ({ pageParam, signal }) =>
      api.recordings.list({ ...ask, limit: pageSize, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    select: ({ pages }) => pages.flatMap((page) => page.recordings),
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.recordings.some(isMoving)) ? busyEveryMs : calmEveryMs),
  });
}

export function useRecording(id: string) {
  return useQuery({
    queryKey: archiveKeys.one(id),
    queryFn: ({ signal }) => api.recordings.get(id, signal),
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? busyEveryMs : false),
  });
}

export function useComments({ id }: Pick<RecordingFace, 'id'>) {
  return useQuery({
    queryKey: archiveKeys.comments(id),
    queryFn: ({ signal }) => api.recordings.comments(id, signal),
    refetchInterval: calmEveryMs,
  });
}

/** Those that one governs, or was given. */
export function useReviews({ id }: Pick<RecordingFace, 'id'>) {
  return useQuery({ queryKey: archiveKeys.reviews(id), queryFn: ({ signal }) => api.recordings.reviews(id, signal), retry: false });
}
