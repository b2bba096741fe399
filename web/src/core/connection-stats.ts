/**
 * What the browser counts of both connections (W3C webrtc-stats), read into plain numbers, and what
 * happened between two looks. Streams come and go, so each is compared with itself. Pure.
 */

export type Limitation = 'none' | 'cpu' | 'bandwidth' | 'other';

interface Inbound {
  readonly trackId: string;
  readonly isPicture: boolean;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly jitterMs: number;
  readonly framesDecoded: number;
  readonly freezes: number;
  readonly freezesMs: number;
  /** Samples of sound, and those of them that the browser had to invent. */
  readonly samples: number;
  readonly concealed: number;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

interface Outbound {
  readonly packetsSent: number;
  /** For how long it was kept below its best, by what. */
  readonly limitedMs: Readonly<Record<Limitation, number>>;
}

/** The pair of addresses that a connection goes over. */
interface Path {
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly roundTripMs: number | null;
  readonly relayed: boolean;
}

/** By the ids of the browser. */
export interface Counters {
  readonly atMs: number;
  readonly inbound: ReadonlyMap<string, Inbound>;
  readonly outbound: ReadonlyMap<string, Outbound>;
  /** What the server reported lost of what was sent. */
  readonly sentLost: ReadonlyMap<string, number>;
  readonly paths: ReadonlyMap<string, Path>;
}

/** What happened between two looks. */
export interface Change {
  readonly durationMs: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsSent: number;
  readonly sentLost: number;
  readonly roundTripMs: number | null;
  /** Mean of sound. */
  readonly jitterMs: number;
  readonly freezes: number;
  readonly freezesMs: number;
  readonly concealedRatio: number;
  /** The largest picture now. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** What kept the picture sent below its best for most of the time. */
  readonly limit: Limitation;
  readonly relayed: boolean;
  /** Ids of tracks that had shown pictures, and showed no new one. */
  readonly frozen: ReadonlySet<string>;
  /** Ids of tracks that showed new pictures. */
  readonly moving: ReadonlySet<string>;
}

/** mediasoup-client's place for packets that only measure the bandwidth. */
const probator = 'probator';

type Report = Pick<RTCStatsReport, 'forEach'>;
type Entry = (name: string) => unknown;

export function noCounters(atMs: number): Counters {
  return { atMs, inbound: new Map(), outbound: new Map(), sentLost: new Map(), paths: new Map() };
}

export function readCounters({ receive, send }: { readonly receive: Report; readonly send: Report | null }, atMs: number): Counters {
  const inbound = new Map<string, Inbound>();
  const outbound = new Map<string, Outbound>();
  const sentLost = new Map<string, number>();
  const paths = new Map<string, Path>();
  const read = (report: Report, prefix: string): void => {
    const entries = entriesOf(report);
    for (const [id, entry] of entries) {
      // Two connections may use the same ids.
      const key = `${prefix} ${id}`;
      if (entry('type') === 'inbound-rtp' && entry('mid') !== probator) inbound.set(key, readInbound(entry));
      if (entry('type') === 'outbound-rtp') outbound.set(key, readOutbound(entry));
      if (entry('type') === 'remote-inbound-rtp') sentLost.set(key, count(entry, 'packetsLost'));
    }
    const path = readPath(entries);
    if (path) paths.set(`${prefix} ${path.id}`, path);
  };
  read(receive, 'receive');
  if (send) read(send, 'send');
  return { atMs, inbound, outbound, sentLost, paths };
}

export function changeBetween(before: Counters, now: Counters): Change {
  const inbound = [...now.inbound].map(([id, stream]) => ({ stream, was: before.inbound.get(id) }));
  const sum = (name: 'packetsReceived' | 'packetsLost' | 'freezes' | 'freezesMs' | 'samples' | 'concealed'): number =>
    inbound.reduce((total, { stream, was }) => total + stream[name] - (was?.[name] ?? 0), 0);
  const sumOf = <Value>(values: ReadonlyMap<string, Value>, old: ReadonlyMap<string, Value>, read: (value: Value) => number): number =>
    [...values].reduce((total, [id, value]) => {
      const was = old.get(id);
      return total + read(value) - (was === undefined ? 0 : read(was));
    }, 0);

  const sounds = inbound
    .map(({ stream, was }) => ({ stream, packets: stream.packetsReceived - (was?.packetsReceived ?? 0) }))
    .filter(({ stream, packets }) => !stream.isPicture && packets > 0);
  const soundPackets = sounds.reduce((total, { packets }) => total + packets, 0);
  const jitter = sounds.reduce((total, { stream, packets }) => total + stream.jitterMs * packets, 0);
  const largest = inbound
    .map(({ stream }) => stream)
    .reduce<Inbound | null>((best, one) => (one.width * one.height > (best ? best.width * best.height : 0) ? one : best), null);
  const roundTrips = [...now.paths.values()].flatMap(({ roundTripMs }) => roundTripMs ?? []);
  const pictures = inbound.filter(({ stream, was }) => stream.isPicture && was && stream.framesDecoded > 0);
  const samples = sum('samples');

  return {
    durationMs: now.atMs - before.atMs,
    packetsReceived: Math.max(0, sum('packetsReceived')),
    // Late packets make the counter go back (RFC 3550 section 6.4.1); that is not negative loss.
    packetsLost: Math.max(0, sum('packetsLost')),
    packetsSent: Math.max(
      0,
      sumOf(now.outbound, before.outbound, (stream) => stream.packetsSent),
    ),
    sentLost: Math.max(
      0,
      sumOf(now.sentLost, before.sentLost, (lost) => lost),
    ),
    roundTripMs: roundTrips.length > 0 ? Math.max(...roundTrips) : null,
    jitterMs: soundPackets > 0 ? jitter / soundPackets : 0,
    freezes: Math.max(0, sum('freezes')),
    freezesMs: Math.max(0, sum('freezesMs')),
    concealedRatio: samples > 0 ? Math.min(1, Math.max(0, sum('concealed') / samples)) : 0,
    width: largest?.width ?? 0,
    height: largest?.height ?? 0,
    framesPerSecond: largest?.framesPerSecond ?? 0,
    bytesReceived: Math.max(
      0,
      sumOf(now.paths, before.paths, (path) => path.bytesReceived),
    ),
    bytesSent: Math.max(
      0,
      sumOf(now.paths, before.paths, (path) => path.bytesSent),
    ),
    limit: limitOf((limitation) => sumOf(now.outbound, before.outbound, (stream) => stream.limitedMs[limitation])),
    relayed: [...now.paths.values()].some(({ relayed }) => relayed),
    frozen: new Set(pictures.filter(({ stream, was }) => stream.framesDecoded === was?.framesDecoded).map(({ stream }) => stream.trackId)),
    moving: new Set(pictures.filter(({ stream, was }) => stream.framesDecoded !== was?.framesDecoded).map(({ stream }) => stream.trackId)),
  };
}

const limitations: readonly Limitation[] = ['none', 'cpu', 'bandwidth', 'other'];

function limitOf(spentMs: (limitation: Limitation) => number): Limitation {
  return limitations.reduce((most, one) => (spentMs(one) > spentMs(most) ? one : most), 'none');
}

function readInbound(entry: Entry): Inbound {
  const trackId = entry('trackIdentifier');
  return {
    trackId: typeof trackId === 'string' ? trackId : '',
    isPicture: entry('kind') === 'video',
    packetsReceived: count(entry, 'packetsReceived'),
    packetsLost: count(entry, 'packetsLost'),
    jitterMs: count(entry, 'jitter') * 1_000,
    framesDecoded: count(entry, 'framesDecoded'),
    freezes: count(entry, 'freezeCount'),
    freezesMs: count(entry, 'totalFreezesDuration') * 1_000,
    samples: count(entry, 'totalSamplesReceived'),
    // Silence that was invented between words is heard by nobody.
    concealed: count(entry, 'concealedSamples') - count(entry, 'silentConcealedSamples'),
    width: count(entry, 'frameWidth'),
    height: count(entry, 'frameHeight'),
    framesPerSecond: count(entry, 'framesPerSecond'),
  };
}

function readOutbound(entry: Entry): Outbound {
  const durations = entry('qualityLimitationDurations');
  const limitedMs = (limitation: Limitation): number => {
    const seconds: unknown = typeof durations === 'object' && durations !== null ? Reflect.get(durations, limitation) : 0;
    return typeof seconds === 'number' ? seconds * 1_000 : 0;
  };
  return {
    packetsSent: count(entry, 'packetsSent'),
    limitedMs: { none: limitedMs('none'), cpu: limitedMs('cpu'), bandwidth: limitedMs('bandwidth'), other: limitedMs('other') },
  };
}

function readPath(entries: ReadonlyMap<string, Entry>): (Path & { readonly id: string }) | null {
  const transport = [...entries.values()].find((entry) => entry('type') === 'transport');
  const selected = transport?.('selectedCandidatePairId');
  const pairs = [...entries].filter(([, entry]) => entry('type') === 'candidate-pair');
  // Firefox marks the pair itself.
  const found = pairs.find(([id, entry]) => id === selected || entry('selected') === true) ?? pairs.find(isInUse);
  if (!found) return null;
  const [id, pair] = found;
  const localId = pair('localCandidateId');
  const local = typeof localId === 'string' ? entries.get(localId) : undefined;
  const seconds = pair('currentRoundTripTime');
  return {
    id,
    bytesReceived: count(pair, 'bytesReceived'),
    bytesSent: count(pair, 'bytesSent'),
    roundTripMs: typeof seconds === 'number' ? seconds * 1_000 : null,
    relayed: local?.('candidateType') === 'relay' || local?.('protocol') === 'tcp',
  };
}

function isInUse([, entry]: readonly [string, Entry]): boolean {
  return entry('nominated') === true && entry('state') === 'succeeded';
}

function entriesOf(report: Report): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  report.forEach((value: unknown, id: unknown) => {
    if (typeof value === 'object' && value !== null && typeof id === 'string') entries.set(id, (name) => Reflect.get(value, name));
  });
  return entries;
}

function count(entry: Entry, name: string): number {
  const value = entry(name);
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
