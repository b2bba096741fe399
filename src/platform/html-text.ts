/** What people wrote, as it may stand in a page. */

/** What HTML takes for its own, in text and in attributes in double quotes; and what turns the rest of a line around. */
export function htmlText(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(/[\p{Cc}\p{Cs}]/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : '\ufffd'));
}
