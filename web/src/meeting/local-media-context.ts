/** Camera, microphone and screen of this person, from the device check to the end. */
import { createContext, useContext } from 'react';
import type { LocalMedia } from '@/core';

export const LocalMediaContext = createContext<LocalMedia | null>(null);

export function useLocalMedia(): LocalMedia {
  const local = useContext(LocalMediaContext);
  if (!local) throw new Error('useLocalMedia needs the LocalMediaContext around it.');
  return local;
}
