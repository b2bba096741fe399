/**
 * Text as a search compares it: width, case, accents, Traditional and Simplified Chinese, kinds of
 * space make no difference (Unicode UAX #15 form KC, then lower case, then src/chat/search/simplified.ts).
 * It knows which part of the original each of its units came from, for highlights.
 */
import { simplified } from './simplified.js';

export interface FoldedText {
  readonly text: string;
  /** For each UTF-16 unit of `text`: where in the original the characters begin and end that it was made of. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** What joins the character before: marks (accents, variation selectors), vowels and finals of Hangul, voiced sounds of narrow Katakana. */
const joins = /[\p{M}\u1160-\u11ff\uff9e\uff9f]/u;
/** Accents of Latin, Greek and Cyrillic letters. Marks of other scripts make another letter. */
const accents = /[\u0300-\u036f]/g;
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cs}]/gu;
const space = /[\p{White_Space}\p{Cc}]+/gu;

/** By code unit; texts have few different ones. */
const foldedUnits: (string | undefined)[] = new Array(0x1_0000);
const joiningUnits = new Uint8Array(0x1_0000);

export function foldText(original: string): string {
  let text = '';
  eachFolded(original, (folded) => {
    text += folded === ' ' && text.endsWith(' ') ? '' : folded;
  });
  return text;
}

export function foldWithPlaces(original: string): FoldedText {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  eachFolded(original, (folded, start, end) => {
    if (folded === ' ' && text.endsWith(' ')) {
      ends[ends.length - 1] = end;
      return;
    }
    text += folded;
    for (let unit = 0; unit < folded.length; unit += 1) {
      starts.push(start);
      ends.push(end);
    }
  });
  return { text, starts, ends };
}

function eachFolded(original: string, take: (folded: string, start: number, end: number) => void): void {
  for (let start = 0; start < original.length; ) {
    const end = endOfCluster(original, start);
    const folded = end === start + 1 ? foldUnit(original, start) : foldCluster(original.slice(start, end));
    if (folded !== '') take(folded, start, end);
    start = end;
  }
}

/** A character and the marks that belong to it. */
function endOfCluster(text: string, start: number): number {
  let end = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
  while (end < text.length) {
    const code = text.codePointAt(end) ?? 0;
    // Nothing that joins comes before the first accent.
    if (code < 0x300 || !doesJoin(code)) break;
    end += code > 0xffff ? 2 : 1;
  }
  return end;
}

function doesJoin(code: number): boolean {
  if (code > 0xffff) return joins.test(String.fromCodePoint(code));
  if (joiningUnits[code] === 0) joiningUnits[code] = joins.test(String.fromCharCode(code)) ? 2 : 1;
  return joiningUnits[code] === 2;
}

function foldUnit(text: string, at: number): string {
  const code = text.charCodeAt(at);
  let folded = foldedUnits[code];
  if (folded === undefined) {
    folded = foldCluster(text.charAt(at));
    foldedUnits[code] = folded;
  }
  return folded;
}

function foldCluster(cluster: string): string {
  // Decomposed before and after, because a lower case letter may have an accent of its own (U+0130).
  const plain = cluster.normalize('NFKD').toLowerCase().normalize('NFKD').replace(accents, '').normalize('NFC');
  let folded = '';
  for (const character of plain.replace(invisible, '').replace(space, ' ')) folded += simplified.get(character) ?? character;
  return folded;
}
