/** Opens the one search of the page from wherever a button for it is. */
import { createContext, useContext } from 'react';

export const SearchContext = createContext<() => void>(() => undefined);

export function useOpenSearch(): () => void {
  return useContext(SearchContext);
}
