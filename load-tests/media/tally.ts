/** What one process of the generator has received: packets, what is missing, and how long each was under way. */
import { Histogram } from '../lib/histogram.js';
import { nowUs } from './clock.js';

export type Kind = 'audio' | 'video';

/** Of all streams with the same label since the mark. */
export interface Count {
  readonly kind: Kind;
  /** Port of the worker that sent them. */
  readonly port: number;
  readonly streams: number;
  /** Of which nothing came. */
  readonly silent: number;
  readonly packets: number;
  readonly bytes: number;
  readonly lost: number;
  /** Microseconds from the publisher's send call to the receiver's callback; classes of Histogram. */
  readonly delays: Uint32Array;
}

export interface Reading {
  readonly seconds: number;
  readonly counts: readonly Count[];
  /** Packets of streams that nobody was told of. */
  readonly unknownPackets: number;
  /** From the beginning of a join to the first packet of a picture, milliseconds; joins since the mark. */
  readonly firstPictureMs: readonly number[];
}

interface Group {
  readonly kind: Kind;
  readonly port: number;
  readonly delays: Histogram;
  readonly streams: Set<ReceivedStream>;
  /** Of streams that have ended since the mark. */
  packets: number;
  bytes: number;
  lost: number;
}

export class Tally {
  readonly #groups = new Map<string, Group>();
  #firstPictureMs: number[] = [];
  #markedAt = nowUs();
  unknownPackets = 0;

  stream(kind: Kind, port: number): ReceivedStream {
    const label = `${kind}/${port}`;
    let group = this.#groups.get(label);
    if (!group) {
      group = { kind, port, delays: new Histogram('us'), streams: new Set(), packets: 0, bytes: 0, lost: 0 };
      this.#groups.set(label, group);
    }
    const stream = new ReceivedStream(group.delays);
    group.streams.add(stream);
    return stream;
  }

  remove(stream: ReceivedStream): void {
    for (const group of this.#groups.values()) {
      if (!group.streams.delete(stream)) continue;
      group.packets += stream.packets;
      group.bytes += stream.bytes;
      group.lost += stream.lost;
    }
  }

  firstPicture(ms: number): void {
    this.#firstPictureMs.push(ms);
  }

  /** From now on it counts anew. */
  mark(): void {
    for (const [label, group] of this.#groups) {
      if (group.streams.size === 0) this.#groups.delete(label);
      group.delays.clear();
      group.packets = 0;
      group.bytes = 0;
      group.lost = 0;
      for (const stream of group.streams) stream.mark();
    }
    this.unknownPackets = 0;
    this.#firstPictureMs = [];
    this.#markedAt = nowUs();
  }

  read(): Reading {
    const counts = [...this.#groups.values()].map((group): Count => {
      const streams = [...group.streams];
      const sum = (of: (stream: ReceivedStream) => number): number => streams.reduce((total, stream) => total + of(stream), 0);
      return {
        kind: group.kind,
        port: group.port,
        streams: streams.length,
        silent: sum(({ packets }) => Number(packets === 0)),
        packets: group.packets + sum(({ packets }) => packets),
        bytes: group.bytes + sum(({ bytes }) => bytes),
        lost: group.lost + sum(({ lost }) => lost),
        // A copy: packets arrive until this is sent.
        delays: group.delays.counts.slice(),
      };
    });
    return {
      seconds: (nowUs() - this.#markedAt) / 1_000_000,
      counts,
      unknownPackets: this.unknownPackets,
      firstPictureMs: this.#firstPictureMs,
    };
  }
}

/** RFC 3550 appendix A.1: numbers wrap; what is expected follows from the highest. */
export class ReceivedStream {
  readonly #delays: Histogram;
  /** Extended sequence number of the last packet before the mark, or of the one before the first. */
  #base = -1;
  highest = -1;
  packets = 0;
  bytes = 0;

  constructor(delays: Histogram) {
    this.#delays = delays;
  }

  get lost(): number {
    return Math.max(0, this.highest - this.#base - this.packets);
  }

  mark(): void {
    this.#base = this.highest;
    this.packets = 0;
    this.bytes = 0;
  }

  take(sequence: number, bytes: number): void {
    if (this.highest < 0) {
      // One wrap ahead, so that an earlier packet that comes late has a number too.
      this.highest = sequence + 0x1_0000;
      this.#base = this.highest - 1;
    } else {
      const distance = ((sequence - this.highest + 0x8000) & 0xffff) - 0x8000;
      if (distance > 0) this.highest += distance;
    }
    this.packets += 1;
    this.bytes += bytes;
  }

  delay(us: number): void {
    this.#delays.add(us);
  }
}
