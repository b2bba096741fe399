/** Why something of a track is missing. */
import { z } from 'zod';

/**
 * lost: packets that never came from the publisher. disk-full, disk-slow: they came and were not kept.
 * interrupted: capture was cut off (a crash, a kill), and the last moment before is not there.
 * damaged: what was kept is not there any more, or is not what it was. node-lost: the server that had it never came back.
 */
export const gapReasons = ['lost', 'disk-full', 'disk-slow', 'interrupted', 'damaged', 'node-lost'] as const;
export type GapReason = (typeof gapReasons)[number];

/** In the spool times are milliseconds since 1970, in the database since the recording's start. */
export interface Gap {
  readonly what: GapReason;
  readonly from: number;
  /** Null: to the end of the track, as far as anybody knows. */
  readonly to: number | null;
  /** As far as they could be counted. */
  readonly packets: number;
}

export const gapSchema = z.object({
  what: z.enum(gapReasons),
  from: z.number(),
  to: z.number().nullable(),
  packets: z.number(),
});

/** Two of the same kind this close together are one, milliseconds. */
const together = 1_000;
/** A publisher behind a bad network loses something each second; the log itself has every mark. */
const gapsAtMost = 500;

/** The list with one more, which comes after all of them. */
export function withGap(gaps: readonly Gap[], gap: Gap): Gap[] {
  const last = gaps.at(-1);
  const joins = last && last.what === gap.what && last.to !== null && (gap.from - last.to <= together || gaps.length >= gapsAtMost);
  if (!joins) return [...gaps, gap];
  return [
    ...gaps.slice(0, -1),
    { ...last, to: gap.to === null ? null : Math.max(last.to ?? 0, gap.to), packets: last.packets + gap.packets },
  ];
}
