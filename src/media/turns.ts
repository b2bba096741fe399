/** Those who come at once are let through one after the other, so many per second. */
import { setTimeout } from 'node:timers/promises';

/** As many as fit into this time may come together, milliseconds. */
const burstMs = 200;

export class Turns {
  readonly #everyMs: number;
  /** When the next one is due, by performance.now(). */
  #next = 0;

  constructor(perSecond: number) {
    this.#everyMs = 1_000 / perSecond;
  }

  /** Resolves when it is one's turn, in the order of asking. */
  async turn(): Promise<void> {
    const now = performance.now();
    const due = Math.max(this.#next, now - burstMs);
    this.#next = due + this.#everyMs;
    if (due > now) await setTimeout(due - now);
  }
}
