/** The code of a meeting in whatever somebody pastes: a link, a code, a code without its dashes. Null: none. */
export function meetingCodeOf(text: string): string | null {
  const trimmed = text.trim();
  const fromLink = /\/m\/([a-z-]+)(?=[/?#]|$)/i.exec(trimmed)?.[1];
  if (fromLink !== undefined) return fromLink.toLowerCase();
  const letters = trimmed.toLowerCase().replace(/[\s-]/g, '');
  // As the server makes them: abc-defg-hjk.
  if (/^[a-z]{10}$/.test(letters)) return `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7)}`;
  return null;
}
