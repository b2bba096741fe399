/** The list of terms with one more, another, or one less. Pure. */
import type { CaptionSettings } from '@/api';

type Terms = CaptionSettings['glossary'];

/** `before`: the term that it replaces; empty: it is new. By the alphabet, so that one finds it again. */
export function withTerm(terms: Terms, before: string, term: Terms[number]): Terms {
  return [...terms.filter((other) => other.term !== before && other.term !== term.term), term].sort((a, b) => a.term.localeCompare(b.term));
}

export function withoutTerm(terms: Terms, term: string): Terms {
  return terms.filter((other) => other.term !== term);
}

/** One a line, each once. */
export function heardOf(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim().replace(/\s+/g, ' ')))].filter((line) => line !== '');
}
