/**
 * When sound was heard, of a stream whose packets count time by themselves (RFC 3550 section 5.1): the
 * earliest arrivals tell how the stream's count lies to our clock, later ones were only on the way longer.
 */

/** The publisher's clock may run slower than ours; the estimate gives way this much, ms per ms. */
const drift = 0.0005;

export class RtpClock {
  readonly #ratePerMs: number;
  #last: { readonly timestamp: number; readonly ms: number } | null = null;
  #offset: number | null = null;

  constructor(clockRate: number) {
    this.#ratePerMs = clockRate / 1_000;
  }

  /** Where a packet lies in the stream, milliseconds since its first one. */
  streamMs(timestamp: number, arrivedAt: number): number {
    const before = this.#last;
    const ms = before === null ? 0 : before.ms + signed32(timestamp - before.timestamp) / this.#ratePerMs;
    // The count jumped (another source under the same number): what was known of it is void.
    if (before !== null && Math.abs(ms - before.ms) > 60_000) this.#offset = null;
    this.#last = { timestamp, ms };
    const candidate = arrivedAt - ms;
    const given = before === null ? 0 : Math.max(0, ms - before.ms) * drift;
    this.#offset = this.#offset === null ? candidate : Math.min(this.#offset + given, candidate);
    return ms;
  }

  /** The stream stood still, and may count on from anywhere: what it says next is taken afresh. */
  interrupted(): void {
    this.#offset = null;
  }

  /** Milliseconds since 1970. */
  wall(streamMs: number): number {
    return streamMs + (this.#offset ?? 0);
  }
}

function signed32(difference: number): number {
  return difference | 0;
}
