/** How good a stretch of a call was, and what spoiled it. Pure. */
import type { Sample } from './sample.js';
import { type Impairment, impairments } from './schema.js';

/** Sums over a stretch of time; shares of time are kept as milliseconds. */
export interface Stretch {
  ms: number;
  received: number;
  lost: number;
  sent: number;
  sentLost: number;
  /** Time in which the round trip was known, and the round trip times that time. */
  roundTripKnownMs: number;
  roundTrip: number;
  jitter: number;
  concealed: number;
  frozenMs: number;
  starvedMs: number;
  bandwidthMs: number;
  cpuMs: number;
}

export type Points = Readonly<Record<Impairment, number>>;

export const bestGrade = 10;
/** Values of QualitySample.Limit, which the wire fixes. */
const limitedByCpu = 1;
const limitedByBandwidth = 2;

export function emptyStretch(): Stretch {
  return {
    ms: 0,
    received: 0,
    lost: 0,
    sent: 0,
    sentLost: 0,
    roundTripKnownMs: 0,
    roundTrip: 0,
    jitter: 0,
    concealed: 0,
    frozenMs: 0,
    starvedMs: 0,
    bandwidthMs: 0,
    cpuMs: 0,
  };
}

export function extend(stretch: Stretch, sample: Sample): void {
  const ms = sample.durationMs;
  stretch.ms += ms;
  stretch.received += sample.packetsReceived;
  stretch.lost += sample.packetsLost;
  stretch.sent += sample.packetsSent;
  stretch.sentLost += sample.sentPacketsLost;
  if (sample.roundTripMs > 0) {
    stretch.roundTripKnownMs += ms;
    stretch.roundTrip += sample.roundTripMs * ms;
  }
  stretch.jitter += sample.jitterMs * ms;
  stretch.concealed += (sample.concealedPermille / 1_000) * ms;
  stretch.frozenMs += Math.min(ms, sample.freezesMs);
  if (sample.starved > 0) stretch.starvedMs += ms;
  if (sample.limit === limitedByBandwidth) stretch.bandwidthMs += ms;
  if (sample.limit === limitedByCpu) stretch.cpuMs += ms;
}

/** Null: there was nothing that could be lost. Reports of loss lag, so more can be lost than sent. */
export function lossIn({ received, lost }: Pick<Stretch, 'received' | 'lost'>): number | null {
  return share(lost, received + lost);
}

export function lossOut({ sent, sentLost }: Pick<Stretch, 'sent' | 'sentLost'>): number | null {
  return share(sentLost, Math.max(sent, sentLost));
}

/**
 * Points that each impairment takes from the ten. Sound counts most: one word in twenty missing
 * tires, one in ten is no conversation, while a picture may be small or still for a moment. A round
 * trip is free up to 150 ms, which with the way through both machines is what ITU-T G.114 calls good.
 */
export function pointsOf(stretch: Stretch): Points {
  const { ms } = stretch;
  const of = (part: number) => (ms === 0 ? 0 : part / ms);
  const roundTrip = stretch.roundTripKnownMs === 0 ? 0 : stretch.roundTrip / stretch.roundTripKnownMs;
  return {
    'loss-in': between(0, Math.max((lossIn(stretch) ?? 0) * 60, of(stretch.concealed) * 30), 7),
    'loss-out': between(0, (lossOut(stretch) ?? 0) * 60, 7),
    delay: between(0, (roundTrip - 150) / 100, 4),
    jitter: between(0, (of(stretch.jitter) - 30) / 20, 3),
    freezes: between(0, of(stretch.frozenMs) * 20, 6),
    starved: of(stretch.starvedMs) * 2.5,
    bandwidth: of(stretch.bandwidthMs) * 1.5,
    cpu: of(stretch.cpuMs) * 1.5,
  };
}

/** One decimal. */
export function gradeOf(points: Points): number {
  const lost = impairments.reduce((sum, impairment) => sum + points[impairment], 0);
  return Math.round(between(0, bestGrade - lost, bestGrade) * 10) / 10;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function between(low: number, value: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
