/** How good the connection is, judged from what the browser counts and from the server's scores. Pure. */

export interface Counters {
  readonly atMs: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly roundTripMs: number | null;
  /** Frames decoded so far, by the id of the track. */
  readonly framesDecoded: ReadonlyMap<string, number>;
}

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
}

export const noQuality: Quality = { grade: 'good', lossRatio: 0, roundTripMs: null };

export function judge(before: Counters | null, now: Counters, scores: Scores | null): Quality {
  const received = now.packetsReceived - (before?.packetsReceived ?? 0);
  // Late packets make the counter go back (RFC 3550 section 6.4.1); that is not negative loss.
  const lost = Math.max(0, now.packetsLost - (before?.packetsLost ?? 0));
  const lossRatio = received + lost < 50 ? 0 : lost / (received + lost);
  const roundTripMs = now.roundTripMs;
  const worst = scores?.known ? Math.min(scores.send || 10, scores.receive || 10) : 10;
  let grade: Grade = 'good';
  if (lossRatio > 0.03 || (roundTripMs ?? 0) > 400 || worst <= 6) grade = 'fair';
  if (lossRatio > 0.1 || (roundTripMs ?? 0) > 1_000 || worst <= 3) grade = 'bad';
  return { grade, lossRatio, roundTripMs };
}

/** Tracks of which not one frame came between two looks. */
export function frozenTracks(before: Counters | null, now: Counters): ReadonlySet<string> {
  const frozen = new Set<string>();
  if (!before) return frozen;
  for (const [track, frames] of now.framesDecoded) if (frames > 0 && before.framesDecoded.get(track) === frames) frozen.add(track);
  return frozen;
}

export function readCounters(report: RTCStatsReport, atMs: number): Counters {
  let packetsReceived = 0;
  let packetsLost = 0;
  let roundTripMs: number | null = null;
  const framesDecoded = new Map<string, number>();
  report.forEach((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return;
    const value = (name: string): unknown => Reflect.get(entry, name);
    const count = (name: string): number => {
      const found = value(name);
      return typeof found === 'number' ? found : 0;
    };
    if (value('type') === 'inbound-rtp') {
      packetsReceived += count('packetsReceived');
      packetsLost += count('packetsLost');
      const track = value('trackIdentifier');
      if (value('kind') === 'video' && typeof track === 'string') framesDecoded.set(track, count('framesDecoded'));
    }
    if (value('type') === 'candidate-pair' && value('nominated') === true && value('state') === 'succeeded') {
      const seconds = value('currentRoundTripTime');
      if (typeof seconds === 'number') roundTripMs = Math.max(roundTripMs ?? 0, seconds * 1_000);
    }
  });
  return { atMs, packetsReceived, packetsLost, roundTripMs, framesDecoded };
}
