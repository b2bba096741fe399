/** Pictures or lines, as this device has it. */
import { useState } from 'react';
import { readStored, writeStored } from '@/shell/storage';

export const looks = ['grid', 'list'] as const;
export type Look = (typeof looks)[number];

const storageKey = 'causeway.archive.look';

export function useLook(): readonly [Look, (look: Look) => void] {
  const [look, setLook] = useState<Look>(() => looks.find((name) => name === readStored(storageKey)) ?? 'grid');
  const choose = (chosen: Look): void => {
    writeStored(storageKey, chosen);
    setLook(chosen);
  };
  return [look, choose];
}
