/**
 * What is not in a recording, as people read it: when it was paused or cut out, and of whom sound or picture is
 * missing, and why. Made of what capture and compose noted of each track; what belongs together is one entry. Pure.
 */
import type { Gap } from './capture/index.js';
import type { Composed } from './composed.js';
import type { RecordingTrack } from './recording.js';
import type { RecordingGap } from './schema.js';

type What = RecordingGap['what'];
type Source = RecordingTrack['source'];
type Named = { readonly id: string; readonly name: string };

/** All times are milliseconds since the recording began; `to` is null where it goes on. */
export interface GapFacts {
  /** Which part of the recording there is; `to` null: to its end. */
  readonly extent: { readonly from: number; readonly to: number | null };
  readonly pauses: readonly { readonly from: number; readonly to: number | null; readonly by: Named | null }[];
  readonly redactions: readonly { readonly from: number; readonly to: number }[];
  readonly tracks: readonly {
    readonly id: string;
    readonly person: Named;
    readonly source: Source;
    readonly removed: boolean;
    readonly from: number;
    readonly to: number | null;
    readonly gaps: readonly Gap[];
  }[];
  readonly composed: Composed['gaps'];
  /** From when to when nothing was taken of somebody who withdrew. */
  readonly withdrawn: readonly { readonly from: number; readonly to: number | null; readonly person: Named }[];
  /** Whether the reader is told who withdrew. */
  readonly names: boolean;
}

interface Piece {
  readonly what: What;
  readonly from: number;
  /** Infinity: it goes on. */
  readonly to: number;
  /** Null: of all people. */
  readonly person: Named | null;
  readonly sources: readonly Source[];
  readonly by: Named | null;
  readonly partly: boolean;
}

/** A reason before another is the better one for the same moment. */
const order: readonly What[] = ['withdrawn', 'disk-full', 'disk-slow', 'interrupted', 'node-lost', 'damaged', 'lost'];
/** Nobody misses less, milliseconds. */
const shortest = (source: Source): number => (source === 'camera' || source === 'screen' ? 2_000 : 1_000);
/** So close together they are one, milliseconds: a bad network loses something again and again. */
const joined = (what: What): number => (what === 'lost' ? 15_000 : what === 'withdrawn' ? 60_000 : 2_000);
/** Tracks notice the same thing so far apart, milliseconds. */
const same = 3_000;
const listed = 200;

export function gapList(facts: GapFacts): RecordingGap[] {
  const end = facts.extent.to ?? Number.POSITIVE_INFINITY;
  const all = [...ofAll(facts), ...ofTracks(facts), ...ofWithdrawals(facts)]
    .map((piece) => ({ ...piece, from: Math.max(piece.from, facts.extent.from), to: Math.min(piece.to, end) }))
    .filter(({ from, to }) => to > from);
  const whole = all.filter(({ person }) => person === null);
  const single = [...groupBy(all, ({ person, sources }) => (person ? `${person.id} ${sources[0]}` : null)).values()].flatMap((own) =>
    withoutWeaker([...groupBy(own, ({ what }) => what).values()].flatMap(join)).filter(
      (piece) =>
        piece.to - piece.from >= (piece.what === 'withdrawn' ? 1 : shortest(piece.sources[0] ?? 'microphone')) &&
        // Nothing was to be there anyway.
        !whole.some(({ from, to }) => from - same <= piece.from && piece.to <= to + same),
    ),
  );
  return [...whole.map((piece) => [piece]), ...together(single)]
    .map((pieces) => face(pieces, facts.names))
    .sort((a, b) => lengthOf(b) - lengthOf(a))
    .slice(0, listed)
    .sort((a, b) => a.fromMs - b.fromMs || lengthOf(a) - lengthOf(b));
}

function ofAll({ pauses, redactions }: GapFacts): Piece[] {
  const all = { person: null, sources: [], partly: false };
  return [
    ...pauses.map(({ from, to, by }) => ({ ...all, what: 'paused' as const, from, to: to ?? Number.POSITIVE_INFINITY, by })),
    ...redactions.map(({ from, to }) => ({ ...all, what: 'redacted' as const, from, to, by: null })),
  ];
}

function ofTracks({ tracks, composed }: GapFacts): Piece[] {
  const pieces: Piece[] = [];
  for (const track of tracks) {
    const { person, source } = track;
    const add = (what: What, from: number, to: number): void => {
      pieces.push({ what, from, to, person, sources: [source], by: null, partly: false });
    };
    if (track.removed) {
      pieces.push(withdrawnPiece(person, track.from, track.to));
      continue;
    }
    // What a network lost, and whether it was missed, compose knows: it has put the packets in order.
    for (const { what, from, to } of track.gaps) if (what !== 'lost') add(what, from, to ?? nextOf(track, from, tracks));
    for (const { track: id, what, from, to } of composed) if (id === track.id) add(what === 'lost' ? 'lost' : 'damaged', from, to);
  }
  return pieces;
}

/** When there is something of the same kind of the same person again. */
function nextOf({ person, source }: GapFacts['tracks'][number], from: number, tracks: GapFacts['tracks']): number {
  const later = tracks.filter((other) => other.person.id === person.id && other.source === source && other.from > from);
  return Math.min(Number.POSITIVE_INFINITY, ...later.map((other) => other.from));
}

function ofWithdrawals({ withdrawn }: GapFacts): Piece[] {
  return withdrawn.map(({ from, to, person }) => withdrawnPiece(person, from, to));
}

/** Of everything that he sent, so all of it is one. */
function withdrawnPiece(person: Named, from: number, to: number | null): Piece {
  return { what: 'withdrawn', from, to: to ?? Number.POSITIVE_INFINITY, person, sources: ['microphone'], by: null, partly: false };
}

/** Of one person, one source, one reason. */
function join(pieces: readonly Piece[]): Piece[] {
  const made: Piece[] = [];
  for (const piece of [...pieces].sort((a, b) => a.from - b.from)) {
    const last = made.at(-1);
    if (last && piece.from - last.to <= joined(piece.what))
      made.splice(-1, 1, {
        ...last,
        to: Math.max(last.to, piece.to),
        partly: last.partly || (piece.what === 'lost' && piece.from > last.to),
      });
    else made.push(piece);
  }
  return made;
}

function withoutWeaker(pieces: readonly Piece[]): Piece[] {
  return pieces.filter(
    (piece) =>
      !pieces.some(
        (other) => order.indexOf(other.what) < order.indexOf(piece.what) && other.from - same <= piece.from && piece.to <= other.to + same,
      ),
  );
}

/** What befell several people, or sound and picture of one, at the same time. */
function together(pieces: readonly Piece[]): Piece[][] {
  const groups: Piece[][] = [];
  for (const piece of [...pieces].sort((a, b) => a.from - b.from)) {
    const group = groups.find(
      ([first]) =>
        first?.what === piece.what &&
        first.partly === piece.partly &&
        Math.abs(first.from - piece.from) <= same &&
        (first.to === piece.to || Math.abs(first.to - piece.to) <= same),
    );
    if (group) group.push(piece);
    else groups.push([piece]);
  }
  return groups;
}

function face(pieces: readonly Piece[], names: boolean): RecordingGap {
  const what = pieces[0]?.what ?? 'lost';
  const people = new Map(pieces.flatMap(({ person }) => (person ? [[person.id, person]] : [])));
  const to = Math.max(...pieces.map((piece) => piece.to));
  const shown = what === 'withdrawn' && !names ? [] : [...people.values()];
  return {
    what,
    fromMs: Math.round(Math.min(...pieces.map(({ from }) => from))),
    toMs: Number.isFinite(to) ? Math.round(to) : null,
    people: people.size === 0 ? null : shown.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id)),
    sources: what === 'withdrawn' ? [] : [...new Set(pieces.flatMap(({ sources }) => sources))].sort(),
    by: pieces[0]?.by ?? null,
    partly: pieces.some(({ partly }) => partly),
  };
}

function lengthOf({ fromMs, toMs }: RecordingGap): number {
  return (toMs ?? Number.POSITIVE_INFINITY) - fromMs;
}

function groupBy(pieces: readonly Piece[], keyOf: (piece: Piece) => string | null): Map<string, Piece[]> {
  const groups = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const key = keyOf(piece);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), piece]);
  }
  return groups;
}
