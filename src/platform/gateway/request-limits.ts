/** What one session may ask: a token bucket for the rate, and a cap on calls that are unanswered. */
import type { Clock } from '../clock.js';

export interface RequestLimitsOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly inFlight: number;
  readonly clock: Clock;
}

/** `refused`: answer REQUEST_RATE. `hammering`: it goes on far beyond that, close. */
export type Permit = 'granted' | 'refused' | 'hammering';

/**
 * What a request brings has to be decoded, whoever sends it: a frame of 256 KiB can hold 130,000
 * messages and take as long as fifty requests. Each so many bytes count as one request more.
 */
const bytesOfOne = 4_096;
/** Refused requests count too: a client that is this many bursts in debt does not listen to refusals. */
const hammeringBursts = 2;

export class RequestLimits {
  readonly #options: RequestLimitsOptions;
  #tokens: number;
  #refilledAt: number;
  #running = 0;

  constructor(options: RequestLimitsOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#refilledAt = options.clock.now();
  }

  /** Asks to start a request; one that is granted must be given back with `done`. */
  start(bytes = 0): Permit {
    const { burst, inFlight } = this.#options;
    this.#refill();
    // Never more than there can be: the largest request must wait, not be impossible.
    this.#tokens -= Math.min(burst, 1 + Math.floor(bytes / bytesOfOne));
    if (this.#tokens < -hammeringBursts * burst) return 'hammering';
    if (this.#tokens < 0 || this.#running >= inFlight) return 'refused';
    this.#running += 1;
    return 'granted';
  }

  done(): void {
    this.#running -= 1;
  }

  /** As one that nobody has asked yet. */
  get isFresh(): boolean {
    this.#refill();
    return this.#running === 0 && this.#tokens === this.#options.burst;
  }

  #refill(): void {
    const { perSecond, burst, clock } = this.#options;
    const now = clock.now();
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#refilledAt) / 1_000) * perSecond);
    this.#refilledAt = now;
  }
}
