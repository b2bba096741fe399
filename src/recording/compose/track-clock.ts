/**
 * When the packets of a participant's tracks were sent, on our clock.
 *
 * Sender reports say what the publisher's wall clock showed at an RTP time (RFC 3550 section 6.4.1), so
 * all tracks of one participant come onto his wall clock, and are in step to the millisecond. How far his
 * clock is from ours is seen from when packets came: the fastest of them bring all tracks together onto
 * ours. Without reports the fastest packets alone have to do.
 */
import { type ClockLine, type ClockPoint, fitClock, median } from './clock-line.js';
import { nearest } from './rtp.js';
import type { Report, Run, TrackScan } from './track-scan.js';

/** Milliseconds since 1970 of a packet. */
export type TrackClock = (run: number, ticks: number) => number;

/** Runs of one publisher's clock that went on evenly over a silence. */
interface Stretch {
  readonly scan: TrackScan;
  readonly ssrc: number;
  readonly runs: Run[];
  readonly fastest: ClockPoint[];
  toPublisher: ClockLine | null;
}

/** Two parts of a stream whose packets take that differently long are on two clocks, milliseconds. */
const sameDelayMs = 250;
/** A publisher's clock that is set anew by more than this is another one, milliseconds. */
const sameClockMs = 500;
/** A report is of the stream when it says the time of its packets to this much, milliseconds. */
const reportMs = 3_000;
/** Reports lie at most so far outside of the packets, milliseconds. */
const reportAsideMs = 10_000;
const binMs = 10_000;
const wrap = 2 ** 32;

/** Of all tracks of one participant, in the same order. */
export function alignTracks(scans: readonly TrackScan[]): TrackClock[] {
  const stretches = scans.flatMap(stretchesOf);
  for (const stretch of stretches) stretch.toPublisher = publisherClock(stretch);
  const lines = new Map<Run, ClockLine>();
  for (const group of sameClock(stretches.filter(({ toPublisher }) => toPublisher !== null))) {
    const toOurs = fitClock(fastestOf(group));
    for (const { runs, toPublisher } of group) {
      if (toPublisher && toOurs) for (const run of runs) lines.set(run, (x) => toOurs(toPublisher(x)));
    }
  }
  for (const { runs, fastest, toPublisher } of stretches) {
    const line = toPublisher ? null : fitClock(fastest);
    if (line) for (const run of runs) lines.set(run, line);
  }
  return scans.map(({ runs, clockRate }) => {
    const byRun = new Map(runs.map((run) => [run.run, lines.get(run)]));
    return (run, ticks) => byRun.get(run)?.((ticks / clockRate) * 1_000) ?? Number.NaN;
  });
}

function stretchesOf(scan: TrackScan): Stretch[] {
  const stretches: Stretch[] = [];
  for (const run of scan.runs) {
    const before = stretches.findLast(({ ssrc }) => ssrc === run.ssrc);
    const fits = before && Math.abs(delayOf(before.fastest.slice(-3)) - delayOf(run.fastest.slice(0, 3))) < sameDelayMs;
    if (before && fits) {
      before.runs.push(run);
      before.fastest.push(...run.fastest);
    } else {
      stretches.push({ scan, ssrc: run.ssrc, runs: [run], fastest: [...run.fastest], toPublisher: null });
    }
  }
  return stretches;
}

function delayOf(points: readonly ClockPoint[]): number {
  return Math.min(...points.map(({ x, y }) => y - x));
}

/** Simulcast layers have a report each, with clocks of their own: those of one layer count, never mixed. */
function publisherClock(stretch: Stretch): ClockLine | null {
  const bySsrc = new Map<number, ClockPoint[]>();
  for (const report of stretch.scan.reports) {
    const point = pointOf(report, stretch);
    if (!point) continue;
    const points = bySsrc.get(report.ssrc);
    if (points) points.push(point);
    else bySsrc.set(report.ssrc, [point]);
  }
  const own = bySsrc.get(stretch.ssrc);
  const most = [...bySsrc.values()].sort((a, b) => b.length - a.length)[0];
  return fitClock(own ?? most ?? []);
}

function pointOf({ at, ntpMs, rtp }: Report, { scan, runs, fastest }: Stretch): ClockPoint | null {
  const [first, last] = [runs[0], runs.at(-1)];
  if (!first || !last || at < first.firstAt - reportAsideMs || at > last.lastAt + reportAsideMs) return null;
  const around = fastest.findLast(({ y }) => y <= at) ?? fastest[0];
  if (!around) return null;
  const expected = at - (around.y - around.x);
  const x = (nearest(rtp, (expected / 1_000) * scan.clockRate, wrap) / scan.clockRate) * 1_000;
  return Math.abs(x - expected) < reportMs ? { x, y: ntpMs } : null;
}

/** Whoever comes back with another device, or sets his clock, has another clock. */
function sameClock(stretches: readonly Stretch[]): Stretch[][] {
  const groups: { readonly offset: number; readonly stretches: Stretch[] }[] = [];
  for (const stretch of stretches) {
    const offset = median(fastestOf([stretch]).map(({ x, y }) => y - x));
    const group = groups.find((other) => Math.abs(other.offset - offset) < sameClockMs);
    if (group) group.stretches.push(stretch);
    else groups.push({ offset, stretches: [stretch] });
  }
  return groups.map((group) => group.stretches);
}

/** Of all the tracks together, the fastest packet of every few seconds: publisher's clock, our clock. */
function fastestOf(stretches: readonly Stretch[]): ClockPoint[] {
  const bins = new Map<number, ClockPoint>();
  for (const { fastest, toPublisher } of stretches) {
    for (const point of fastest) {
      const seen = { x: toPublisher?.(point.x) ?? point.x, y: point.y };
      const bin = Math.floor(point.y / binMs);
      const best = bins.get(bin);
      if (!best || seen.y - seen.x < best.y - best.x) bins.set(bin, seen);
    }
  }
  return [...bins.values()];
}
