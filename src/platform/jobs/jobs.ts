/** Durable jobs on the database: at least once, with retries, also after a crash. */
import type { z } from 'zod';
import type { Query } from '../database/index.js';

/** One kind of job: its queue's name and the shape of its data. */
export interface JobKind<Data> {
  readonly name: string;
  readonly schema: z.ZodType<Data>;
  /** Retries after the first try, with exponential back-off. Default 5. */
  readonly retries?: number;
  /** A run that takes longer is taken for dead and tried again, seconds. Default 900. Also how long a job waits whose process was killed. */
  readonly expireSeconds?: number;
}

export interface JobOptions {
  /** Not before this time. */
  readonly startAfter?: Date;
  /** At most one waiting job of the kind with this key. */
  readonly singletonKey?: string;
  /** Adds the job in this transaction: it is there if and only if the transaction commits. */
  readonly tx?: Query;
}

export interface Jobs {
  /** Adds a job; null when `singletonKey` found one waiting. Data that does not fit the schema once it is JSON is refused here (JobDataError). */
  enqueue<Data>(kind: JobKind<Data>, data: Data, options?: JobOptions): Promise<string | null>;
  /** Runs jobs of the kind, one at a time, on this node. What the handler throws counts as a failed try. The signal: stop, the run is given up. */
  work<Data>(kind: JobKind<Data>, handler: (data: Data, job: { id: string; signal: AbortSignal }) => Promise<void>): Promise<void>;
  /** Adds a job at every time of the cron line (UTC), once over all nodes. */
  schedule<Data>(kind: JobKind<Data>, cron: string, data: Data): Promise<void>;
  /** Waits for running jobs, at most 10 s. Idempotent. */
  close(): Promise<void>;
}

/** Data that does not fit its kind: a mistake of the program that added the job, or of one that changed the schema. */
export class JobDataError extends Error {
  override readonly name = 'JobDataError';
}

/** @throws {JobDataError} */
export function readJobData<Data>(kind: JobKind<Data>, stored: unknown): Data {
  const result = kind.schema.safeParse(stored);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`);
  throw new JobDataError(`A job of ${kind.name} has data that does not fit: ${wrong.join('; ')}.`);
}
