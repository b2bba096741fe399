/** The keys of players, as people know them. Nothing while somebody writes, chooses from a list, or answers a dialog. */
import { useEffect, useRef } from 'react';
import type { Player } from './player';

export interface KeyActs {
  readonly toggle: () => void;
  readonly captions: () => void;
  readonly fullScreen: () => void;
  readonly help: () => void;
}

const smallStepMs = 5_000;
const largeStepMs = 10_000;

export const playerKeys = [
  ['Space K', 'play'],
  ['J L', 'tenSeconds'],
  ['← →', 'fiveSeconds'],
  ['< >', 'speed'],
  ['M', 'mute'],
  ['C', 'captions'],
  ['F', 'fullScreen'],
  ['?', 'help'],
] as const;

export function usePlayerKeys(player: Player, acts: KeyActs): void {
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  useEffect(() => {
    const keys: Readonly<Record<string, () => void>> = {
      ' ': () => latest.current.toggle(),
      k: () => latest.current.toggle(),
      j: () => player.skip(-largeStepMs),
      l: () => player.skip(largeStepMs),
      arrowleft: () => player.skip(-smallStepMs),
      arrowright: () => player.skip(smallStepMs),
      '<': () => player.stepRate(-1),
      '>': () => player.stepRate(1),
      m: () => player.toggleMuted(),
      c: () => latest.current.captions(),
      f: () => latest.current.fullScreen(),
      '?': () => latest.current.help(),
    };
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key.toLowerCase();
      const act = keys[key];
      if (!act || (event.target instanceof Element && isTaken(event.target, key))) return;
      // Held down, only going on through time repeats.
      if (event.repeat && !/^(j|l|arrow.*)$/.test(key)) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [player]);
}

function isTaken(target: Element, key: string): boolean {
  if (target.closest('input, textarea, select, [contenteditable="true"], [role="menu"], [role="dialog"], [role="alertdialog"]'))
    return true;
  if (key === ' ') return target.closest('button, a, summary, [role="button"], [role="tab"], [role="slider"]') !== null;
  return key.startsWith('arrow') && target.closest('[role="tablist"], [role="slider"]') !== null;
}
