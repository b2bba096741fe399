/** Until when a message can be recalled: the rule of the server, so that the page offers nothing that it refuses. */
import { useEffect, useState } from 'react';
import type { ChatHead, ChatMessage } from '@/core';

/** Milliseconds since 1970 by the server's clock; 0: never. */
export function recallableUntil(
  { senderId, sentAt }: Pick<ChatMessage, 'senderId' | 'sentAt'>,
  { admin, kind }: Pick<ChatHead, 'admin' | 'kind'>,
  me: string,
  recallMs: number,
): number {
  // Who keeps order in a conversation may do so at any time; between two people nobody does.
  if (admin && kind !== 'direct') return Number.POSITIVE_INFINITY;
  return senderId === me ? sentAt + recallMs : 0;
}

/** Whether it is still before this moment; turns false when it comes. */
export function useBefore(moment: number, now: () => number): boolean {
  const [before, setBefore] = useState(() => now() < moment);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      const left = moment - now();
      setBefore(left > 0);
      if (left > 0 && Number.isFinite(left)) timer = setTimeout(look, Math.min(left + 1, longestTimer));
    };
    look();
    return () => clearTimeout(timer);
  }, [moment, now]);
  return before;
}

/** Browsers count a timer's milliseconds in 31 bits. */
const longestTimer = 2 ** 31 - 1;
