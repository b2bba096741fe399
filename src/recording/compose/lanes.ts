/** Shares voices out over lanes: in each only one is heard at a time. A meeting of hundreds needs few. */
import type { Span } from './track-scan.js';

export interface Stretch extends Span {
  readonly trackId: string;
}

/** Between two voices in a lane, so that a decoder has forgotten the one before, milliseconds. */
const apartMs = 100;

/** Stretches of each lane in order. What a track says stays in its lane where that is free. */
export function shareOut(stretches: readonly Stretch[]): Stretch[][] {
  const lanes: Stretch[][] = [];
  for (const stretch of [...stretches].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const free = lanes.filter((lane) => (lane.at(-1)?.to ?? 0) + apartMs <= stretch.from);
    const lane = free.find((one) => one.at(-1)?.trackId === stretch.trackId) ?? free[0];
    if (lane) lane.push(stretch);
    else lanes.push([stretch]);
  }
  return lanes;
}
