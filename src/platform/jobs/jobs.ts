/** Durable jobs on the database: at least once, with retries, also after a crash. */
import type { z } from 'zod';

/** One kind of job: its queue's name and the shape of its data. */
export interface JobKind<Data> {
  readonly name: string;
  readonly schema: z.ZodType<Data>;
  /** Retries after the first try, with exponential back-off. Default 5. */
  readonly retries?: number;
  /** A run that takes longer is taken for dead and tried again, seconds. Default 900. */
  readonly expireSeconds?: number;
}

export interface JobOptions {
  /** Not before this time. */
  readonly startAfter?: Date;
  /** At most one waiting job of the kind with this key. */
  readonly singletonKey?: string;
}

export interface Jobs {
  /** Adds a job; null when `singletonKey` found one waiting. Bad data is refused here. */
  enqueue<Data>(kind: JobKind<Data>, data: Data, options?: JobOptions): Promise<string | null>;
  /** Runs jobs of the kind, one at a time, on this node. What the handler throws counts as a failed try. */
  work<Data>(kind: JobKind<Data>, handler: (data: Data, job: { id: string; signal: AbortSignal }) => Promise<void>): Promise<void>;
  /** Adds a job at every time of the cron line (UTC), once over all nodes. */
  schedule<Data>(kind: JobKind<Data>, cron: string, data: Data): Promise<void>;
  /** Waits for running jobs, at most 10 s. Idempotent. */
  close(): Promise<void>;
}
