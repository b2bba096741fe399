/**
 * Puts the numbered events of one topic in order: drops doubles, holds what comes after a gap,
 * and says after which number something is missing.
 *
 * A topic begins with a snapshot, which may be older than events that have come already (the
 * reply that carries it was prepared before them) or newer. Therefore events that come before
 * `start` are held, and the latest ones delivered are remembered, so that whatever the snapshot
 * doesn't include is applied on top of it.
 */

export interface Numbered {
  readonly number: number;
}

export interface Delivery<Event> {
  /** In order, without gaps. */
  readonly events: readonly Event[];
  /** Ask for what comes after this number; null: nothing is missing. */
  readonly missingAfter: number | null;
}

const held = 1_024;
const remembered = 128;

export class TopicLog<Event extends Numbered> {
  #last: number | null;
  readonly #held = new Map<number, Event>();
  #delivered: Event[] = [];

  /** `after`: the number before the first event; null: it comes with the snapshot, by `start`. */
  constructor(after: number | null) {
    this.#last = after;
  }

  /** The last number that was delivered, for Resume and Replay. */
  get last(): number | null {
    return this.#last;
  }

  /** Begins, or begins again, after a snapshot that includes everything up to the number. */
  start(number: number): Delivery<Event> {
    for (const event of this.#delivered) if (event.number > number) this.#held.set(event.number, event);
    for (const known of [...this.#held.keys()]) if (known <= number) this.#held.delete(known);
    this.#delivered = [];
    this.#last = number;
    return this.#drain();
  }

  push(event: Event): Delivery<Event> {
    // Volatile: the latest wins, and it means nothing without a snapshot to put it on.
    if (event.number === 0) return { events: this.#last === null ? [] : [event], missingAfter: null };
    if (this.#last !== null && event.number <= this.#last) return { events: [], missingAfter: null };
    this.#held.set(event.number, event);
    if (this.#held.size > held) this.#held.delete(Math.min(...this.#held.keys()));
    return this.#drain();
  }

  #drain(): Delivery<Event> {
    const events: Event[] = [];
    if (this.#last === null) return { events, missingAfter: null };
    for (let next = this.#held.get(this.#last + 1); next; next = this.#held.get(this.#last + 1)) {
      this.#held.delete(next.number);
      this.#last = next.number;
      events.push(next);
    }
    this.#delivered = [...this.#delivered, ...events].slice(-remembered);
    return { events, missingAfter: this.#held.size > 0 ? this.#last : null };
  }
}
