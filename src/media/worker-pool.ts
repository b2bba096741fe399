/**
 * The media workers of this node. Each has its place (a port of its own); when one dies,
 * its place is taken by a new one as soon as possible.
 */
import { EventEmitter, once } from 'node:events';
import type { Clock } from '../platform/clock.js';
import type { Log } from '../platform/log.js';
import { MediaWorker, type MediaWorkerOptions, type Resident } from './media-worker.js';

export interface WorkerPoolOptions extends Omit<MediaWorkerOptions, 'port'> {
  readonly count: number;
  /** The first worker's; the others count up. 0: any free ones. */
  readonly firstPort: number;
}

export interface WorkerPoolDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** For metrics. */
  readonly onDeath: () => void;
}

interface Place {
  readonly index: number;
  /** 0 until the first worker has found a free one; a replacement takes the same. */
  port: number;
  worker: MediaWorker | null;
  /** Deaths and failed starts in a row, for the back-off. */
  failures: number;
  retry: NodeJS.Timeout | undefined;
  startedAt: number;
}

const sampleMs = 5_000;
/** A worker answers within a millisecond; one that is silent this long hangs. */
const hangMs = 15_000;
const unreadMs = 1_000;
const shortestBackOffMs = 50;
const longestBackOffMs = 1_000;
/** A worker that dies sooner than this counts as one that did not start. */
const settledMs = 1_000;

export class WorkerPool extends EventEmitter<{ ready: [] }> {
  readonly #places: readonly Place[];
  readonly #options: WorkerPoolOptions;
  readonly #deps: WorkerPoolDeps;
  #sampler: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: WorkerPoolOptions, deps: WorkerPoolDeps) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#deps = deps;
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      index,
      port: options.firstPort === 0 ? 0 : options.firstPort + index,
      worker: null,
      failures: 0,
      retry: undefined,
      startedAt: 0,
    }));
  }

  /** Rejects, with nothing left running, when one of the workers can't start. */
  static async start(options: WorkerPoolOptions, deps: WorkerPoolDeps): Promise<WorkerPool> {
    const pool = new WorkerPool(options, deps);
    const starts = await Promise.allSettled(pool.#places.map((place) => pool.#fill(place)));
    for (const start of starts) {
      if (start.status === 'rejected') {
        await pool.close();
        throw start.reason;
      }
    }
    pool.#sampler = setInterval(() => pool.#sample(), sampleMs).unref();
    return pool;
  }

  /** Those that live. */
  get workers(): readonly MediaWorker[] {
    return this.#places.flatMap((place) => place.worker ?? []);
  }

  /**
   * Puts the resident on the worker with the least load, and waits for one when none lives.
   * Undefined: none came in time.
   */
  async admit(resident: Resident, ms: number): Promise<MediaWorker | undefined> {
    if (this.#places.every(({ worker }) => !worker) && !this.#closing) {
      await once(this, 'ready', { signal: AbortSignal.timeout(Math.max(0, ms)) }).catch(() => undefined);
    }
    // Choosing and taking the place are one step, so that those who come together spread out.
    const worker = this.#leastLoaded();
    worker?.residents.add(resident);
    return worker;
  }

  /** Idempotent. Resolves when all processes have ended and their ports are free. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #leastLoaded(): MediaWorker | undefined {
    let best: MediaWorker | undefined;
    for (const worker of this.workers) {
      if (!best || worker.load < best.load || (worker.load === best.load && worker.residents.size < best.residents.size)) best = worker;
    }
    return best;
  }

  async #close(): Promise<void> {
    clearInterval(this.#sampler);
    for (const place of this.#places) clearTimeout(place.retry);
    const workers = this.workers;
    for (const place of this.#places) place.worker = null;
    await Promise.all(workers.map((worker) => worker.close()));
  }

  async #fill(place: Place): Promise<void> {
    const worker = await MediaWorker.start({ ...this.#options, port: place.port });
    if (this.#closing) return worker.close();
    place.port = worker.port;
    place.worker = worker;
    place.startedAt = this.#deps.clock.now();
    worker.process.once('died', (error) => this.#workerDied(place, worker, error));
    this.#deps.log.debug({ pid: worker.pid, port: worker.port }, 'media worker is ready');
    this.emit('ready');
  }

  #workerDied(place: Place, worker: MediaWorker, error: Error): void {
    if (this.#closing) return;
    this.#deps.log.error({ pid: worker.pid, port: worker.port, rooms: worker.residents.size, err: error }, 'media worker died');
    this.#deps.onDeath();
    place.worker = null;
    if (this.#deps.clock.now() - place.startedAt >= settledMs) {
      place.failures = 0;
      this.#replace(place);
    } else {
      this.#replaceLater(place);
    }
    // A copy: rooms leave the worker while they are told.
    for (const resident of [...worker.residents]) resident.workerDied();
    worker.residents.clear();
  }

  #replace(place: Place): void {
    this.#fill(place).catch((error: unknown) => {
      if (this.#closing) return;
      this.#deps.log.error({ err: error, port: place.port }, 'media worker does not start');
      this.#replaceLater(place);
    });
  }

  #replaceLater(place: Place): void {
    const waitMs = Math.min(longestBackOffMs, shortestBackOffMs * 2 ** place.failures);
    place.failures += 1;
    place.retry = setTimeout(() => this.#replace(place), waitMs).unref();
  }

  #sample(): void {
    const now = this.#deps.clock.now();
    for (const worker of this.workers) {
      const kill = () => {
        this.#deps.log.error({ pid: worker.pid }, 'media worker does not answer; killing it');
        worker.kill();
      };
      let timer = setTimeout(() => {
        // Where this process itself stood still the answer lies there unread.
        timer = setTimeout(kill, unreadMs).unref();
      }, hangMs).unref();
      const answered = () => clearTimeout(timer);
      worker.sample(now).then(answered, answered);
    }
  }
}
