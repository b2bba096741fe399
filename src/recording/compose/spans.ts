/** Stretches of time: from (inclusive) to (exclusive), milliseconds. */
import type { Span } from './track-scan.js';

export function contains(spans: readonly Span[], at: number): boolean {
  return spans.some(({ from, to }) => from <= at && at < to);
}

/** The same time, in order, none touching another one. */
export function union(spans: readonly Span[], joinMs = 0): Span[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && from <= last.to + joinMs) last.to = Math.max(last.to, to);
    else if (to > from) joined.push({ from, to });
  }
  return joined;
}

export function clip(spans: readonly Span[], from: number, to: number): Span[] {
  return spans.map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) })).filter((span) => span.to > span.from);
}

/** What of `spans` lies in none of `others`. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left = [...spans];
  for (const other of others) {
    left = left.flatMap(({ from, to }) => [
      { from, to: Math.min(to, other.from) },
      { from: Math.max(from, other.to), to },
    ]);
    left = left.filter(({ from, to }) => to > from);
  }
  return left;
}
