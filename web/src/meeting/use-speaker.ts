import { useEffect, useReducer, useRef, useState } from 'react';
import { useStore } from '@/core';
import { useMeeting } from './meeting-context';
import { dueAt, heardNow, nobodysTurn, type SpeakerTurn, settle, without } from './speaker-turn';

const remembered = 12;

export interface Speakers {
  /** Whose turn it is, other than oneself: nobody wants to look at oneself, or at an empty stage in a pause. */
  readonly speakerId: string | null;
  /** Who had a turn lately, the last first. */
  readonly recent: readonly string[];
}

/** Follows the active speaker calmly; see `speaker-turn.ts`. */
export function useSpeaker(): Speakers {
  const { client } = useMeeting();
  const activeId = useStore(client.store, (state) => {
    const id = state.meeting?.activeSpeakerId ?? null;
    return id === state.myId ? null : id;
  });
  const participants = useStore(client.store, (state) => state.meeting?.participants ?? null);
  const [turn, setTurn] = useState<SpeakerTurn>(nobodysTurn);
  const [, look] = useReducer((count: number) => count + 1, 0);
  const recent = useRef<readonly string[]>([]);

  useEffect(() => setTurn((now) => heardNow(now, activeId, performance.now())), [activeId]);
  useEffect(() => {
    if (participants) setTurn((now) => without(now, (id) => participants.has(id)));
  }, [participants]);
  useEffect(() => {
    const due = dueAt(turn);
    if (due === null) return;
    const timer = setTimeout(
      () => {
        setTurn((now) => settle(now, performance.now()));
        // A timer may come a moment early; then it is set again.
        look();
      },
      Math.max(0, due - performance.now()) + 1,
    );
    return () => clearTimeout(timer);
  });

  const { shown } = turn;
  useEffect(() => {
    if (shown !== null) recent.current = [shown, ...recent.current.filter((id) => id !== shown)].slice(0, remembered);
  }, [shown]);
  return { speakerId: shown, recent: recent.current };
}
