/** Light, dark, or as the system. public/theme.js sets the same before the first paint. */
import { useSyncExternalStore } from 'react';
import { readStored, writeStored } from './storage';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'causeway.theme';
const listeners = new Set<() => void>();

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  return [useSyncExternalStore(subscribe, readTheme), setTheme];
}

function readTheme(): Theme {
  const stored = document.documentElement.dataset.theme ?? readStored(storageKey);
  return themes.find((theme) => theme === stored) ?? 'system';
}

function setTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme;
  writeStored(storageKey, theme === 'system' ? null : theme);
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
