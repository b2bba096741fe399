/** Who speaks when, from how loud their sound is. */

import { union } from './spans.js';
import type { Span } from './track-scan.js';

export interface Talk {
  readonly id: string;
  readonly spans: readonly Span[];
}

export interface Turn extends Span {
  readonly id: string;
}

/** Levels are measured over this long, milliseconds. */
export const levelMs = 100;
/** A quiet room lies below this, a voice above, dB of full scale. */
const voiceDb = -45;
/** Pauses between words are part of speech, milliseconds. */
const breathMs = 700;
/** A cough is no speech, milliseconds. */
const leastMs = 300;
/** Whoever says a word between does not take the floor, milliseconds. */
const takesFloorMs = 1_000;

/** `levels`: one for each 100 ms from `from` on, dB of full scale. */
export function speechSpans(levels: ArrayLike<number>, from: number): Span[] {
  const spans: Span[] = [];
  for (let index = 0; index < levels.length; index += 1) {
    const at = from + index * levelMs;
    if ((levels[index] ?? -200) > voiceDb) spans.push({ from: at, to: at + levelMs });
  }
  return union(spans, breathMs).filter((span) => span.to - span.from >= leastMs);
}

/** One after the other: who has the floor keeps it until another one speaks while he is silent. */
export function turnsOf(talks: readonly Talk[]): Turn[] {
  const spans = talks.flatMap(({ id, spans }) => spans.map((span) => ({ id, ...span }))).sort((a, b) => a.from - b.from);
  const turns: { id: string; from: number; to: number }[] = [];
  let heardUntil = Number.NEGATIVE_INFINITY;
  for (const { id, from, to } of spans) {
    const current = turns.at(-1);
    if (current?.id === id) {
      heardUntil = Math.max(heardUntil, to);
      current.to = heardUntil;
      continue;
    }
    const begins = Math.max(from, heardUntil);
    if (current && to - begins < takesFloorMs) continue;
    if (current) current.to = begins;
    turns.push({ id, from: begins, to });
    heardUntil = to;
  }
  return turns;
}
