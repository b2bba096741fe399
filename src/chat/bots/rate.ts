/** So many per minute for each key, in bursts of as many: a bucket that fills evenly. On this node alone. */
import type { Clock } from '../../platform/clock.js';
import { CausewayError } from '../../platform/errors.js';

interface Bucket {
  left: number;
  at: number;
}

const minuteMs = 60_000;
/** Buckets that are kept; by then the oldest are full again, or soon. */
const keptBuckets = 10_000;

export class Rate {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** @throws REQUEST_RATE, with the time until the next one is let through */
  take(key: string): void {
    const now = this.#clock.now();
    const before = this.#buckets.get(key);
    const filled = before ? before.left + (Math.max(0, now - before.at) * this.#perMinute) / minuteMs : this.#perMinute;
    const left = Math.min(this.#perMinute, filled);
    if (left < 1) throw new CausewayError('REQUEST_RATE', { retryAfterMs: ((1 - left) * minuteMs) / this.#perMinute });
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: left - 1, at: now });
    if (this.#buckets.size <= keptBuckets) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
