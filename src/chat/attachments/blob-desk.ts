/**
 * Blobs of attachments, so that none is left behind and none is lost. A blob is written down as
 * unneeded before it is written, and again by triggers when a row that names it goes; what is due is
 * deleted if no row names it. So a crash at any moment costs nothing but a day.
 */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { newId } from '../../platform/ids.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';

export const clearBlobs: JobKind<Record<string, never>> = { name: 'attachments.clear-blobs', schema: z.object({}).strict() };

/** Longer than any upload takes from the blob to its row. */
const writingMs = 24 * 3_600_000;
const atOnce = 100;

export interface BlobDeskDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly jobs: Jobs;
}

export class BlobDesk {
  readonly #deps: BlobDeskDeps;

  constructor(deps: BlobDeskDeps) {
    this.#deps = deps;
  }

  /** Writes a blob for an attachment under a key of its own. */
  async put(attachmentId: string, content: Readable | Uint8Array): Promise<{ key: string; size: number }> {
    const { database, blobs, clock } = this.#deps;
    const now = clock.now();
    const key = `attachments/${attachmentId}/${newId(now)}`;
    await database.query('insert into unneeded_blobs (key, due_at) values ($1, $2)', [key, new Date(now + writingMs)]);
    const { size } = await blobs.put(key, content);
    return { key, size };
  }

  get(key: string, range?: { start: number; end: number }): Promise<Readable | null> {
    return this.#deps.blobs.get(key, range);
  }

  /** Deletes at once what was put and got no row. */
  async discard(key: string): Promise<void> {
    const { database, blobs } = this.#deps;
    await blobs.delete(key);
    await database.query('delete from unneeded_blobs where key = $1', [key]);
  }

  /** Lets `clear` run as a job; in a transaction, when that commits. */
  async clearSoon(tx?: Query): Promise<void> {
    await this.#deps.jobs.enqueue(clearBlobs, {}, { singletonKey: 'soon', ...(tx ? { tx } : {}) });
  }

  /** Deletes what is due and named by no row. */
  async clear(signal?: AbortSignal): Promise<void> {
    const { database, blobs, clock } = this.#deps;
    while (!signal?.aborted) {
      const due = await database.query<{ key: string; due: string; needed: boolean }>(
        `select b.key, b.due_at::text as due, exists (select 1 from attachments a where a.key = b.key)
           or exists (select 1 from attachments a where a.preview_key = b.key)
           or exists (select 1 from upload_parts p where p.key = b.key) as needed
         from unneeded_blobs b where b.due_at <= greatest($1, now()) order by b.due_at limit $2`,
        [new Date(clock.now()), atOnce],
      );
      if (due.length === 0) return;
      // A key that no row names is named by none later: copies are made of rows.
      for (const { key, needed } of due) if (!needed) await blobs.delete(key);
      // One that a trigger has written down again since is looked at again: its row has gone in between.
      await database.query(
        `delete from unneeded_blobs b using unnest($1::text[], $2::text[]) as seen (key, due)
         where b.key = seen.key and b.due_at::text = seen.due`,
        [due.map(({ key }) => key), due.map(({ due }) => due)],
      );
    }
  }
}
