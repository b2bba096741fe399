/**
 * What somebody typed. Pieces between spaces must all be in a message, each as it stands, anywhere:
 * also in the middle of a word. Words in quotes must stand there as whole words and in this order.
 */
import { type FoldedText, foldText } from './folded-text.js';
import { isLetterAt, type Span, shortWord, spansOf, termsOfSpan } from './terms.js';

export interface Needle {
  /** Folded. */
  readonly text: string;
  /** What every message has in the index that contains it. None: it is only signs, which the index doesn't know. */
  readonly terms: readonly number[];
  /** No letter may come before, or after. */
  readonly wholeStart: boolean;
  readonly wholeEnd: boolean;
}

/** UTF-16 units of the original: [start, end). */
export type Range = readonly [start: number, end: number];

const piece = /["“”「『]([^"“”」』]*)["“”」』]?|[^\s"“”「」『』]+/gu;
/** Ranges in one text, at most: a page has no use for more. */
const mostRanges = 100;

export function readQuery(query: string): Needle[] {
  const needles = new Map<string, Needle>();
  for (const [typed, quoted] of query.matchAll(piece)) {
    const text = foldText(quoted ?? typed).trim();
    if (text !== '') needles.set(`${quoted === undefined} ${text}`, makeNeedle(text, quoted !== undefined));
  }
  return [...needles.values()];
}

/** Where a text has the needle; null: nowhere. */
export function findNeedle(folded: FoldedText, needle: Needle): Range[] | null {
  const { text, starts, ends } = folded;
  const ranges: Range[] = [];
  for (let at = text.indexOf(needle.text); at >= 0 && ranges.length < mostRanges; at = text.indexOf(needle.text, at + 1)) {
    const end = at + needle.text.length;
    if (needle.wholeStart && isLetterAt(text, at) && isLetterAt(text, at - 1)) continue;
    if (needle.wholeEnd && isLetterAt(text, end - 1) && isLetterAt(text, end)) continue;
    ranges.push([starts[at] ?? 0, ends[end - 1] ?? 0]);
  }
  return ranges.length === 0 ? null : ranges;
}

/** In order, those that touch or overlap as one. */
export function joinRanges(ranges: readonly Range[]): Range[] {
  const joined: [number, number][] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined.slice(0, mostRanges);
}

function makeNeedle(text: string, whole: boolean): Needle {
  const terms = new Set<number>();
  const add = (term: number) => {
    terms.add(term);
  };
  const spans = spansOf(text);
  // One or two letters at the edge may be the end of a longer word, of which the index knows other pieces.
  const isOpen = ({ kind, start, end }: Span) =>
    !whole && kind === 'letters' && end - start <= shortWord && (start === 0 || end === text.length);
  for (const span of spans) if (!isOpen(span)) termsOfSpan(text, span, add);
  if (terms.size > 0 || whole) return { text, terms: [...terms], wholeStart: whole, wholeEnd: whole };
  // There is nothing else to find it by: they are meant as a word.
  for (const span of spans) termsOfSpan(text, span, add);
  return { text, terms: [...terms], wholeStart: true, wholeEnd: true };
}
