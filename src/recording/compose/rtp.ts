/** RTP packets (RFC 3550 section 5.1) of a log: what stands in their heads, and the order in which they were sent. */

export interface RtpHead {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
}

/** Null: this is no packet of RTP version 2. */
export function readRtpHead(packet: Buffer): RtpHead | null {
  const [first, second] = packet;
  if (packet.length < 12 || first === undefined || second === undefined || first >> 6 !== 2) return null;
  return {
    payloadType: second & 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
  };
}

/** Goes on counting where a counter of so many bits begins again. What comes late is counted back. */
export class Unwrapper {
  readonly #size: number;
  #highest: number | null = null;

  constructor(bits: 16 | 32) {
    this.#size = 2 ** bits;
  }

  next(value: number): number {
    if (this.#highest === null) {
      this.#highest = value;
      return value;
    }
    const found = nearest(value, this.#highest, this.#size);
    this.#highest = Math.max(this.#highest, found);
    return found;
  }
}

/** The number that ends in `value` and is nearest to `expected`. */
export function nearest(value: number, expected: number, size: number): number {
  return value + Math.round((expected - value) / size) * size;
}

export interface Sequenced {
  /** Counted on beyond 16 bits. */
  readonly sequence: number;
  /** When it came, milliseconds. */
  readonly at: number;
}

/** The worker's repairs come late: up to so much later, milliseconds, or so many packets, a missing one is waited for. */
const waitMs = 2_000;
const waitPackets = 4_096;
/** The very first packet may be late too: nothing goes on before this, milliseconds. */
const beginMs = 500;

/** Puts packets in order. What comes twice, or later than it was waited for, is left out. */
export class Reorder<Packet extends Sequenced> {
  readonly #waiting = new Map<number, Packet>();
  #next: number | null = null;

  /** What can go on now. */
  *push(packet: Packet): Generator<Packet> {
    if (this.#next !== null && packet.sequence < this.#next) return;
    this.#waiting.set(packet.sequence, packet);
    if (this.#next === null) {
      const [first] = this.#waiting.values();
      if (packet.at - (first?.at ?? packet.at) < beginMs) return;
      this.#next = Math.min(...this.#waiting.keys());
    }
    yield* this.#ready();
    while (this.#isDue(packet.at)) {
      this.#next = Math.min(...this.#waiting.keys());
      yield* this.#ready();
    }
  }

  /** All that is left. */
  *flush(): Generator<Packet> {
    yield* [...this.#waiting.values()].sort((a, b) => a.sequence - b.sequence);
    this.#waiting.clear();
    this.#next = null;
  }

  *#ready(): Generator<Packet> {
    for (;;) {
      const packet = this.#next === null ? undefined : this.#waiting.get(this.#next);
      if (!packet) return;
      this.#waiting.delete(packet.sequence);
      this.#next = packet.sequence + 1;
      yield packet;
    }
  }

  #isDue(now: number): boolean {
    // In the order of coming: the first one has waited longest.
    const [oldest] = this.#waiting.values();
    return oldest !== undefined && (now - oldest.at > waitMs || this.#waiting.size > waitPackets);
  }
}
