/** Hong Kong identity card numbers: A123456(3), AB987654(2). */
import { type Match, matchesOf } from './match.js';

const gap = '[ ./_-]?';
const pattern = new RegExp(
  `(?<![0-9A-Za-z])([A-Za-z]{1,2})${gap}${gap}(\\d(?:${gap}\\d){5})${gap}` +
    // The check digit, in brackets of any kind or in none.
    '(?: ?[([{<《〈「『【〔] ?([0-9Aa]) ?[)\\]}>》〉」』】〕]?|([0-9Aa]))(?![0-9A-Za-z])',
  'g',
);

export function hkid(text: string): Match[] {
  return matchesOf(text, pattern, ([, letters = '', number = '', inBrackets, bare]) => {
    const body = letters.toUpperCase() + number.replace(/\D/g, '');
    const check = (inBrackets ?? bare ?? '').toUpperCase();
    return checkDigit(body) === check ? body + check : null;
  });
}

/** Weights 9 to 2 over two places for letters (A is 10, an empty first place 36) and six digits; the whole divides by 11. */
export function checkDigit(body: string): string {
  let sum = 0;
  for (const [index, letter] of [...body.padStart(8)].entries()) sum += (9 - index) * (letter === ' ' ? 36 : Number.parseInt(letter, 36));
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? 'A' : String(check);
}
