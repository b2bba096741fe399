/** What every part of the meeting's page needs, handed down once. */
import { createContext, useContext } from 'react';
import type { LocalMedia, MeetingClient, Speaking } from '@/core';

export interface MeetingParts {
  readonly client: MeetingClient;
  readonly local: LocalMedia;
  readonly speaking: Speaking;
  readonly link: string;
  /** Came in by the door of a webinar's audience, where nobody is asked for a microphone or a camera. */
  readonly watches: boolean;
  /** Characters of one chat message, at most. */
  readonly chatCharacters: number;
  readonly chatRecallMs: number;
}

export const MeetingContext = createContext<MeetingParts | null>(null);

export function useMeeting(): MeetingParts {
  const parts = useContext(MeetingContext);
  if (!parts) throw new Error('useMeeting needs the MeetingContext around it.');
  return parts;
}
