/**
 * The originals of passages that were cut out: what was captured in that time. Kept as long as the recording,
 * or for the days that an organisation has set; then its packets are taken out of the logs of the tracks, and
 * what they hashed to stands in the manifest of the next version.
 */
import { createHash } from 'node:crypto';
import type { Audit } from '../../platform/audit.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';

import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import { markEntry, packetEntry, readSegment, reportEntry, segmentMagic } from '../capture/track-log.js';
import type { Holds } from '../ports.js';
import type { Recording, RecordingSegment } from '../recording.js';
import type { Edit } from './edits.js';
import type { ArchivedRows } from './ports.js';
import { assertAdministrator } from './quotas.js';

export interface OriginalsDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly holds: Holds;
  readonly rows: ArchivedRows;
  readonly wake: () => void;
}

interface Due {
  id: string;
  org_id: string;
  recording_id: string;
  what: 'trim' | 'redact';
  from_ms: number;
  to_ms: number;
}

/** A packet that was sent in the passage may arrive so much after it: what the worker repaired, a slow network. */
const lateMs = 1_000;

export class Originals {
  readonly #deps: OriginalsDeps;

  constructor(deps: OriginalsDeps) {
    this.#deps = deps;
  }

  /** Null: they are kept. */
  async days(orgId: string): Promise<number | null> {
    const [row] = await this.#deps.database.query<{ days: number | null }>(
      'select originals_days as days from recording_archives where org_id = $1',
      [orgId],
    );
    return row?.days ?? null;
  }

  /** @throws AUTH_FORBIDDEN */
  async setDays(by: Principal, days: number | null): Promise<void> {
    assertAdministrator(by);
    const { database, clock, audit } = this.#deps;
    const before = await this.days(by.orgId);
    await database.transaction(async (tx) => {
      await tx.query(
        `insert into recording_archives (org_id, originals_days, changed_by, changed_at) values ($1, $2, $3, $4)
         on conflict (org_id) do update set originals_days = $2, changed_by = $3, changed_at = $4`,
        [by.orgId, days, by.personId, new Date(clock.now())],
      );
      await audit.record(tx, {
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.originals-changed',
        subject: {},
        detail: { before, after: days },
      });
    });
  }

  /** Of all organisations; what a hold keeps is left for another night. */
  async tidy(signal: AbortSignal): Promise<void> {
    const { database, clock, log, wake } = this.#deps;
    const due = await database.query<Due>(
      `select e.id, e.org_id, e.recording_id, e.what, e.from_ms, e.to_ms from recording_edits e
       join recording_archives a on a.org_id = e.org_id and a.originals_days is not null
       join recordings r on r.id = e.recording_id and r.state = 'ready'
       where e.undone_at is null and e.gone_at is null and e.made_at + a.originals_days * interval '1 day' <= $1
       order by e.made_at`,
      [new Date(clock.now())],
    );
    for (const one of due) {
      if (signal.aborted) return;
      await this.#remove(one).catch((error: unknown) => {
        log.warn({ err: error, recording: one.recording_id, edit: one.id }, 'archive: originals of an edit could not be deleted');
      });
    }
    if (due.length > 0) wake();
  }

  async #remove(edit: Due): Promise<void> {
    const { database, rows, holds, audit, clock } = this.#deps;
    const recording = await rows.get(edit.org_id, edit.recording_id);
    if ((await holds.holdOf(database, recording)) !== null) return;
    // Nobody undoes it from now on, whatever becomes of this run.
    const final = await database.query(
      'update recording_edits set final_at = coalesce(final_at, $3) where org_id = $1 and id = $2 and undone_at is null returning 1',
      [edit.org_id, edit.id, new Date(clock.now())],
    );
    if (final.length === 0) return;
    const cut = cutsOf({ what: edit.what, fromMs: edit.from_ms, toMs: edit.to_ms }, recording);
    let segments = 0;
    let bytes = 0;
    for (const track of await rows.tracks(recording)) {
      for (const segment of await rows.segments(track)) {
        // Arrival is noted in order; a piece that ended before, or began after, has nothing of it.
        if (!cut.some(({ from, to }) => segment.lastAt.getTime() >= from && segment.firstAt.getTime() <= to)) continue;
        const freed = await this.#rewrite(segment, cut);
        if (freed > 0) segments += 1;
        bytes += freed;
      }
    }
    await database.transaction(async (tx) => {
      await tx.query('update recording_edits set gone_at = $3 where org_id = $1 and id = $2', [
        edit.org_id,
        edit.id,
        new Date(clock.now()),
      ]);
      await tx.query(
        `delete from recording_cut_lines where org_id = $1 and recording_id = $2
           and case $3 when 'redact' then begin_ms < $5 and end_ms > $4 else begin_ms < $4 or end_ms > $5 end`,
        [edit.org_id, edit.recording_id, edit.what, edit.from_ms, edit.to_ms],
      );
      // The manifest of the version that is there names hashes that are no more.
      await rows.again(tx, recording, 'edit');
      await audit.record(tx, {
        orgId: edit.org_id,
        actor: null,
        action: 'recording.originals-deleted',
        subject: { recording: edit.recording_id, edit: edit.id },
        detail: { what: edit.what, fromMs: edit.from_ms, toMs: edit.to_ms, segments, bytes },
      });
    });
  }

  /** Gives how many bytes went. The same again changes nothing. */
  async #rewrite({ trackId, number, blobKey, bytes }: RecordingSegment, cut: readonly Cut[]): Promise<number> {
    const { blobs, database } = this.#deps;
    const stored = await blobs.get(blobKey);
    if (!stored) return 0;
    const parts: Buffer[] = [];
    for await (const part of stored) parts.push(Buffer.from(part));
    const kept = withoutPassages(Buffer.concat(parts), cut);
    await blobs.put(blobKey, kept);
    await database.query('update recording_segments set bytes = $3, sha256 = $4 where track_id = $1 and number = $2', [
      trackId,
      number,
      kept.length,
      createHash('sha256').update(kept).digest('hex'),
    ]);
    return bytes - kept.length;
  }
}

/** Arrival, milliseconds since 1970, both inclusive. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/** Reports and marks stay: they hold times alone, and what is left needs its clock. */
export function withoutPassages(segment: Buffer, cut: readonly Cut[]): Buffer {
  const parts: Buffer[] = [segmentMagic];
  for (const entry of readSegment(segment)) {
    if (entry.kind === 'report') parts.push(reportEntry(entry.at, entry));
    else if (entry.kind === 'mark') parts.push(markEntry(entry.at, entry.mark));
    else if (!cut.some(({ from, to }) => entry.at >= from && entry.at <= to)) parts.push(packetEntry(entry.at, entry.packet));
  }
  return Buffer.concat(parts);
}

function cutsOf({ what, fromMs, toMs }: Edit, { startedAt }: Recording): Cut[] {
  const start = startedAt.getTime();
  if (what === 'redact') return [{ from: start + fromMs, to: start + toMs + lateMs }];
  return [
    { from: 0, to: start + fromMs },
    { from: start + toMs + lateMs, to: Number.MAX_SAFE_INTEGER },
  ];
}
