/** The first reading of a track: what is needed to know when each of its packets was sent. */
import type { RecordingTrack } from '../recording.js';
import type { ClockPoint } from './clock-line.js';
import { type Gap, readEntries, type SegmentSource } from './track-segments.js';
import { TrackWalk } from './track-walk.js';

/** A stretch of packets whose RTP clock went on evenly. */
export interface Run {
  readonly run: number;
  readonly ssrc: number;
  readonly firstAt: number;
  lastAt: number;
  /** Of every few seconds the packet that was fastest on its way: RTP time in milliseconds, and arrival. */
  readonly fastest: ClockPoint[];
}

export interface Report {
  readonly at: number;
  readonly ssrc: number;
  /** Publisher's wall clock, milliseconds since 1970. */
  readonly ntpMs: number;
  /** 32 bits. */
  readonly rtp: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface TrackScan {
  readonly clockRate: number;
  readonly runs: readonly Run[];
  readonly reports: readonly Report[];
  /** Of our clock, since 1970. */
  readonly muted: readonly Span[];
  /** Segments that could not be read. */
  readonly gaps: readonly Gap[];
}

const binMs = 5_000;

export async function scanTrack(track: RecordingTrack, source: SegmentSource): Promise<TrackScan> {
  const walk = new TrackWalk(track);
  const runs = new Map<number, Run & { binFrom: number }>();
  const reports: Report[] = [];
  const muted: Span[] = [];
  const gaps: Gap[] = [];
  let mutedFrom: number | null = null;
  for await (const entry of readEntries(source, (gap) => gaps.push(gap))) {
    if (entry.kind === 'report') {
      reports.push({ at: entry.at, ssrc: entry.ssrc, ntpMs: ntpToMs(entry.ntp), rtp: entry.rtp });
    } else if (entry.kind === 'mark') {
      if (entry.mark.what === 'muted') mutedFrom ??= entry.at;
      else if (entry.mark.what === 'unmuted' && mutedFrom !== null) {
        muted.push({ from: mutedFrom, to: entry.at });
        mutedFrom = null;
      }
    } else {
      const placed = walk.place(entry.at, entry.packet);
      if (placed) note(runs, placed, track.clockRate);
    }
  }
  if (mutedFrom !== null) muted.push({ from: mutedFrom, to: Number.POSITIVE_INFINITY });
  return { clockRate: track.clockRate, runs: [...runs.values()], reports, muted, gaps };
}

function note(
  runs: Map<number, Run & { binFrom: number }>,
  { run, ssrc, at, ticks }: { run: number; ssrc: number; at: number; ticks: number },
  clockRate: number,
): void {
  const point = { x: (ticks / clockRate) * 1_000, y: at };
  const known = runs.get(run);
  if (!known) {
    runs.set(run, { run, ssrc, firstAt: at, lastAt: at, fastest: [point], binFrom: at });
    return;
  }
  known.lastAt = Math.max(known.lastAt, at);
  const best = known.fastest.at(-1);
  if (!best || at - known.binFrom >= binMs) {
    known.binFrom = at;
    known.fastest.push(point);
  } else if (point.y - point.x < best.y - best.x) {
    known.fastest[known.fastest.length - 1] = point;
  }
}

/** From seconds since 1900 in 32.32 fixed point (RFC 5905 section 6). */
export function ntpToMs(ntp: bigint): number {
  const seconds = Number(ntp >> 32n) - 2_208_988_800;
  return seconds * 1_000 + (Number(ntp & 0xffff_ffffn) / 2 ** 32) * 1_000;
}
