/** Cuts a text where something was found in it. Pure. */
export interface HighlightPart {
  readonly start: number;
  readonly text: string;
  readonly found: boolean;
}

/** `ranges`: [start, end) in UTF-16 units. Those that overlap or lie outside of the text do no harm. */
export function parts(text: string, ranges: readonly (readonly [number, number])[]): HighlightPart[] {
  const cut: HighlightPart[] = [];
  let at = 0;
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const start = Math.max(at, from);
    const end = Math.min(text.length, to);
    if (end <= start) continue;
    if (start > at) cut.push({ start: at, text: text.slice(at, start), found: false });
    cut.push({ start, text: text.slice(start, end), found: true });
    at = end;
  }
  if (at < text.length) cut.push({ start: at, text: text.slice(at), found: false });
  return cut;
}
