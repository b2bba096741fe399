import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from 'react';
import { loadWords } from '@/i18n';
import { SearchContext } from './search-context';

const SearchDialog = lazy(async () => {
  const [{ SearchDialog: Component }] = await Promise.all([import('./search-dialog'), loadWords('search')]);
  return { default: Component };
});

/** Ctrl or Cmd+K on every page of the shell. What it needs is loaded when it is opened for the first time. */
export function SearchHost({ children }: { readonly children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const show = useCallback(() => setOpen(true), []);
  useEffect(() => {
    const keyDown = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setOpen(true);
    };
    addEventListener('keydown', keyDown);
    return () => removeEventListener('keydown', keyDown);
  }, []);
  return (
    <SearchContext value={show}>
      {children}
      {open && (
        <Suspense fallback={null}>
          <SearchDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </SearchContext>
  );
}
