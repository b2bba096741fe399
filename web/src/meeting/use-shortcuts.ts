import { useEffect, useRef } from 'react';

/** By key, in lower case: `m`, `?`, `escape`. */
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
      const isEscape = event.key === 'Escape';
      if (event.target instanceof Element && isTaken(event.target, isEscape)) return;
      const act = latest.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

function isTaken(target: Element, isEscape: boolean): boolean {
  if (target.closest('[role="menu"], [role="dialog"], [role="alertdialog"]')) return true;
  // Escape leaves what one writes in; the letters belong to it.
  return !isEscape && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}
