/** The taps of one part of a room: those that should be, and those that are. */
import type { Log } from '../platform/log.js';
import type { Feed } from './feed.js';
import { OpenTap, tapLayers } from './open-tap.js';
import type { TapPurpose, TapSinks, TapWish } from './tap.js';

export interface TapsDeps {
  readonly roomId: string;
  readonly log: Log;
  readonly sinks: TapSinks;
  readonly feed: (producerId: string) => Feed | undefined;
  /** A picture may be wanted in another layer than before. */
  readonly onDemand: (producerId: string) => void;
}

interface Held {
  readonly tap: OpenTap;
  readonly wish: TapWish;
}

/** What could not be opened is tried again after this time, and later after twice as long each time, milliseconds. */
const tryAgainMs = 1_000;
const tryAgainAtMostMs = 16_000;

export class Taps {
  readonly #deps: TapsDeps;
  /** By what makes two of them the same. */
  #wishes: ReadonlyMap<string, TapWish> = new Map();
  readonly #held = new Map<string, Held>();
  #retry: NodeJS.Timeout | undefined;
  #retryMs = tryAgainMs;
  #closed = false;

  constructor(deps: TapsDeps) {
    this.#deps = deps;
  }

  /** Taps that are open. */
  get size(): number {
    return this.#held.size;
  }

  /** What is not wished any more has ended when this returns: whoever withdraws his consent is not heard one word longer. */
  set(wishes: readonly TapWish[]): void {
    if (this.#closed) return;
    const before = this.#wishes;
    this.#retryMs = tryAgainMs;
    this.#wishes = new Map(wishes.map((wish) => [keyOf(wish), wish]));
    this.look();
    for (const { producerId } of before.values()) if (this.#picture(producerId)) this.#deps.onDemand(producerId);
  }

  /** Producers have come or gone. */
  look(): void {
    if (this.#closed) return;
    for (const [key, { wish }] of this.#held) if (!this.#wishes.has(key) || !this.#origin(wish)) this.#close(key);
    for (const [key, wish] of this.#wishes) if (!this.#held.has(key)) this.#open(key, wish);
  }

  /** The process that has the sink was lost, and is back. */
  sinkRestarted(purpose: TapPurpose): void {
    for (const [key, { wish }] of this.#held) if (wish.purpose === purpose) this.#close(key);
    this.look();
  }

  /** The layer of a picture that taps take; -1: none. */
  wantedLayer(producerId: string): number {
    const feed = this.#picture(producerId);
    if (!feed) return -1;
    for (const wish of this.#wishes.values()) {
      if (wish.producerId === producerId && this.#deps.sinks[wish.purpose]) return tapLayers(feed)?.spatialLayer ?? 0;
    }
    return -1;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const key of [...this.#held.keys()]) this.#close(key);
  }

  #open(key: string, wish: TapWish): void {
    const { roomId, log, sinks } = this.#deps;
    const sink = sinks[wish.purpose];
    const feed = this.#deps.feed(wish.producerId);
    const origin = this.#origin(wish);
    if (!sink || !feed || !origin) return;
    const tap: OpenTap = new OpenTap({ roomId, wish, feed, origin, sink, log, onLost: () => this.#lost(key, tap) });
    this.#held.set(key, { tap, wish });
    if (feed.kind === 'video') this.#deps.onDemand(feed.id);
    tap.open().then(
      () => {
        this.#retryMs = tryAgainMs;
      },
      (error: unknown) => {
        // It was closed while it was being opened.
        if (this.#held.get(key)?.tap !== tap) return;
        log.warn({ err: error, room: roomId, producer: wish.producerId, purpose: wish.purpose }, 'a tap is not open; trying again');
        this.#lost(key, tap);
      },
    );
  }

  /** Where its producer ended, a word about that comes a moment later, and it is not tried again. */
  #lost(key: string, tap: OpenTap): void {
    if (this.#held.get(key)?.tap === tap) this.#held.delete(key);
    if (this.#closed) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.look();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(tryAgainAtMostMs, this.#retryMs * 2);
  }

  #close(key: string): void {
    const held = this.#held.get(key);
    this.#held.delete(key);
    held?.tap.close();
  }

  /** Null: it is not of this node, or not there any more. */
  #origin({ producerId }: TapWish): Feed['origin'] {
    const feed = this.#deps.feed(producerId);
    return feed?.origin && !feed.distant && !feed.origin.producer.closed ? feed.origin : null;
  }

  #picture(producerId: string): Feed | undefined {
    const feed = this.#deps.feed(producerId);
    return feed?.kind === 'video' ? feed : undefined;
  }
}

/** Names of the context in order: two lists that say the same are the same. */
function keyOf({ producerId, purpose, context }: TapWish): string {
  const entries = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([purpose, producerId, entries]);
}
