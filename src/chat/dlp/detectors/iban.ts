/** International bank account numbers (ISO 13616): length and shape of the country, remainder 1 of 97 (ISO 7064). */
import { getCountrySpecifications, isValidIBAN } from 'ibantools';
import { type Match, maxMatches } from './match.js';

const lengths: ReadonlyMap<string, number> = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, { chars, IBANRegistry }]) =>
    chars && IBANRegistry ? [[country, chars]] : [],
  ),
);
/** Country and check digits; the rest is read by the length that the country has. */
const beginning = /(?<![0-9A-Za-z])([A-Za-z]{2})[ -]?\d[ -]?\d/g;

export function iban(text: string): Match[] {
  const matches: Match[] = [];
  for (const found of text.matchAll(beginning)) {
    const length = lengths.get((found[1] ?? '').toUpperCase());
    const read = length === undefined ? null : take(text, found.index, length);
    if (read && isValidIBAN(read.value)) matches.push(read);
    if (matches.length === maxMatches) break;
  }
  return matches;
}

/** So many letters and digits with at most one separator between two. Null where fewer or more stand there. */
function take(text: string, start: number, length: number): Match | null {
  let value = '';
  let end = start;
  let separated = false;
  while (value.length < length && end < text.length) {
    const character = text.charAt(end);
    if (/[0-9A-Za-z]/.test(character)) {
      value += character.toUpperCase();
      separated = false;
    } else if (/[ ./-]/.test(character) && !separated) separated = true;
    else return null;
    end += 1;
  }
  return value.length === length && !/[0-9A-Za-z]/.test(text.charAt(end)) ? { value, start, end } : null;
}
