import { useSyncExternalStore } from 'react';

/** Somebody may be looking: the page is in front and has the focus of the system. */
export function usePageVisible(): boolean {
  return useSyncExternalStore(
    (changed) => {
      document.addEventListener('visibilitychange', changed);
      addEventListener('focus', changed);
      addEventListener('blur', changed);
      return () => {
        document.removeEventListener('visibilitychange', changed);
        removeEventListener('focus', changed);
        removeEventListener('blur', changed);
      };
    },
    () => document.visibilityState === 'visible' && document.hasFocus(),
  );
}
