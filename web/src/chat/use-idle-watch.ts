import { useEffect } from 'react';
import { useChat } from './chat-context';

const idleMs = 5 * 60_000;

/** Nothing was touched for a while: others see that nobody is at this device. */
export function useIdleWatch(): void {
  const { client } = useChat();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const touched = (): void => {
      client.setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => client.setIdle(true), idleMs);
    };
    touched();
    // Announces itself to others even where nobody is watched here.
    const unwatch = client.watch([]);
    const events = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;
    for (const event of events) addEventListener(event, touched, { passive: true });
    return () => {
      clearTimeout(timer);
      unwatch();
      for (const event of events) removeEventListener(event, touched);
    };
  }, [client]);
}
