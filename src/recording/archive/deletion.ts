/**
 * Deletes a recording: rows of everything that was taken of people in one transaction with the audit row, blobs
 * by a job that begins when that commits. What stays: that there was a recording, who agreed to it, and the
 * signatures of its manifests without what they say of people.
 */
import { z } from 'zod';
import type { Audit } from '../../platform/audit.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { Holds, RecordingAccess } from '../ports.js';
import { blobPrefix, type Recording } from '../recording.js';
import type { Deleted } from './schema.js';

export interface DeletionDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly holds: Holds;
  /** What other parts keep of it, in the same transaction: how much it was, by what it was. */
  readonly forget: (tx: Query, recording: Recording) => Promise<Readonly<Record<string, number>>>;
  /** After the commit: what lies outside of the database and the blob store. May be called again. */
  readonly dropped: (recording: Pick<Recording, 'orgId' | 'id'>, trackIds: readonly string[]) => Promise<void>;
}

/** Why, beside whoever asked for it. */
export type DeletedBecause = { readonly decidedBy: 'person' } | { readonly decidedBy: 'policy' | 'days'; readonly deleteAt: string };

interface Doomed {
  readonly orgId: string;
  readonly recordingId: string;
  readonly trackIds: string[];
  /** The look afterwards. */
  readonly again: boolean;
}

const deleteBlobs: JobKind<Doomed> = {
  name: 'recording.delete-blobs',
  schema: z.object({ orgId: z.uuid(), recordingId: z.uuid(), trackIds: z.array(z.uuid()), again: z.boolean() }),
  retries: 20,
  expireSeconds: 7_200,
};
/** A step that another node runs notices within seconds; what it stored until then is looked for once more. */
const againMs = 120_000;

/** Table by what it is called in the audit log. Those that hang on one of them go along. */
const tables = {
  tracks: 'recording_tracks',
  lines: 'transcript_lines',
  cutLines: 'recording_cut_lines',
  files: 'recording_files',
  chapters: 'recording_chapters',
  comments: 'recording_comments',
  reviews: 'recording_reviews',
  viewings: 'recording_viewings',
  shares: 'recording_shares',
  downloads: 'recording_downloads',
  downloadLinks: 'recording_download_links',
  takings: 'recording_takings',
  edits: 'recording_edits',
  news: 'recording_news',
} as const;

export class Deletion {
  readonly #deps: DeletionDeps;

  constructor(deps: DeletionDeps) {
    this.#deps = deps;
  }

  async work(): Promise<void> {
    await this.#deps.jobs.work(deleteBlobs, (data, { signal }) => this.#deleteBlobs(data, signal));
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_NOT_READY, RECORDING_HELD */
  async ask(by: Principal, id: string): Promise<Deleted> {
    const recording = await this.#deps.access.assert(by, id, 'manage');
    return this.delete(recording, by, { decidedBy: 'person' });
  }

  /** @throws RECORDING_NOT_READY, RECORDING_HELD, RECORDING_NOT_FOUND when it is deleted already */
  async delete(recording: Recording, by: Principal | null, because: DeletedBecause): Promise<Deleted> {
    const { database, audit, clock, holds, jobs, forget } = this.#deps;
    const { orgId, id } = recording;
    const now = new Date(clock.now());
    return database.transaction(async (tx) => {
      const [row] = await tx.query<{ state: string }>('select state from recordings where org_id = $1 and id = $2 for update', [orgId, id]);
      if (!row || row.state === 'deleted') throw new CausewayError('RECORDING_NOT_FOUND');
      // Stop it first: what is taken of people must not come after the deletion.
      if (row.state === 'on' || row.state === 'paused') throw new CausewayError('RECORDING_NOT_READY');
      const hold = await holds.holdOf(tx, recording);
      if (hold !== null) throw new CausewayError('RECORDING_HELD', { fill: { hold } });
      const bytes = await sizeOf(tx, recording);
      const tracks = await tx.query<{ id: string }>('select id from recording_tracks where org_id = $1 and recording_id = $2', [orgId, id]);
      const doomed = { orgId, recordingId: id, trackIds: tracks.map((track) => track.id) };
      await tx.query(
        `update recordings set state = 'deleted', deleted_at = $3, delete_at = null, step = null, progress = 0, failure = null, done = '{}',
           claimed_by = null, claimed_until = null, bytes = 0 where org_id = $1 and id = $2`,
        [orgId, id, now],
      );
      const counts: Record<string, number> = { segments: await countSegments(tx, recording) };
      for (const [what, table] of Object.entries(tables)) counts[what] = await remove(tx, table, recording);
      Object.assign(counts, await forget(tx, recording));
      await tx.query('delete from recording_keeping where org_id = $1 and recording_id = $2', [orgId, id]);
      await jobs.enqueue(deleteBlobs, { ...doomed, again: false }, { tx });
      await jobs.enqueue(deleteBlobs, { ...doomed, again: true }, { tx, startAfter: new Date(Date.now() + againMs) });
      await audit.record(tx, {
        orgId,
        actor: by && { id: by.personId, name: by.name },
        action: 'recording.deleted',
        subject: { recording: id, meeting: recording.meetingId },
        detail: { title: recording.title, ...because, bytes, counts },
      });
      return { deletedAt: now.toISOString(), bytes, counts };
    });
  }

  async #deleteBlobs({ orgId, recordingId, trackIds, again }: Doomed, signal: AbortSignal): Promise<void> {
    const { blobs, audit, database, dropped } = this.#deps;
    const recording = { orgId, id: recordingId };
    await dropped(recording, trackIds);
    let count = 0;
    let bytes = 0;
    for await (const { key, size } of blobs.list(`${blobPrefix(recording)}/`)) {
      signal.throwIfAborted();
      await blobs.delete(key);
      count += 1;
      bytes += size;
    }
    // A step that was under way may have written a row before it noticed.
    for (const table of [tables.files, tables.tracks, tables.lines, tables.chapters]) await remove(database, table, recording);
    if (again && count === 0) return;
    await audit.recordAlone({
      orgId,
      actor: null,
      action: 'recording.blobs-deleted',
      subject: { recording: recordingId },
      detail: { blobs: count, bytes },
    });
  }
}

async function remove(tx: Query, table: string, { orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    `with gone as (delete from ${table} where org_id = $1 and recording_id = $2 returning 1) select count(*)::int as n from gone`,
    [orgId, id],
  );
  return row?.n ?? 0;
}

async function countSegments(tx: Query, { orgId, id }: Recording): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    'select count(*)::int as n from recording_segments s join recording_tracks t on t.id = s.track_id where t.org_id = $1 and t.recording_id = $2',
    [orgId, id],
  );
  return row?.n ?? 0;
}

/** Bytes of all that is stored of it. */
async function sizeOf(tx: Query, { orgId, id }: Recording): Promise<number> {
  const [row] = await tx.query<{ bytes: number }>(
    `select (coalesce((select sum(s.bytes) from recording_segments s join recording_tracks t on t.id = s.track_id where t.org_id = $1 and t.recording_id = $2), 0)
       + coalesce((select sum(f.bytes) from recording_files f where f.org_id = $1 and f.recording_id = $2), 0)
       + coalesce((select sum(d.bytes) from recording_downloads d where d.org_id = $1 and d.recording_id = $2), 0))::float8 as bytes`,
    [orgId, id],
  );
  return row?.bytes ?? 0;
}
