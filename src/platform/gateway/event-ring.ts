/**
 * The newest encoded events of one topic, for those who missed some.
 *
 * Numbers in the ring are dense. When one is skipped, everything before is forgotten: a replay
 * must not have holes, and whoever asks for older events is told to take a snapshot.
 */
export interface RingLimits {
  readonly events: number;
  readonly bytes: number;
}

interface Kept {
  readonly frame: Uint8Array;
  readonly at: number;
}

export class EventRing {
  readonly #limits: RingLimits;
  #kept: Kept[] = [];
  /** Index of the oldest in `#kept`: shifting an array for each event would cost its length. */
  #head = 0;
  #bytes = 0;
  #start: number | null;
  #latest: number | null;

  /** `start` is the number before the first event, where that is known. */
  constructor(limits: RingLimits, start: number | null = null) {
    this.#limits = limits;
    this.#start = start;
    this.#latest = start;
  }

  /** Number of the newest event. Null: there was none and the numbering is not known. */
  get latest(): number | null {
    return this.#latest;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  push(number: number, frame: Uint8Array, now = 0): void {
    if (this.#latest !== null && number !== this.#latest + 1) this.#clear();
    this.#start ??= number - 1;
    this.#latest = number;
    this.#kept.push({ frame, at: now });
    this.#bytes += frame.length;
    while (this.#size > this.#limits.events || (this.#bytes > this.#limits.bytes && this.#size > 0)) this.#shift();
  }

  /** The events after a number, oldest first; after null, all that there ever were. Null: the ring does not reach back that far. */
  after(number: number | null): Uint8Array[] | null {
    const from = number ?? this.#start;
    if (this.#latest === null || from === null || from >= this.#latest) return [];
    const missed = this.#latest - from;
    if (missed > this.#size) return null;
    return this.#kept.slice(this.#kept.length - missed).map(({ frame }) => frame);
  }

  /** Forgets events that were pushed before a time. */
  forgetBefore(time: number): void {
    for (let oldest = this.#kept[this.#head]; oldest && oldest.at < time; oldest = this.#kept[this.#head]) this.#shift();
  }

  get #size(): number {
    return this.#kept.length - this.#head;
  }

  #shift(): void {
    this.#bytes -= this.#kept[this.#head]?.frame.length ?? 0;
    this.#head += 1;
    if (this.#head * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#head);
    this.#head = 0;
  }

  #clear(): void {
    this.#kept = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
