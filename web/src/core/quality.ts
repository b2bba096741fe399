/** How good the connection is, judged from what the browser counted and from the server's scores. Pure. */
import { causeway } from '#proto';
import type { Change, Limitation } from './connection-stats';

export interface Scores {
  readonly send: number;
  readonly receive: number;
  readonly known: boolean;
}

export type Grade = 'good' | 'fair' | 'bad';

export interface Quality {
  readonly grade: Grade;
  readonly lossRatio: number;
  readonly roundTripMs: number | null;
  /** What keeps one's own picture below its best. */
  readonly limit: Limitation;
}

export const noQuality: Quality = { grade: 'good', lossRatio: 0, roundTripMs: null, limit: 'none' };

const { Limit } = causeway.QualitySample;
const limits: Readonly<Record<Limitation, causeway.QualitySample.Limit>> = {
  none: Limit.LIMIT_NONE,
  cpu: Limit.LIMIT_CPU,
  bandwidth: Limit.LIMIT_BANDWIDTH,
  other: Limit.LIMIT_OTHER,
};

export function judge({ packetsReceived, packetsLost, roundTripMs, limit }: Change, scores: Scores | null): Quality {
  const expected = packetsReceived + packetsLost;
  const lossRatio = expected < 50 ? 0 : packetsLost / expected;
  const worst = scores?.known ? Math.min(scores.send || 10, scores.receive || 10) : 10;
  let grade: Grade = 'good';
  if (lossRatio > 0.03 || (roundTripMs ?? 0) > 400 || worst <= 6) grade = 'fair';
  if (lossRatio > 0.1 || (roundTripMs ?? 0) > 1_000 || worst <= 3) grade = 'bad';
  return { grade, lossRatio, roundTripMs, limit };
}

/**
 * For the report after the call.
 *
 * @param starved how many pictures that are shown do not come for lack of bandwidth.
 */
export function sampleOf(change: Change, starved: number): causeway.QualitySample.$Properties {
  const perSecond = (bytes: number): number => (change.durationMs > 0 ? Math.round((bytes * 8_000) / change.durationMs) : 0);
  return {
    durationMs: Math.round(change.durationMs),
    packetsReceived: change.packetsReceived,
    packetsLost: change.packetsLost,
    packetsSent: change.packetsSent,
    sentPacketsLost: change.sentLost,
    // 0 would say that it is not known.
    roundTripMs: change.roundTripMs === null ? 0 : Math.max(1, Math.round(change.roundTripMs)),
    jitterMs: Math.round(change.jitterMs),
    freezes: change.freezes,
    freezesMs: Math.round(change.freezesMs),
    concealedPermille: Math.round(change.concealedRatio * 1_000),
    width: change.width,
    height: change.height,
    framesPerSecond: Math.round(change.framesPerSecond),
    bitsPerSecondIn: perSecond(change.bytesReceived),
    bitsPerSecondOut: perSecond(change.bytesSent),
    limit: limits[change.limit],
    starved,
    relayed: change.relayed,
  };
}
