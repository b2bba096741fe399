/**
 * Goes through a track's packets as they came, and gives each its place: counted-on numbers, and the run
 * it belongs to. Within a run the publisher's RTP clock went on evenly; where it stood still while the
 * microphone was away, or jumped, another run begins.
 */
import type { RecordingTrack } from '../recording.js';
import { type RtpHead, readRtpHead, Unwrapper } from './rtp.js';

export interface PlacedPacket {
  readonly at: number;
  readonly ssrc: number;
  /** Counted on beyond 16 bits. */
  readonly sequence: number;
  /** RTP time, counted on beyond 32 bits. */
  readonly ticks: number;
  readonly run: number;
  readonly bytes: Buffer;
}

/** Bandwidth probes of the worker (its RtpProbationGenerator): they are not media. */
const probeSsrc = 1234;
/** A clock that differs this much from ours within one step has not gone on evenly, milliseconds. */
const unevenMs = 500;
/** Steps shorter than this are jitter, whatever the clock says, milliseconds. */
const pauseMs = 300;
/** RFC 3550 appendix A.1: further back than this is no packet that came late, but another beginning. */
const lateAtMost = 3_000;

interface Stream {
  readonly ssrc: number;
  sequences: Unwrapper;
  ticks: Unwrapper;
  base: number;
  highest: { sequence: number; ticks: number; at: number } | null;
  /** A packet far back: the next one after it shows whether the numbers began anew. */
  suspect: number | null;
  readonly runs: { readonly run: number; readonly firstSequence: number }[];
}

export class TrackWalk {
  readonly #clockRate: number;
  readonly #payloadType: number;
  readonly #streams = new Map<number, Stream>();
  #runs = 0;

  constructor({ clockRate, payloadType }: Pick<RecordingTrack, 'clockRate' | 'payloadType'>) {
    this.#clockRate = clockRate;
    this.#payloadType = payloadType;
  }

  /** Null: not one of the track's packets. */
  place(at: number, bytes: Buffer): PlacedPacket | null {
    const head = readRtpHead(bytes);
    if (!head || head.payloadType !== this.#payloadType || head.ssrc === probeSsrc) return null;
    const stream = this.#stream(head.ssrc);
    if (this.#beginsAnew(stream, head)) return null;
    const sequence = stream.base + stream.sequences.next(head.sequence);
    const ticks = stream.ticks.next(head.timestamp);
    const run = this.#runOf(stream, sequence, ticks, at);
    return { at, ssrc: head.ssrc, sequence, ticks, run, bytes };
  }

  #stream(ssrc: number): Stream {
    let stream = this.#streams.get(ssrc);
    if (!stream) {
      stream = { ssrc, sequences: new Unwrapper(16), ticks: new Unwrapper(32), base: 0, highest: null, suspect: null, runs: [] };
      this.#streams.set(ssrc, stream);
    }
    return stream;
  }

  /** True: the packet is so far back that it is left out, until the next one shows what it was. */
  #beginsAnew(stream: Stream, { sequence }: RtpHead): boolean {
    if (!stream.highest) return false;
    const back = ((stream.highest.sequence - stream.base - sequence) & 0xffff) >>> 0;
    if (back <= lateAtMost || back >= 0x8000) {
      stream.suspect = null;
      return false;
    }
    if (stream.suspect === null || ((sequence - stream.suspect) & 0xffff) > 3) {
      stream.suspect = sequence;
      return true;
    }
    // Counted on above all that was, so that the order stays.
    stream.base = stream.highest.sequence + 0x10000;
    stream.sequences = new Unwrapper(16);
    stream.suspect = null;
    return false;
  }

  #runOf(stream: Stream, sequence: number, ticks: number, at: number): number {
    const { highest, runs } = stream;
    if (highest && sequence < highest.sequence) {
      return (runs.findLast(({ firstSequence }) => firstSequence <= sequence) ?? runs[0])?.run ?? 0;
    }
    if (!highest || this.#isUneven(highest, ticks, at)) {
      runs.push({ run: this.#runs, firstSequence: sequence });
      this.#runs += 1;
    }
    stream.highest = { sequence, ticks, at };
    return runs.at(-1)?.run ?? 0;
  }

  #isUneven(before: { ticks: number; at: number }, ticks: number, at: number): boolean {
    const came = at - before.at;
    const media = ((ticks - before.ticks) / this.#clockRate) * 1_000;
    return Math.abs(came - media) > unevenMs && (came > pauseMs || Math.abs(media) > pauseMs);
  }
}
