/** What of a track nobody has listened to. */
export interface Hole {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Nothing is said in less. */
const shortest = 400;
/** The captioner's clock and that of the recording differ by this much at most: an utterance is taken whole. */
const margin = 150;

export function findHoles(of: { fromMs: number; untilMs: number; covered: readonly Hole[]; left: readonly Hole[] }): Hole[] {
  const { fromMs, untilMs, covered, left } = of;
  const holes: Hole[] = left.map((utterance) => ({ fromMs: utterance.fromMs - margin, untilMs: utterance.untilMs + margin }));
  let from = fromMs;
  for (const span of [...covered].sort((a, b) => a.fromMs - b.fromMs)) {
    if (span.fromMs - from >= shortest) holes.push({ fromMs: from, untilMs: span.fromMs });
    from = Math.max(from, span.untilMs);
  }
  if (untilMs - from >= shortest) holes.push({ fromMs: from, untilMs });
  const within = holes.map((hole) => ({ fromMs: Math.max(fromMs, hole.fromMs), untilMs: Math.min(untilMs, hole.untilMs) }));
  return joined(within.filter((hole) => hole.untilMs - hole.fromMs > 0));
}

/** Those that touch are one. */
function joined(holes: readonly Hole[]): Hole[] {
  const result: Hole[] = [];
  for (const hole of [...holes].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (last && hole.fromMs <= last.untilMs)
      result[result.length - 1] = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, hole.untilMs) };
    else result.push(hole);
  }
  return result;
}
