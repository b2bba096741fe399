/** A viewing: opened when one presses play, not when one opens the page, since each is written down; then renewed while the page is open. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, type Play } from '@/api';

export interface Viewings {
  open(): Promise<Play>;
  renew(playId: string): Promise<Play>;
}

export interface Viewing {
  readonly play: Play | null;
  readonly isOpening: boolean;
  readonly failure: ApiError | null;
  /** Opens one where there is none. */
  readonly start: () => void;
  /** A new one, whatever there was. */
  readonly again: () => void;
}

const soonestMs = 5_000;

export function useViewing(viewings: Viewings, given: Play | null = null): Viewing {
  const [play, setPlay] = useState<Play | null>(given);
  const [isOpening, setOpening] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const latest = useRef(viewings);
  latest.current = viewings;
  const opening = useRef(false);

  const again = useCallback(() => {
    if (opening.current) return;
    opening.current = true;
    setOpening(true);
    setFailure(null);
    latest.current
      .open()
      .then(setPlay, (error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        setFailure(error);
      })
      .finally(() => {
        opening.current = false;
        setOpening(false);
      });
  }, []);

  useEffect(() => {
    if (!play) return;
    // Well before it ends: a page in the background is woken late.
    const wait = Math.max(soonestMs, (Date.parse(play.expiresAt) - Date.now()) / 2);
    const timer = setTimeout(() => {
      latest.current.renew(play.id).then(
        // The address stays: the stream goes on as it is.
        ({ expiresAt }) => setPlay((now) => now && { ...now, expiresAt }),
        (error: unknown) => {
          if (!(error instanceof ApiError) || !error.retryable) return;
          setPlay((now) => now && { ...now });
        },
      );
    }, wait);
    return () => clearTimeout(timer);
  }, [play]);

  const start = useCallback(() => {
    if (!play) again();
  }, [play, again]);

  return { play, isOpening, failure, start, again };
}
