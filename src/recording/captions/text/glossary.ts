/** Puts the names and terms of an organisation right, where engines wrote something like them. */
import { distance } from 'fastest-levenshtein';
import type { GlossaryTerm } from '../schema.js';
import { inScript } from './han-script.js';

interface LatinTerm {
  readonly term: string;
  /** Letters and digits alone, small. */
  readonly folded: string;
  /** So many letters may be wrong. */
  readonly slack: number;
}

interface Word {
  readonly text: string;
  readonly folded: string;
  readonly index: number;
}

/** Shorter ones have too many neighbours that mean something else. */
const shortestGuess = 5;
/** A term of two words may have been heard as three. */
const mostWords = 6;

const han = /\p{Script=Han}/u;
const wordPattern = /[\p{L}\p{N}]+(?:['’.&][\p{L}\p{N}]+)*/gu;

export class Glossary {
  readonly #exact = new Map<string, string>();
  readonly #guessed: LatinTerm[] = [];
  readonly #chinese: { readonly heard: string; readonly term: string }[] = [];
  #longest = 1;

  constructor(terms: readonly GlossaryTerm[]) {
    for (const { term, heard } of terms) {
      for (const form of [term, ...heard]) {
        if (han.test(form)) this.#chinese.push({ heard: folded(form), term });
        else this.#addLatin(form, term, form === term);
      }
    }
    // 陳大文 before 大文.
    this.#chinese.sort((a, b) => b.heard.length - a.heard.length);
  }

  apply(text: string): string {
    return this.#applyChinese(this.#applyLatin(text));
  }

  #addLatin(form: string, term: string, guess: boolean): void {
    const key = folded(form);
    if (key === '') return;
    this.#exact.set(key, term);
    this.#longest = Math.max(this.#longest, Math.min(mostWords, (form.match(wordPattern)?.length ?? 1) + 1));
    if (guess && key.length >= shortestGuess) this.#guessed.push({ term, folded: key, slack: Math.floor(key.length / 5) });
  }

  #applyLatin(text: string): string {
    if (this.#exact.size === 0) return text;
    const words: Word[] = [...text.matchAll(wordPattern)].map((match) => ({
      text: match[0],
      folded: folded(match[0]),
      index: match.index,
    }));
    let result = '';
    let copied = 0;
    for (let at = 0; at < words.length; ) {
      const found = this.#at(words, at, text);
      const first = words[at];
      const last = found && words[at + found.words - 1];
      if (!first || !last) {
        at += 1;
        continue;
      }
      result += text.slice(copied, first.index) + found.term;
      copied = last.index + last.text.length;
      at += found.words;
    }
    return result + text.slice(copied);
  }

  /** The longest term that begins with this word. */
  #at(words: readonly Word[], at: number, text: string): { readonly term: string; readonly words: number } | null {
    for (let count = Math.min(this.#longest, words.length - at); count >= 1; count -= 1) {
      const span = words.slice(at, at + count);
      if (!together(span, text)) continue;
      const heard = span.map((word) => word.folded).join('');
      const term = this.#exact.get(heard) ?? this.#guess(heard, span);
      if (term !== undefined) return { term, words: count };
      // The name with an s behind it is the name.
      const owner = /^(.+)s$/.exec(heard)?.[1];
      const owned = owner === undefined ? undefined : this.#exact.get(owner);
      if (owned !== undefined) return { term: owned + (/['’]s$/.exec(span.at(-1)?.text ?? '')?.[0] ?? 's'), words: count };
    }
    return null;
  }

  #guess(heard: string, span: readonly Word[]): string | undefined {
    if (heard.length < shortestGuess) return undefined;
    let best: { readonly term: string; readonly wrong: number } | undefined;
    for (const { term, folded: right, slack } of this.#guessed) {
      if (Math.abs(right.length - heard.length) > slack || right[0] !== heard[0] || heard === `${right}s`) continue;
      // One word that means something is not taken for another: `harder` for Harper.
      const allowed = span.length > 1 || right.length >= 8 ? slack : Math.min(slack, 1);
      const wrong = distance(right, heard);
      if (wrong <= allowed && (best === undefined || wrong < best.wrong)) best = { term, wrong };
    }
    return best?.term;
  }

  #applyChinese(text: string): string {
    if (this.#chinese.length === 0 || !han.test(text)) return text;
    const signs = [...text];
    const plain = signs.map(folded);
    let result = '';
    for (let at = 0; at < signs.length; ) {
      const found = this.#chinese.find(({ heard }) => [...heard].every((sign, offset) => plain[at + offset] === sign));
      result += found?.term ?? signs[at] ?? '';
      at += found ? [...found.heard].length : 1;
    }
    return result;
  }
}

/** Nothing but spaces and hyphens between them. */
function together(span: readonly Word[], text: string): boolean {
  return span.every(({ index }, at) => {
    const before = span[at - 1];
    return before === undefined || /^[\s-]*$/.test(text.slice(before.index + before.text.length, index));
  });
}

/** As two forms are compared: sign by sign Simplified, small letters, no accents, nothing between. */
function folded(text: string): string {
  const letters = [...text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()].filter((sign) => /[\p{L}\p{N}]/u.test(sign));
  return letters.map((sign) => inScript(sign, 'hans', 'zh')).join('');
}
