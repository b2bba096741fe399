/** How long recordings are kept: by their policy, by what somebody set for one, and by legal holds, which win. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { Holds, RecordingAccess, RecordingRows } from '../ports.js';
import type { Recording } from '../recording.js';
import type { Deletion } from './deletion.js';
import type { RetentionFace } from './schema.js';

export interface KeepingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly rows: Pick<RecordingRows, 'get'>;
  readonly holds: Holds;
  readonly deletion: Deletion;
}

interface Own {
  keep_days: number | null;
  set_by_name: string | null;
  set_at: Date | null;
  held_by: string | null;
}

const dayMs = 86_400_000;

export class Keeping {
  readonly #deps: KeepingDeps;

  constructor(deps: KeepingDeps) {
    this.#deps = deps;
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN */
  async get(by: Principal, id: string): Promise<RetentionFace> {
    const recording = await this.#deps.access.assert(by, id, 'manage');
    return this.#present(recording);
  }

  /** Counts from the recording's start; in the past, it goes the next night. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN */
  async set(by: Principal, id: string, keepDays: number | null): Promise<RetentionFace> {
    const { database, access, audit, clock, rows } = this.#deps;
    const recording = await access.assert(by, id, 'govern');
    const deleteAt = keepDays === null ? null : new Date(recording.startedAt.getTime() + keepDays * dayMs);
    await database.transaction(async (tx) => {
      await tx.query(
        `insert into recording_keeping (org_id, recording_id, keep_days, set_by, set_by_name, set_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (recording_id) do update set keep_days = $3, set_by = $4, set_by_name = $5, set_at = $6`,
        [recording.orgId, recording.id, keepDays, by.personId, by.name, new Date(clock.now())],
      );
      await tx.query('update recordings set delete_at = $3 where org_id = $1 and id = $2', [recording.orgId, recording.id, deleteAt]);
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.retention-changed',
        subject: { recording: recording.id },
        detail: { before: recording.deleteAt?.toISOString() ?? null, after: deleteAt?.toISOString() ?? null, keepDays },
      });
    });
    return this.#present(await rows.get(by.orgId, id));
  }

  /** Deletes what is past its time, of all organisations. Stops between two when it is told to; the next night goes on. */
  async tidy(signal: AbortSignal): Promise<void> {
    const { database, clock, log, rows } = this.#deps;
    const due = await database.query<{ org_id: string; id: string }>(
      `select org_id, id from recordings where delete_at <= $1 and state not in ('on', 'paused', 'deleted') order by delete_at, id`,
      [new Date(clock.now())],
    );
    for (const { org_id: orgId, id } of due) {
      if (signal.aborted) return;
      await rows
        .get(orgId, id)
        .then((recording) => this.#letGo(recording))
        .catch((error: unknown) =>
          log.warn({ err: error, recording: id }, 'archive: a recording that is past its time could not be deleted'),
        );
    }
  }

  async #letGo(recording: Recording): Promise<void> {
    const { deletion } = this.#deps;
    const own = await this.#own(recording);
    const decidedBy = own?.set_at ? 'days' : 'policy';
    try {
      await deletion.delete(recording, null, { decidedBy, deleteAt: recording.deleteAt?.toISOString() ?? '' });
    } catch (error) {
      if (!(error instanceof CausewayError) || error.code !== 'RECORDING_HELD') throw error;
      await this.#noteHold(recording, String(error.fill.hold), own);
    }
  }

  /** Said once for each hold, and not every night. */
  async #noteHold({ orgId, id, deleteAt }: Recording, hold: string, own: Own | null): Promise<void> {
    if (own?.held_by === hold) return;
    const { database, audit, clock } = this.#deps;
    await database.transaction(async (tx) => {
      await tx.query(
        `insert into recording_keeping (org_id, recording_id, keep_days, held_by, held_since)
         select $1, id, (policy->>'keepDays')::int, $3, $4 from recordings where id = $2
         on conflict (recording_id) do update set held_by = $3, held_since = $4`,
        [orgId, id, hold, new Date(clock.now())],
      );
      await audit.record(tx, {
        orgId,
        actor: null,
        action: 'recording.kept',
        subject: { recording: id },
        detail: { decidedBy: 'hold', hold, deleteAt: deleteAt?.toISOString() ?? null },
      });
    });
  }

  async #own({ orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<Own | null> {
    const [row] = await this.#deps.database.query<Own>(
      'select keep_days, set_by_name, set_at, held_by from recording_keeping where org_id = $1 and recording_id = $2',
      [orgId, id],
    );
    return row ?? null;
  }

  async #present(recording: Recording): Promise<RetentionFace> {
    const { database, holds } = this.#deps;
    const own = await this.#own(recording);
    const hold = await database.transaction((tx) => holds.holdOf(tx, recording));
    const isSet = own?.set_at != null;
    return {
      deleteAt: recording.deleteAt?.toISOString() ?? null,
      keepDays: isSet ? own.keep_days : recording.policy.keepDays,
      rule: hold !== null ? 'hold' : isSet ? 'person' : 'policy',
      hold,
      setBy: own?.set_at ? { name: own.set_by_name ?? '', at: own.set_at.toISOString() } : null,
    };
  }
}
