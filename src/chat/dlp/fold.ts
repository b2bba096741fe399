/** Text as detectors read it: what looks like a number to a person is one to them. */

/** Letters, digits and signs of ASCII, white space: nothing to fold. Most messages in English. */
const plain = /^[\t\n\r\x20-\x7e]*$/;
/** Zero-width characters, joiners, soft hyphens, variation selectors, fillers, control characters: nobody sees them. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}]|[^\P{Cc}\t\n\r]/gu;
/** Strokes, rings and keycaps over a letter or digit that Unicode has no single character for. */
const decorated = /([0-9A-Za-z])\p{M}+/gu;
const dashes = /[\p{Pd}\u2212]/gu;
const spaces = /[^\S\t\n\r ]/g;
const foreignDigits = /(?![0-9])\p{Nd}/gu;

/**
 * The text in NFKC (UAX #15: full-width, circled and raised digits become digits), without what can't be
 * seen, with one kind of dash, of space and of digits.
 */
export function fold(text: string): string {
  if (plain.test(text)) return text;
  return text
    .normalize('NFKC')
    .replace(invisible, '')
    .replace(decorated, '$1')
    .replace(dashes, '-')
    .replace(spaces, ' ')
    .replace(foreignDigits, (digit) => String(digitValue(digit)));
}

const markup = /[*_~`\\]|&#|\]\(/;
/** Of a link the reader sees the text alone. */
const link = /\[([^[\]]*)\]\([^()\n]*\)/g;

/**
 * The folded text as a reader of the rendered Markdown sees it: without emphasis, escapes and the
 * addresses of links, references to characters resolved (CommonMark 0.31 sections 2.4, 2.5 and 6.3). The same text where there are none.
 */
export function withoutMarkup(folded: string): string {
  if (!markup.test(folded)) return folded;
  const resolved = folded
    .replace(/&#(\d{1,7});/g, (whole, decimal: string) => character(Number(decimal)) ?? whole)
    .replace(/&#x([0-9a-f]{1,6});/gi, (whole, hex: string) => character(Number.parseInt(hex, 16)) ?? whole);
  return fold(resolved)
    .replace(link, '$1')
    .replace(/[*_~`\\]/g, '');
}

function character(codePoint: number): string | null {
  return codePoint > 0 && codePoint <= 0x10_ffff ? String.fromCodePoint(codePoint) : null;
}

/** Unicode keeps the ten digits of a script side by side (Unicode Standard, section 4.6). */
function digitValue(digit: string): number {
  const codePoint = digit.codePointAt(0) ?? 0;
  let first = codePoint;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return (codePoint - first) % 10;
}
