/** Reading a text with the patterns of several rules, within a time. Runs in either thread. */
import type { FoundWithExcerpt } from './found.js';
import type { PatternSet } from './pattern-set.js';

/** What each set found, in their order; or the set that was being read when the time was over. */
export type Reading =
  | { readonly found: readonly (readonly FoundWithExcerpt[])[]; readonly overdue: null }
  | { readonly found: null; readonly overdue: number };

/** What the thread is asked. Sets have numbers; with the first question about one comes what it is made of. */
export interface Question {
  readonly sets: readonly { readonly id: number; readonly made?: Pick<PatternSet, 'source' | 'atMost'> }[];
  readonly views: readonly string[];
  readonly limitMs: number;
  /** Sets that are known are not asked for any more. */
  readonly forget: boolean;
}

class Overdue extends Error {}

/** One pattern is read to its end all the same. */
export function read(sets: readonly PatternSet[], views: readonly string[], limitMs: number): Reading {
  const end = performance.now() + limitMs;
  const inTime = (): void => {
    if (performance.now() > end) throw new Overdue();
  };
  const found: (readonly FoundWithExcerpt[])[] = [];
  try {
    for (const set of sets) found.push(set.find(views, inTime));
    return { found, overdue: null };
  } catch (error) {
    if (!(error instanceof Overdue)) throw error;
    return { found: null, overdue: found.length };
  }
}
