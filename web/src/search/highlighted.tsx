import { parts } from './highlight-parts';

/** A text with what was found in it marked. The text stays text, whatever stands in it. */
export function Highlighted({ text, ranges }: { readonly text: string; readonly ranges: readonly (readonly [number, number])[] }) {
  return parts(text, ranges).map(({ start, text: part, found }) =>
    found ? <mark key={start}>{part}</mark> : <span key={start}>{part}</span>,
  );
}
