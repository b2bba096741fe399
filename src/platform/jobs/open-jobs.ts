/** Durable jobs by pg-boss, in the schema `pgboss` of the same database. */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import PgBoss from 'pg-boss';
import type { Database, Query } from '../database/index.js';
import type { Log } from '../log.js';
import { JobWorker } from './job-worker.js';
import { type JobKind, type JobOptions, type Jobs, readJobData } from './jobs.js';

export interface OpenJobsOptions {
  readonly database: Database;
  readonly log: Log;
  /** How often a worker without work looks for jobs of other nodes, milliseconds. */
  readonly pollMs?: number;
  /** How often jobs of killed processes and due schedules are looked for, seconds, at most 45. */
  readonly supervisionSeconds?: number;
  /** Wait before the first retry, seconds; twice as long before each further one. */
  readonly retryDelaySeconds?: number;
}

/** pg-boss's own queue, from which it makes the jobs of schedules. */
const scheduleQueue = '__pgboss__send-it';
const defaultRetries = 5;
const defaultExpireSeconds = 900;
/** Time for running jobs to end at close, milliseconds. */
const closeMs = 10_000;

export async function openJobs(options: OpenJobsOptions): Promise<Jobs> {
  const jobs = new PgBossJobs(options);
  await jobs.start();
  return jobs;
}

class PgBossJobs implements Jobs {
  readonly #database: Database;
  readonly #log: Log;
  readonly #pollMs: number;
  readonly #retryDelaySeconds: number;
  readonly #boss: PgBoss;
  readonly #workers: JobWorker[] = [];
  /** Says the name of a queue to which this process has just added a job. */
  readonly #added = new EventEmitter<{ added: [queue: string] }>();
  readonly #queues = new Map<string, Promise<void>>();
  /** Queues are made one after the other. */
  #lastQueue: Promise<void> = Promise.resolve();
  #closed: Promise<void> | null = null;

  constructor(options: OpenJobsOptions) {
    this.#database = options.database;
    this.#log = options.log;
    this.#pollMs = options.pollMs ?? 2_000;
    this.#retryDelaySeconds = options.retryDelaySeconds ?? 5;
    this.#added.setMaxListeners(0);
    const { supervisionSeconds = 30 } = options;
    this.#boss = new PgBoss({
      schema: 'pgboss',
      db: { executeSql: (text, values) => this.#execute(text, values) },
      maintenanceIntervalSeconds: supervisionSeconds,
      cronMonitorIntervalSeconds: supervisionSeconds,
      cronWorkerIntervalSeconds: Math.min(5, supervisionSeconds),
    });
    this.#boss.on('error', (error) => this.#log.warn({ err: error }, 'jobs: pg-boss'));
  }

  async start(): Promise<void> {
    await this.#boss.start();
  }

  async enqueue<Data>(kind: JobKind<Data>, data: Data, { startAfter, singletonKey, tx }: JobOptions = {}): Promise<string | null> {
    const json = JSON.stringify(data) ?? 'null';
    readJobData(kind, JSON.parse(json));
    await this.#queue(kind.name);
    const id = await this.#boss.send({
      name: kind.name,
      data: { value: JSON.parse(json) },
      options: {
        ...this.#effort(kind),
        // The queue lets one job wait for each key, so a job that stands for itself needs a key of its own.
        singletonKey: singletonKey ?? randomUUID(),
        ...(startAfter ? { startAfter } : {}),
        ...(tx ? { db: overQuery(tx) } : {}),
      },
    });
    if (!tx && !startAfter) this.#added.emit('added', kind.name);
    return id;
  }

  async work<Data>(kind: JobKind<Data>, handler: (data: Data, job: { id: string; signal: AbortSignal }) => Promise<void>): Promise<void> {
    if (this.#closed) throw new Error('The jobs are closed.');
    await this.#queue(kind.name);
    const worker = new JobWorker({
      boss: this.#boss,
      log: this.#log,
      queue: kind.name,
      pollMs: this.#pollMs,
      expireSeconds: kind.expireSeconds ?? defaultExpireSeconds,
      handle: async (stored, job) => handler(readJobData(kind, stored), job),
    });
    this.#workers.push(worker);
    this.#added.on('added', (queue) => queue === kind.name && worker.wake());
    worker.start();
  }

  async schedule<Data>(kind: JobKind<Data>, cron: string, data: Data): Promise<void> {
    const value: unknown = JSON.parse(JSON.stringify(data) ?? 'null');
    readJobData(kind, value);
    await this.#queue(kind.name);
    await this.#boss.schedule(kind.name, cron, { value }, { ...this.#effort(kind), tz: 'UTC' });
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop(closeMs)));
    // The connections are the database's, which is closed by whoever opened it.
    await this.#boss.stop({ graceful: false, close: false });
  }

  #effort(kind: JobKind<unknown>) {
    return {
      retryLimit: kind.retries ?? defaultRetries,
      retryDelay: this.#retryDelaySeconds,
      retryBackoff: true,
      expireInSeconds: kind.expireSeconds ?? defaultExpireSeconds,
    };
  }

  /** Makes the queue unless it is there. */
  #queue(name: string): Promise<void> {
    const known = this.#queues.get(name);
    if (known) return known;
    const made = this.#lastQueue.then(() => this.#makeQueue(name));
    this.#queues.set(name, made);
    this.#lastQueue = made.catch(() => {
      this.#queues.delete(name);
    });
    return made;
  }

  async #makeQueue(name: string): Promise<void> {
    if (await this.#boss.getQueue(name)) return;
    // Two that make different queues at once would wait for each other's lock on pg-boss's table of queues.
    await this.#database.transaction(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('causeway.queues', 0))`);
      await this.#boss.createQueue(name, { name, policy: 'short' });
    });
  }

  async #execute(text: string, values: readonly unknown[] | undefined): Promise<{ rows: unknown[] }> {
    try {
      return { rows: await this.#database.query(text, values) };
    } catch (error) {
      // pg-boss does not await the end of its own scheduling jobs; a database that is away at that
      // moment would be an unhandled rejection, which ends the process. The job runs again later.
      if (values?.[0] === scheduleQueue && /\bresults\b/i.test(text)) {
        this.#log.warn({ err: error }, 'jobs: the end of a scheduling job could not be written');
        return { rows: [{ count: 0 }] };
      }
      throw error;
    }
  }
}

function overQuery(tx: Query): PgBoss.Db {
  return { executeSql: async (text: string, values: readonly unknown[]) => ({ rows: await tx.query(text, values) }) };
}
