import { useEffect, useState } from 'react';

const idleMs = 3_000;

/** True when nobody has moved for a while. */
export function useIdle(enabled: boolean): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    if (!enabled) {
      setIdle(false);
      return;
    }
    let timer = setTimeout(() => setIdle(true), idleMs);
    const moved = (): void => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(true), idleMs);
    };
    const signs = ['pointermove', 'pointerdown', 'keydown'] as const;
    for (const sign of signs) addEventListener(sign, moved);
    return () => {
      clearTimeout(timer);
      for (const sign of signs) removeEventListener(sign, moved);
    };
  }, [enabled]);
  return idle;
}
