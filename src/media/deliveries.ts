/**
 * Brings feeds to floors: what is there already, what is on another floor of this node by a pipe, and
 * what is on another node by a pipe to the floor that asks first; further floors take it from there.
 */
import type { Feed } from './feed.js';
import type { Floor } from './floor.js';
import type { Hold, Inflow } from './inflows.js';

export interface DeliveriesDeps {
  /** Brings a producer of another node to a floor here. */
  readonly bringDistant: (feed: Feed, floor: Floor) => Promise<Inflow>;
  /** A pipe has ended although its producer may not have. */
  readonly onBroken: (feed: Feed) => void;
}

export class Deliveries {
  readonly #deps: DeliveriesDeps;

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
  }

  /** The feed as it is on a floor. Rejects when it is gone. */
  async hold(feed: Feed, floor: Floor): Promise<Hold> {
    if (feed.origin?.floor === floor) return { producer: feed.origin.producer, release: () => undefined };
    return floor.inflows.hold(feed.id, () => this.#bring(feed, floor));
  }

  /** Whether its peer is muted travels beside it. */
  tellPaused({ landing, paused }: Feed): void {
    const producer = landing?.producer;
    if (!producer || producer.closed || producer.paused === paused) return;
    // It has ended in the same moment.
    (paused ? producer.pause() : producer.resume()).catch(() => undefined);
  }

  async #bring(feed: Feed, floor: Floor): Promise<Inflow> {
    const { origin, landing } = feed;
    if (origin) return this.#pipe(feed, origin.floor, floor, () => undefined);
    if (!landing || landing.floor === floor) return this.#land(feed, floor);
    const { release } = await landing.floor.inflows.hold(feed.id, () => Promise.reject(new Error('it has not landed')));
    return this.#pipe(feed, landing.floor, floor, release);
  }

  async #pipe(feed: Feed, from: Floor, to: Floor, release: () => void): Promise<Inflow> {
    try {
      const producer = await from.pipeTo(to, feed.id);
      producer.observer.once('close', () => {
        release();
        this.#deps.onBroken(feed);
      });
      return { producer, close: () => producer.close() };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #land(feed: Feed, floor: Floor): Promise<Inflow> {
    const landing: NonNullable<Feed['landing']> = { floor, producer: null };
    feed.landing = landing;
    try {
      const inflow = await this.#deps.bringDistant(feed, floor);
      landing.producer = inflow.producer;
      inflow.producer.observer.once('close', () => {
        if (feed.landing === landing) feed.landing = null;
        this.#deps.onBroken(feed);
      });
      this.tellPaused(feed);
      return inflow;
    } catch (error) {
      if (feed.landing === landing) feed.landing = null;
      throw error;
    }
  }
}
