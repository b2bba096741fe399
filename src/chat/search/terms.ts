/**
 * What the index knows of a message: numbers that stand for pieces of its folded text and for what
 * filters ask. Any part of a word of three letters is found by the trigrams of the word, a shorter word as
 * a whole, Chinese by pairs of characters and single ones. A number is a hash of 32 bits: two pieces may
 * share one, which costs a look at a message that is not shown then, because every find is checked in the text.
 */
export interface Span {
  /** letters: a word of a script with words. characters: of a script without, and signs such as emoji. */
  readonly kind: 'letters' | 'characters';
  readonly start: number;
  readonly end: number;
}

type AddTerm = (term: number) => void;

/** Letters of a word that is found as a whole only, at most. */
export const shortWord = 2;
const gram = 3;

/** Keeps terms of different kinds apart. */
const seeds = { word: 1, part: 2, single: 3, pair: 4, sender: 5, mention: 6, flag: 7 } as const;

/** Scripts that put no space between words, Hangul because endings are joined to words, and signs that are no punctuation. */
const characterLike =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Regional_Indicator}]|[^\p{ASCII}\P{S}]/u;
const letterLike = /[\p{L}\p{N}\p{M}]/u;

const other = 1;
const letters = 2;
const characters = 3;
/** By code unit; 0 where nobody asked yet. */
const classes = new Uint8Array(0x1_0000);

export const fileTerm = hash(seeds.flag, 'file');
export const everybodyTerm = hash(seeds.flag, 'everybody');

export function senderTerm(personId: string): number {
  return hash(seeds.sender, personId);
}

export function mentionTerm(personId: string): number {
  return hash(seeds.mention, personId);
}

/** For the index: everything that a query could look for in this folded text. */
export function termsOfText(folded: string, add: AddTerm): void {
  for (const span of spansOf(folded)) {
    termsOfSpan(folded, span, add);
    if (span.kind === 'characters') for (const character of folded.slice(span.start, span.end)) add(hash(seeds.single, character));
  }
}

/** For a query: what a text has that contains this stretch. */
export function termsOfSpan(folded: string, { kind, start, end }: Span, add: AddTerm): void {
  const text = folded.slice(start, end);
  if (kind === 'characters') termsOfCharacters([...text], add);
  else if (text.length <= shortWord) add(hash(seeds.word, text));
  else for (let at = 0; at + gram <= text.length; at += 1) add(hash(seeds.part, text.slice(at, at + gram)));
}

function termsOfCharacters(all: readonly string[], add: AddTerm): void {
  const [first = ''] = all;
  if (all.length === 1) add(hash(seeds.single, first));
  all.reduce((before, character) => {
    add(hash(seeds.pair, before + character));
    return character;
  });
}

/** The words, and the stretches of characters, of a folded text. */
export function spansOf(folded: string): Span[] {
  const spans: Span[] = [];
  let kind = other;
  let start = 0;
  for (let at = 0; at <= folded.length; ) {
    const code = folded.codePointAt(at);
    const next = code === undefined ? other : classOf(code);
    if (next !== kind) {
      if (kind !== other) spans.push({ kind: kind === letters ? 'letters' : 'characters', start, end: at });
      kind = next;
      start = at;
    }
    at += code !== undefined && code > 0xffff ? 2 : 1;
  }
  return spans;
}

/** Whether the unit at this place belongs to a word. */
export function isLetterAt(folded: string, at: number): boolean {
  const code = folded.codePointAt(at);
  return code !== undefined && classOf(code) === letters;
}

function classOf(code: number): number {
  if (code > 0xffff) return classify(code);
  const known = classes[code] || classify(code);
  classes[code] = known;
  return known;
}

function classify(code: number): number {
  const character = String.fromCodePoint(code);
  if (characterLike.test(character)) return characters;
  return letterLike.test(character) ? letters : other;
}

/** FNV-1a over UTF-16 units, then the mixing of MurmurHash3, as a signed integer of 32 bits. */
function hash(seed: number, text: string): number {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
