/** Retention, legal holds and exports, made together, with their jobs. */
import { z } from 'zod';
import type { Audit } from '../../platform/audit.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import { Deletion } from './deletion.js';
import { ExportContent } from './export-content.js';
import { ExportRecords } from './export-records.js';
import { ExportRunner, makeExport } from './export-runner.js';
import { type ExportGuard, Exports } from './exports.js';
import { Holds } from './holds.js';
import { Policies } from './policies.js';

export interface RetentionDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly guard: ExportGuard;
  /** Members see less of these conversations now: tells them. */
  readonly hidden: (orgId: string, conversationIds: readonly string[]) => Promise<void>;
  /** A run of an export that said nothing for so long is dead, milliseconds. */
  readonly silentMs?: number;
}

export interface Retention {
  readonly policies: Policies;
  readonly holds: Holds;
  readonly exports: Exports;
  readonly deletion: Deletion;
  /** Lets go of exports that are being made. Idempotent. */
  close(): Promise<void>;
}

type Nothing = Record<string, never>;
const nothing: z.ZodType<Nothing> = z.record(z.string(), z.never());
const deleteOld: JobKind<Nothing> = { name: 'chat.delete-old', schema: nothing, expireSeconds: 18_000 };
const tidyExports: JobKind<Nothing> = { name: 'chat.tidy-exports', schema: nothing };

export async function openRetention(deps: RetentionDeps): Promise<Retention> {
  const { database, blobs, jobs, log, silentMs = 60_000 } = deps;
  const policies = new Policies(deps);
  const holds = new Holds(deps);
  const deletion = new Deletion({ ...deps, policies, holds });
  const records = new ExportRecords(deps);
  const runner = new ExportRunner({ records, content: new ExportContent(database), blobs, jobs, log, silentMs });
  const exports = new Exports({ ...deps, records, runner, policies });
  await jobs.work(deleteOld, (_data, { signal }) => deletion.run(signal));
  await jobs.schedule(deleteOld, '40 18 * * *', {});
  await jobs.work(makeExport, ({ exportId }, { signal }) => runner.run(exportId, signal));
  await jobs.work(tidyExports, async () => {
    await exports.makeBackups();
    await exports.tidyUp();
  });
  await jobs.schedule(tidyExports, '3 * * * *', {});
  await runner.takeUp();
  return { policies, holds, exports, deletion, close: () => runner.close() };
}
