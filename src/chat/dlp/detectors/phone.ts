/**
 * Phone numbers of Hong Kong and the mainland, and of any country where `+` or `00` stands before them.
 *
 * libphonenumber's own search reads a whole text in 50 to 700 µs, many times what a message may cost, so
 * what looks like a number is found here, and the library says whether it is one.
 */
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type DigitGroup, digitRuns, hasShape, mostGroups } from './digit-run.js';
import { type Match, maxMatches } from './match.js';

/** A number without a country's code has no fewer. */
const shortest = 8;
/** The longest of ITU-T E.164, with the prefix 00. */
const longest = 17;
/** Groups beside a number that are longer make it a part of something else, such as an account number. */
const longestNeighbour = 3;
const hongKongShapes: ReadonlySet<string> = new Set(['4-4', '2-2-2-2', '3-4-4', '3-8']);
/** Numbers that the library is asked about in one text. It takes some 10 µs for each. */
const maxQuestions = 400;

export function phone(text: string): Match[] {
  const matches: Match[] = [];
  let questions = 0;
  for (const groups of digitRuns(text)) {
    for (let first = 0; first < groups.length && matches.length < maxMatches && questions < maxQuestions; first += 1) {
      const found = numberFrom(text, groups, first, () => {
        questions += 1;
      });
      if (!found) continue;
      matches.push(found.match);
      first = found.last;
    }
  }
  return matches;
}

/** The longest number that begins with a group. */
function numberFrom(text: string, groups: readonly DigitGroup[], first: number, ask: () => void): { match: Match; last: number } | null {
  const start = groups[first]?.start ?? 0;
  const plus = first === 0 && /\+ ?\(?$/.test(text.slice(Math.max(0, start - 3), start));
  if ((groups[first - 1]?.digits.length ?? 0) > longestNeighbour) return null;
  let digits = '';
  let found: { match: Match; last: number } | null = null;
  // Digit by digit only where nothing else stands beside them: there are tables of digits.
  const most = first === 0 && groups.length <= longest ? groups.length : mostGroups;
  for (let last = first; last < Math.min(groups.length, first + most); last += 1) {
    const group = groups[last];
    digits += group?.digits ?? '';
    if (!group || digits.length > longest) break;
    if (digits.length < shortest || (!plus && (groups[last + 1]?.digits.length ?? 0) > longestNeighbour)) continue;
    const span = groups.slice(first, last + 1);
    const number = international(digits, plus) ?? local(digits, span, span.length === groups.length);
    if (number === null) continue;
    ask();
    if (parsePhoneNumberFromString(number, { extract: false })?.isValid())
      found = { match: { value: number, start: plus ? text.lastIndexOf('+', start) : start, end: group.end }, last };
  }
  return found;
}

/** Written with + or 00 before the country's code. */
function international(digits: string, plus: boolean): string | null {
  if (plus) return `+${digits}`;
  return digits.startsWith('00') ? `+${digits.slice(2)}` : null;
}

/** Eight digits in Hong Kong; a mobile phone of 11 or a fixed line with its zero on the mainland; either with the code and no plus. */
function local(digits: string, groups: readonly DigitGroup[], whole: boolean): string | null {
  const hongKong = (digits.length === 8 && /^[235-9]/.test(digits)) || (digits.length === 11 && digits.startsWith('852'));
  if (hongKong)
    return hasShape(groups, hongKongShapes) || (whole && groups.length === digits.length) ? numberOf(digits.slice(-8), 'HK') : null;
  if (/^1[3-9]\d{9}$/.test(digits)) return numberOf(digits, 'CN');
  if (/^861[3-9]\d{9}$/.test(digits)) return numberOf(digits.slice(2), 'CN');
  // 0 and the city's code, which is written apart: ten digits alone are many things.
  if (/^0[1-9]\d{8,10}$/.test(digits) && groups.length > 1) return numberOf(digits.slice(1), 'CN');
  return null;
}

const countryCodes = { HK: '852', CN: '86' } as const satisfies Partial<Record<CountryCode, string>>;

function numberOf(national: string, country: keyof typeof countryCodes): string {
  return `+${countryCodes[country]}${national}`;
}
