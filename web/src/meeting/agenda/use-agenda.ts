/** The agenda of the meeting, and how long its current item has taken by now. */
import { type AgendaItem, type AgendaNow, noAgenda } from '@server/signaling/meeting-state';
import { useEffect, useState } from 'react';
import { nextOf } from '@/agenda/next-of';
import { useStore } from '@/core';
import { useMeeting } from '../meeting-context';

export interface MeetingAgenda {
  readonly agenda: AgendaNow;
  readonly current: AgendaItem | null;
  /** What comes after the current item; before the first it is that one. Null: nothing is left. */
  readonly next: AgendaItem | null;
  readonly spentOf: (item: AgendaItem) => number;
}

/** Whole minutes are shown: looking this often is enough. */
const lookEveryMs = 5_000;

export function useAgenda(): MeetingAgenda {
  const { client } = useMeeting();
  const agenda = useStore(client.store, (state) => state.meeting?.agenda ?? noAgenda);
  const [, look] = useState(0);
  const { items, currentId, since } = agenda;
  useEffect(() => {
    if (currentId === null) return;
    const timer = setInterval(() => look((count) => count + 1), lookEveryMs);
    return () => clearInterval(timer);
  }, [currentId]);
  return {
    agenda,
    current: items.find(({ id }) => id === currentId) ?? null,
    next: nextOf(agenda),
    spentOf: ({ id, spentMs }) => spentMs + (id === currentId ? Math.max(0, client.serverNow - since) : 0),
  };
}
