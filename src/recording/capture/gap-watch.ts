/** Watches the numbers of one stream for packets that are missing (RFC 3550 section 5.1). Pure. */

export interface GapWatchOptions {
  /** What has not come after this time is lost, milliseconds. */
  readonly graceMs: number;
}

export interface Due {
  /** Ask for these again. */
  readonly ask: readonly number[];
  /** These never came; inclusive, as 16 bits. */
  readonly lost: readonly { readonly from: number; readonly to: number; readonly since: number }[];
}

interface Missing {
  readonly since: number;
  asked: number;
}

const numbers = 0x1_0000;
/** A jump further than this is another beginning, and no loss (RFC 3550 appendix A.1: MAX_DROPOUT). */
const dropoutAtMost = 3_000;
/** Asked for at once, and once more when that was lost too. */
const askAgainMs = 80;
const asksAtMost = 2;
const nothing: Due = { ask: [], lost: [] };

export class GapWatch {
  readonly #options: GapWatchOptions;
  /** By numbers that don't wrap around. */
  readonly #missing = new Map<number, Missing>();
  #highest: number | undefined;

  constructor(options: GapWatchOptions) {
    this.#options = options;
  }

  packet(sequence: number, now: number): void {
    const highest = this.#highest;
    if (highest === undefined) {
      this.#highest = sequence;
      return;
    }
    // The nearest of all numbers with these 16 bits.
    const ahead = ((sequence - wrap(highest) + numbers * 1.5) % numbers) - numbers / 2;
    if (Math.abs(ahead) > dropoutAtMost) {
      this.#missing.clear();
      this.#highest = sequence;
    } else if (ahead > 0) {
      for (let number = highest + 1; number < highest + ahead; number += 1) this.#missing.set(number, { since: now, asked: 0 });
      this.#highest = highest + ahead;
    } else if (this.#missing.size > 0) {
      this.#missing.delete(highest + ahead);
    }
  }

  /** To be called every few hundredths of a second. What is told as lost is not told again. */
  due(now: number): Due {
    if (this.#missing.size === 0) return nothing;
    const ask: number[] = [];
    const lost: { from: number; to: number; since: number }[] = [];
    let last = Number.NEGATIVE_INFINITY;
    for (const [number, missing] of this.#missing) {
      const waited = now - missing.since;
      if (waited >= this.#options.graceMs) {
        this.#missing.delete(number);
        const run = lost.at(-1);
        if (run && number === last + 1) run.to = wrap(number);
        else lost.push({ from: wrap(number), to: wrap(number), since: missing.since });
        last = number;
      } else if (missing.asked < asksAtMost && waited >= missing.asked * askAgainMs) {
        missing.asked += 1;
        ask.push(wrap(number));
      }
    }
    return { ask, lost };
  }
}

function wrap(number: number): number {
  return ((number % numbers) + numbers) % numbers;
}
