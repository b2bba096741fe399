/**
 * Runs the jobs of one queue, one after the other. pg-boss has a loop of its own, which neither
 * waits for the end of a job to be written nor can tell a job to stop.
 */
import type PgBoss from 'pg-boss';
import type { Log } from '../log.js';

export interface JobWorkerOptions {
  readonly boss: PgBoss;
  readonly log: Log;
  readonly queue: string;
  readonly pollMs: number;
  readonly expireSeconds: number;
  readonly handle: (stored: unknown, job: { id: string; signal: AbortSignal }) => Promise<void>;
}

type StoredJob = PgBoss.Job<{ value?: unknown } | null>;

export class JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #stopping = new AbortController();
  /** Tells the running job to stop. */
  #running: AbortController | null = null;
  #loop: Promise<void> = Promise.resolve();
  #woken = false;
  #wake: () => void = () => undefined;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** There may be work. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Lets the running job end for so long, then gives it up. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping.abort();
    this.wake();
    const timer = setTimeout(() => this.#running?.abort(new Error('The server stops.')), withinMs);
    await this.#loop;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { boss, queue, log } = this.#options;
    while (!this.#stopping.signal.aborted) {
      this.#woken = false;
      try {
        const [job] = await boss.fetch<{ value?: unknown } | null>(queue);
        if (job) await this.#do(job);
        else await this.#sleep();
      } catch (error) {
        log.warn({ err: error, queue }, 'jobs: the database could not be asked');
        await this.#sleep();
      }
    }
  }

  async #do(job: StoredJob): Promise<void> {
    const { boss, queue, log, expireSeconds, handle } = this.#options;
    const running = new AbortController();
    this.#running = running;
    const timer = setTimeout(() => running.abort(new Error(`The job took longer than ${expireSeconds} s.`)), expireSeconds * 1_000);
    const givenUp = new Promise<never>((_, reject) =>
      running.signal.addEventListener('abort', () => reject(running.signal.reason), { once: true }),
    );
    try {
      await Promise.race([handle(job.data?.value, { id: job.id, signal: running.signal }), givenUp]);
    } catch (error) {
      log.warn({ err: error, queue, job: job.id }, 'jobs: a try failed');
      // Only the sentence is kept with the job: what was thrown may hold anything.
      await boss.fail(queue, job.id, { message: error instanceof Error ? error.message : String(error) });
      return;
    } finally {
      clearTimeout(timer);
      this.#running = null;
    }
    await boss.complete(queue, job.id);
  }

  async #sleep(): Promise<void> {
    if (this.#woken) return;
    await new Promise<void>((resolve) => {
      // Workers that started together don't ask together for ever.
      const timer = setTimeout(resolve, this.#options.pollMs * (0.75 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
