/**
 * Finds the patterns of rules in a text without keeping the process from its other work: a short text is
 * read at once, a long one in a thread, one after the other, people in turn. A text that takes too long
 * is not read to its end, and whoever asked must refuse it.
 */
import { Worker } from 'node:worker_threads';
import { CausewayError } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import { type Question, type Reading, read } from './pattern-reading.js';
import type { PatternSet } from './pattern-set.js';

export interface PatternReaderDeps {
  readonly log: Log;
  /** Time that one text has in the thread, milliseconds. Default: 3 seconds. */
  readonly limitMs?: number;
}

interface Job {
  readonly sets: readonly PatternSet[];
  readonly views: readonly string[];
  readonly resolve: (reading: Reading) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Instructions times characters that are read at once: 4 ms at worst (73 ns each, where a text makes the
 * engine forget what it has learned), nearly always microseconds. To ask the thread takes 45 µs.
 */
const atOnce = 50_000;
const defaultLimitMs = 3_000;
/** One pattern is read to its end; a thread that has not answered so long after the limit never will, milliseconds. */
const graceMs = 20_000;
/** Texts of one person, and of everybody, that may wait. */
const mostWaiting = { ofOne: 100, ofAll: 2_000 };
/** Sets that the thread keeps. */
const mostKnown = 1_000;

export class PatternReader {
  readonly #deps: PatternReaderDeps;
  readonly #limitMs: number;
  /** Who is next stands first. */
  readonly #waiting = new Map<string, Job[]>();
  #waitingJobs = 0;
  #running: Job | null = null;
  #watch: NodeJS.Timeout | undefined;
  #thread: Worker | null = null;
  /** Sets that the thread knows. */
  #known = new Map<PatternSet, number>();
  #closed = false;

  constructor(deps: PatternReaderDeps) {
    this.#deps = deps;
    this.#limitMs = deps.limitMs ?? defaultLimitMs;
  }

  /** @throws REQUEST_RATE when too many texts of this person, or of all, wait; SERVER_FAULT when the thread died */
  async read(sets: readonly PatternSet[], views: readonly string[], person: string): Promise<Reading> {
    const size = sets.reduce((sum, set) => sum + set.size, 0);
    const length = views.reduce((sum, view) => sum + view.length, 0);
    if (size * length <= atOnce) return read(sets, views, Number.POSITIVE_INFINITY);
    if (this.#closed) throw new CausewayError('SERVER_DRAINING');
    const queue = this.#waiting.get(person) ?? [];
    if (queue.length >= mostWaiting.ofOne || this.#waitingJobs >= mostWaiting.ofAll) throw new CausewayError('REQUEST_RATE');
    return new Promise((resolve, reject) => {
      queue.push({ sets, views, resolve, reject });
      this.#waiting.set(person, queue);
      this.#waitingJobs += 1;
      this.#next();
    });
  }

  /** What waits is refused. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#drop(new CausewayError('SERVER_DRAINING'));
    for (const job of [...this.#waiting.values()].flat()) job.reject(new CausewayError('SERVER_DRAINING'));
    this.#waiting.clear();
    this.#waitingJobs = 0;
    await thread?.terminate();
  }

  #next(): void {
    const [next] = this.#waiting;
    if (this.#running || !next) return;
    const [person, queue] = next;
    const job = queue.shift();
    this.#waiting.delete(person);
    if (queue.length > 0) this.#waiting.set(person, queue);
    if (!job) return;
    this.#waitingJobs -= 1;
    this.#running = job;
    this.#thread ??= this.#start();
    this.#watch = setTimeout(() => this.#answered({ found: null, overdue: 0 }, 'end it'), this.#limitMs + graceMs);
    this.#thread.postMessage(this.#question(job));
  }

  #question({ sets, views }: Job): Question {
    const forget = this.#known.size > mostKnown;
    if (forget) this.#known = new Map();
    return {
      sets: sets.map((set) => {
        const known = this.#known.get(set);
        if (known !== undefined) return { id: known };
        const id = this.#known.size;
        this.#known.set(set, id);
        return { id, made: { source: set.source, atMost: set.atMost } };
      }),
      views,
      limitMs: this.#limitMs,
      forget,
    };
  }

  #answered(reading: Reading, thread: 'keep it' | 'end it' = 'keep it'): void {
    const job = this.#running;
    clearTimeout(this.#watch);
    this.#running = null;
    if (thread === 'end it') {
      void this.#thread?.terminate();
      this.#drop(null);
    }
    job?.resolve(reading);
    this.#next();
  }

  /** The thread is none any more. */
  #drop(error: unknown): void {
    const job = this.#running;
    clearTimeout(this.#watch);
    this.#running = null;
    this.#thread = null;
    this.#known = new Map();
    job?.reject(error);
  }

  #start(): Worker {
    const thread = startThread();
    thread.unref();
    thread.on('message', (reading: Reading) => {
      if (thread === this.#thread) this.#answered(reading);
    });
    thread.on('error', (error: unknown) => {
      this.#deps.log.error({ err: error }, 'dlp: the thread that reads patterns failed');
      if (thread !== this.#thread) return;
      // Nobody has read it, so it is not kept.
      this.#drop(new CausewayError('SERVER_FAULT', { cause: error }));
      this.#next();
    });
    return thread;
  }
}

/** In development and in tests the sources are run, which a thread reads only with a loader. */
function startThread(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./pattern-thread.js', import.meta.url));
  const loader = import.meta.resolve('tsx/esm/api');
  const thread = new URL('./pattern-thread.ts', import.meta.url).href;
  return new Worker(`import('${loader}').then(({ register }) => { register(); return import('${thread}'); });`, { eval: true });
}
