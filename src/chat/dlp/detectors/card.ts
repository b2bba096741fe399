/** Numbers of payment cards: ISO/IEC 7812 with its check digit (Luhn), from ranges that issuers have. */
import { type DigitGroup, digitRuns, digitsOf, hasShape, mostGroups } from './digit-run.js';
import { type Match, maxMatches } from './match.js';

/** First digits from and to, and lengths. */
const issuers: readonly (readonly [from: string, to: string, lengths: readonly number[]])[] = [
  ['34', '34', [15]], // American Express
  ['37', '37', [15]],
  ['300', '305', [14, 16, 19]], // Diners Club
  ['3095', '3095', [14, 16, 19]],
  ['36', '36', [14, 16, 19]],
  ['38', '39', [14, 16, 19]],
  ['3528', '3589', [16, 17, 18, 19]], // JCB
  ['4', '4', [13, 16, 19]], // Visa
  ['51', '55', [16]], // Mastercard
  ['2221', '2720', [16]],
  ['5018', '5018', [12, 13, 14, 15, 16, 17, 18, 19]], // Maestro
  ['5020', '5020', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['5038', '5038', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['6304', '6304', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['6759', '6763', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['6011', '6011', [16, 17, 18, 19]], // Discover
  ['644', '649', [16, 17, 18, 19]],
  ['65', '65', [16, 17, 18, 19]],
  ['62', '62', [16, 17, 18, 19]], // UnionPay
  ['8110', '8171', [16, 17, 18, 19]],
  ['2200', '2204', [16, 17, 18, 19]], // Mir
];

const shapes: ReadonlySet<string> = new Set([
  '4-4-4-4',
  '4-4-4-4-3',
  '4-4-4-4-2',
  '4-4-4-4-1',
  '4-6-5',
  '4-6-4',
  '6-13',
  '8-8',
  '4-12',
  '6-10',
  '4-4-8',
  '4-4-4-1',
]);
const zero = '0'.charCodeAt(0);
const shortest = 12;
const longest = 19;

export function card(text: string): Match[] {
  const matches: Match[] = [];
  for (const groups of digitRuns(text)) {
    for (let first = 0; first < groups.length && matches.length < maxMatches; first += 1) {
      const last = lastGroup(groups, first);
      if (last === null) continue;
      const span = groups.slice(first, last + 1);
      matches.push({ value: digitsOf(span), start: span[0]?.start ?? 0, end: span.at(-1)?.end ?? 0 });
      first = last;
    }
  }
  return matches;
}

/** Where a card number that begins with a group ends. */
function lastGroup(groups: readonly DigitGroup[], first: number): number | null {
  // The places behind a decimal point are no card.
  if (groups[first]?.separator === '.' && groups.length - first === 1) return null;
  // What stands alone may be written in any way.
  if (first === 0 && groups.length <= longest && isCard(digitsOf(groups))) return groups.length - 1;
  let digits = '';
  let found: number | null = null;
  for (let last = first; last < Math.min(groups.length, first + mostGroups); last += 1) {
    digits += groups[last]?.digits ?? '';
    if (digits.length > longest) break;
    if (isCard(digits) && hasShape(groups.slice(first, last + 1), shapes)) found = last;
  }
  return found;
}

export function isCard(digits: string): boolean {
  return (
    digits.length >= shortest &&
    digits.length <= longest &&
    hasLuhn(digits) &&
    issuers.some(([from, to, lengths]) => lengths.includes(digits.length) && isBetween(digits, from, to))
  );
}

/** ISO/IEC 7812-1 annex B: every second digit from the right but one doubled, the sum of all digits divides by 10. */
export function hasLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - zero;
    sum += index % 2 === 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

function isBetween(digits: string, from: string, to: string): boolean {
  const prefix = digits.slice(0, from.length);
  return prefix >= from && prefix <= to;
}
