/**
 * What one floor gets from elsewhere: a producer is piped to it once, when the first who wants it
 * there comes, and given back when nobody has used it for a while.
 */
import type { types as mediasoup } from 'mediasoup';

export interface Inflow {
  /** The producer as it is on this floor. */
  readonly producer: mediasoup.Producer;
  readonly close: () => void;
}

export interface Hold {
  readonly producer: mediasoup.Producer;
  /** Idempotent. */
  readonly release: () => void;
}

interface Held {
  readonly opening: Promise<Inflow>;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** Long enough for a page that turns over a leaf and back, milliseconds. */
const idleMs = 5_000;

export class Inflows {
  readonly #held = new Map<string, Held>();
  #closed = false;

  get size(): number {
    return this.#held.size;
  }

  /** Uses it until `release`. Rejects when it can't be opened; the next asking tries again. */
  async hold(id: string, open: () => Promise<Inflow>): Promise<Hold> {
    if (this.#closed) throw new Error('the floor is closed');
    const held = this.#held.get(id) ?? this.#open(id, open);
    held.users += 1;
    clearTimeout(held.idle);
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      held.users -= 1;
      if (held.users === 0) this.#closeLater(id, held);
    };
    try {
      const { producer } = await held.opening;
      return { producer, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The producer itself is gone. */
  drop(id: string): void {
    const held = this.#held.get(id);
    if (held) this.#close(id, held);
  }

  close(): void {
    this.#closed = true;
    for (const [id, held] of this.#held) this.#close(id, held);
  }

  #open(id: string, open: () => Promise<Inflow>): Held {
    const held: Held = { opening: open(), users: 0, idle: undefined };
    this.#held.set(id, held);
    held.opening.then(
      // A pipe that breaks takes its producer here with it; the next asking makes another.
      ({ producer }) => producer.observer.once('close', () => this.#forget(id, held)),
      () => this.#forget(id, held),
    );
    return held;
  }

  #closeLater(id: string, held: Held): void {
    held.idle = setTimeout(() => held.users === 0 && this.#close(id, held), idleMs).unref();
  }

  #close(id: string, held: Held): void {
    this.#forget(id, held);
    held.opening.then(
      ({ close }) => close(),
      () => undefined,
    );
  }

  #forget(id: string, held: Held): void {
    clearTimeout(held.idle);
    if (this.#held.get(id) === held) this.#held.delete(id);
  }
}
