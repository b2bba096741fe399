/// <reference path="./opencc-dictionaries.d.ts" />
/**
 * Text as rules compare it: small letters, Simplified characters, plain quotation marks, half-width
 * forms. One character becomes one, so a place in it is the same place in what was said; rules are
 * written once for both scripts.
 */
import hongKongForms from 'opencc-js/dict/HKVariants';
import simplifiedForms from 'opencc-js/dict/TSCharacters';

const simplified: ReadonlyMap<string, string> = derive();

/** What people write for the same word; 畀 is what 俾 means, and 地 is heard for 哋. */
const spoken: Readonly<Record<string, string>> = { 俾: '畀', '’': "'", '‘': "'", ʼ: "'", '“': '"', '”': '"', '\u3000': ' ', '\u00a0': ' ' };

export function foldText(text: string): string {
  let folded = '';
  for (const character of text) folded += foldCharacter(character);
  return folded;
}

function foldCharacter(character: string): string {
  const same = spoken[character] ?? simplified.get(character);
  if (same !== undefined) return same;
  // Full-width letters and digits, U+FF01 to U+FF5E. Their punctuation is kept apart: it ends Chinese clauses.
  const code = character.codePointAt(0) ?? 0;
  const half = code >= 0xff10 && code <= 0xff5a ? String.fromCodePoint(code - 0xfee0) : character;
  const small = (/[0-9A-Za-z]/.test(half) ? half : character).toLowerCase();
  return small.length === character.length ? small : character;
}

function derive(): Map<string, string> {
  const map = new Map<string, string>();
  for (const pair of simplifiedForms.split('|')) {
    const [from = '', to = ''] = pair.split(' ');
    // A character of two units would move everything after it.
    if (from !== to && from.length === to.length) map.set(from, to);
  }
  for (const pair of hongKongForms.split('|')) {
    const [usual = '', here = ''] = pair.split(' ');
    const end = map.get(usual) ?? usual;
    if (here.length === end.length && !map.has(here) && here !== end) map.set(here, end);
  }
  // In speech these are words of their own, which the dictionaries take for forms of others.
  for (const word of ['咁', '嘅', '啲', '哋', '嚟', '喺', '咗', '畀', '乜', '着', '著']) map.delete(word);
  return map;
}
