import { useEffect, useRef } from 'react';

/** By key, in lower case: `m`, `?`, `escape`, `arrowleft`. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Single keys, which do nothing while somebody writes, chooses from a list, or answers a dialog. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && isTaken(event.target, event.key)) return;
      const act = latest.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

/** What scrolls a list, moves between tabs, or turns the pages of the stage. */
const moving: ReadonlySet<string> = new Set(['ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown']);

function isTaken(target: Element, key: string): boolean {
  if (target.closest('[role="menu"], [role="dialog"], [role="alertdialog"]')) return true;
  if (moving.has(key) && target.closest('aside, [role="tablist"]')) return true;
  // Escape leaves what one writes in; the letters belong to it.
  return key !== 'Escape' && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}
