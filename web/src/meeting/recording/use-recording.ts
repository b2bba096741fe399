import type { MeetingState, RecordingNow } from '@server/signaling/meeting-state';
import { useMemo } from 'react';
import { causeway } from '#proto';
import { isViewer, myself, type OwnConsent, useStore } from '@/core';
import { useMeeting } from '../meeting-context';
import { type Coverage, coverageOf } from './coverage';

export interface RecordingView {
  /** Null: nothing is recorded. */
  readonly now: RecordingNow | null;
  readonly isTranscript: boolean;
  readonly own: OwnConsent;
  /** Only watches: is told, and not asked. */
  readonly watches: boolean;
  /** An answer is wanted, or an objection may be. */
  readonly isOpen: boolean;
}

export function useRecording(): RecordingView {
  const { client } = useMeeting();
  const now = useStore(client.store, (state) => state.meeting?.recording ?? null);
  const watches = useStore(client.store, (state) => isViewer(myself(state)));
  const own = useStore(client.recording, (state) => state.consent);
  return {
    now,
    isTranscript: now?.kind === causeway.RecordingKind.RECORDING_KIND_TRANSCRIPT,
    own,
    watches,
    isOpen: now !== null && !watches && (own === 'none' ? now.notice.asks === true : own === 'informed'),
  };
}

const nobody: MeetingState['participants'] = new Map();
const none: ReadonlySet<string> = new Set();

export function useCoverage(): Coverage {
  const { client } = useMeeting();
  const participants = useStore(client.store, (state) => state.meeting?.participants ?? nobody);
  const recorded = useStore(client.store, (state) => state.meeting?.recording?.recorded ?? none);
  const ownPersonId = useStore(client.store, (state) => myself(state)?.personId);
  return useMemo(() => coverageOf(participants.values(), recorded, ownPersonId), [participants, recorded, ownPersonId]);
}
