/** The keys under which answers are kept, and the queries that several pages share. */
import { type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, type Meeting } from '@/api';

const liveEveryMs = 15_000;

export const keys = {
  server: ['server'],
  meetings: ['meetings'],
  meeting: (id: string) => ['meeting', id],
  agenda: (id: string) => ['meeting', id, 'agenda'],
  attendance: (id: string) => ['meeting', id, 'attendance'],
  messages: (id: string) => ['meeting', id, 'messages'],
  quality: (id: string) => ['meeting', id, 'quality'],
  people: ['people'],
  invitations: ['invitations'],
  devices: ['devices'],
  notifications: ['notifications'],
} as const;

export function useServer() {
  return useQuery({ queryKey: keys.server, queryFn: ({ signal }) => api.server(signal) });
}

export function useMeetings(state: 'upcoming' | 'past') {
  return useInfiniteQuery({
    queryKey: [...keys.meetings, state],
    queryFn: ({ pageParam, signal }) => api.meetings.list({ state, cursor: pageParam ?? undefined, limit: 25 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    select: ({ pages }) => pages.flatMap((page) => page.meetings),
    // Who is in a meeting changes by itself.
    refetchInterval: state === 'upcoming' ? liveEveryMs : false,
  });
}

export function useMeeting(id: string) {
  return useQuery({
    queryKey: keys.meeting(id),
    queryFn: ({ signal }) => api.meetings.get(id, signal),
    refetchInterval: ({ state }) => (state.data?.status === 'ended' ? false : liveEveryMs),
  });
}

export function useAgenda(id: string) {
  return useQuery({ queryKey: keys.agenda(id), queryFn: ({ signal }) => api.meetings.agenda(id, signal) });
}

/** After a meeting was made or changed here. */
export function keepMeeting(queries: QueryClient, meeting: Meeting): void {
  queries.setQueryData(keys.meeting(meeting.id), meeting);
  void queries.invalidateQueries({ queryKey: keys.meetings });
}
