/** What is asked for, and what is found: names first, messages as the server finds them. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, type Colleague, type Conversation, type SearchAsk } from '@/api';
import { matches } from '@/chat/conversation-name';
import { keys } from '@/pages/queries';

export interface SearchFilters {
  readonly person: string;
  readonly conversation: string;
  /** Days, as date fields write them. */
  readonly since: string;
  readonly until: string;
  readonly file: boolean;
}

export const noFilters: SearchFilters = { person: '', conversation: '', since: '', until: '', file: false };

const waitMs = 200;
const pageSize = '20';
const shownNames = 6;

export function useSearch(query: string, filters: SearchFilters) {
  const q = useSettled(query.trim());
  const isFiltered = Object.values(filters).some((value) => value !== '' && value !== false);
  const conversations = useQuery({ queryKey: ['search', 'conversations'], queryFn: ({ signal }) => api.admin.conversations(signal) });
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api.people.list(signal), retry: false });
  const ask = askOf(q, filters);
  const messages = useInfiniteQuery({
    queryKey: ['search', 'messages', ask],
    queryFn: ({ pageParam, signal }) => api.admin.searchMessages({ ...ask, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    enabled: q !== '' || isFiltered,
    staleTime: 0,
  });
  const all = conversations.data?.conversations ?? [];
  const everybody = people.data?.people ?? [];
  const names = query.trim();
  const isIn = new Set(all.flatMap(({ kind, counterpart }) => (kind === 'direct' && counterpart ? [counterpart.id] : [])));
  return {
    isAsking: q !== '' || isFiltered,
    isFiltered,
    /** What is typed has not been asked for yet. */
    isBehind: names !== q,
    allConversations: all,
    everybody,
    conversations: isFiltered ? [] : all.filter((one) => one.kind !== 'meeting' && matches(nameOf(one), names)).slice(0, shownNames),
    people:
      isFiltered || names === '' ? [] : everybody.filter(({ id, name }) => !isIn.has(id) && matches(name, names)).slice(0, shownNames),
    messages,
  } satisfies { conversations: readonly Conversation[]; people: readonly Colleague[] } & Record<string, unknown>;
}

export function nameOf({ title, counterpart }: Conversation): string {
  return title || (counterpart?.name ?? '');
}

function askOf(q: string, { person, conversation, since, until, file }: SearchFilters): SearchAsk {
  return {
    limit: pageSize,
    ...(q !== '' && { q }),
    ...(person !== '' && { from: person }),
    ...(conversation !== '' && { conversation }),
    ...(since !== '' && { since: new Date(`${since}T00:00:00`).toISOString() }),
    ...(until !== '' && { until: dayAfter(until) }),
    ...(file && { has: 'file' }),
  };
}

/** The last day belongs to what is asked for. */
function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return date.toISOString();
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), waitMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
