/**
 * The floors of one part of a room: it begins on one worker, and grows to another when that one has
 * enough to do and the other has clearly less.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Log } from '../platform/log.js';
import { Floor, type FloorOptions } from './floor.js';
import type { MediaWorker, Resident } from './media-worker.js';
import type { WorkerPool } from './worker-pool.js';

export interface FloorsOptions {
  /** A room on one worker grows to another from this load on: see `Resident.load`. */
  readonly growLoad: number;
  readonly open: (worker: MediaWorker) => FloorOptions;
}

export interface FloorsDeps {
  readonly pool: WorkerPool;
  readonly log: Log;
  readonly clock: Clock;
}

const tryAgainMs = 20;
/** Another worker is worth a pipe when it has this much less to do. */
const worthMoving = 0.7;
/** A room under which workers die this often in so short a time kills them itself; it is given up before it takes every meeting with it. */
const deathLimit = { deaths: 8, withinMs: 10_000 };

export class Floors {
  readonly #options: FloorsOptions;
  readonly #deps: FloorsDeps;
  readonly #floors = new Set<Floor>();
  /** Those that are being opened, by worker. */
  readonly #opening = new Map<MediaWorker, Promise<Floor>>();
  #deaths: number[] = [];
  #closed = false;

  constructor(options: FloorsOptions, deps: FloorsDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<Floor> {
    return this.#floors.values();
  }

  get size(): number {
    return this.#floors.size;
  }

  has(floor: Floor): boolean {
    return this.#floors.has(floor);
  }

  /** The floor that the next peer goes to, opened if need be. @throws MEDIA_UNAVAILABLE when no worker takes it in time. */
  async place(ms: number): Promise<Floor> {
    const { pool, clock, log } = this.#deps;
    const deadline = clock.now() + ms;
    for (;;) {
      const here = leastLoaded(this.#floors);
      if (here && (here.load < this.#options.growLoad || !this.#hasBetterThan(here.worker))) return here;
      const left = deadline - clock.now();
      // It stands for the floor while that is opened: a worker that dies meanwhile is noticed below.
      const arriving: Resident = { load: 1, workerDied: () => undefined };
      const worker = left > 0 ? await pool.admit(arriving, left) : undefined;
      try {
        if (!worker || this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
        const floor = await this.#on(worker);
        if (this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
        if (!floor.router.closed) return floor;
      } catch (error) {
        if (error instanceof CausewayError) throw error;
        log.warn({ err: error }, 'media worker did not take the room; trying again');
        await delay(tryAgainMs);
      } finally {
        worker?.residents.delete(arriving);
      }
    }
  }

  /** Its worker died. False: it was gone already. */
  delete(floor: Floor): boolean {
    return this.#floors.delete(floor);
  }

  /** Counts a death; true: this room should not be opened once more. */
  diedTooOften(): boolean {
    const now = this.#deps.clock.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < deathLimit.withinMs), now];
    return this.#deaths.length > deathLimit.deaths;
  }

  close(): void {
    this.#closed = true;
    for (const floor of this.#floors) floor.close();
    this.#floors.clear();
  }

  #hasBetterThan(worker: MediaWorker): boolean {
    const taken = new Set([...this.#floors].map((floor) => floor.worker));
    return this.#deps.pool.workers.some((other) => !taken.has(other) && other.load < worker.load * worthMoving);
  }

  async #on(worker: MediaWorker): Promise<Floor> {
    for (const floor of this.#floors) if (floor.worker === worker) return floor;
    const opening = this.#opening.get(worker) ?? this.#open(worker);
    this.#opening.set(worker, opening);
    try {
      return await opening;
    } finally {
      if (this.#opening.get(worker) === opening) this.#opening.delete(worker);
    }
  }

  async #open(worker: MediaWorker): Promise<Floor> {
    const floor = await Floor.open(this.#options.open(worker));
    if (this.#closed || floor.router.closed) floor.close();
    else this.#floors.add(floor);
    return floor;
  }
}

function leastLoaded(floors: Iterable<Floor>): Floor | undefined {
  let best: Floor | undefined;
  for (const floor of floors) if (!floor.router.closed && (!best || floor.worker.load < best.worker.load)) best = floor;
  return best;
}
