/** The coloured parts of a block of code, once what knows its language is here; null until then, and where nothing knows it. */
import { useEffect, useState } from 'react';
import type { CodePart } from './code-colours';

type Colours = typeof import('./code-colours');

/** Loaded once for all blocks: one that comes back into view has its colours from the first picture on. */
let loaded: Colours | null = null;

export function useCodeParts(text: string, language: string): readonly CodePart[] | null {
  const [colours, setColours] = useState(loaded);
  const isWanted = language !== '' && colours === null;
  useEffect(() => {
    if (!isWanted) return;
    let gone = false;
    import('./code-colours').then(
      (module) => {
        loaded = module;
        if (!gone) setColours(module);
      },
      // Without a network it stays as plain as it is; the next block asks again.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [isWanted]);
  return language === '' ? null : (colours?.codeParts(text, language) ?? null);
}
