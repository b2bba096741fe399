/** What was found, with enough of the first match to recognise it. */
import type { Match } from './detectors/match.js';
import { mask } from './mask.js';
import type { DlpFound } from './schema.js';

/** Matches, with the text in which their places are. */
export interface Seen {
  readonly text: string;
  readonly matches: readonly Match[];
}

export interface FoundWithExcerpt extends DlpFound {
  readonly excerpt: string;
}

export const nothing: Seen = { text: '', matches: [] };

/** Of the view in which most is found. */
export function best(views: readonly string[], find: (view: string) => readonly Match[]): Seen {
  let most = nothing;
  for (const text of views) {
    const matches = find(text);
    if (matches.length > most.matches.length) most = { text, matches };
  }
  return most;
}

/** Nothing, or one. */
export function toFound(detector: string, what: string, { text, matches }: Seen): FoundWithExcerpt[] {
  const [first] = matches;
  return first ? [{ detector, what, count: matches.length, excerpt: mask(text.slice(first.start, first.end)) }] : [];
}
