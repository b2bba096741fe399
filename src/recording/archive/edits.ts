/**
 * Passages that are cut out: what the tracks hold stays, the files are made again without it. Lines of the
 * transcript that were said in it are put aside, so that an edit can be undone as long as the originals are there.
 */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingAccess } from '../ports.js';
import type { Recording } from '../recording.js';
import type { Downloads } from './downloads.js';
import type { ArchivedRows } from './ports.js';
import type { EditBody, EditFace } from './schema.js';
import type { Viewings } from './viewings.js';

export interface EditsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly rows: ArchivedRows;
  readonly viewings: Viewings;
  readonly downloads: Downloads;
  /** Days until originals are deleted; null: never. */
  readonly originalsDays: (orgId: string) => Promise<number | null>;
  /** There is something to be put together. */
  readonly wake: () => void;
}

/** As compose takes it. */
export interface Edit {
  readonly what: 'trim' | 'redact';
  readonly fromMs: number;
  readonly toMs: number;
}

interface Row {
  id: string;
  what: 'trim' | 'redact';
  from_ms: number;
  to_ms: number;
  reason: string;
  made_by: string;
  made_by_name: string;
  made_at: Date;
  undone_by_name: string | null;
  undone_at: Date | null;
  final_at: Date | null;
  gone_at: Date | null;
}

const limit = 500;
const leastMs = 1_000;
const dayMs = 86_400_000;

export class Edits {
  readonly #deps: EditsDeps;

  constructor(deps: EditsDeps) {
    this.#deps = deps;
  }

  /** Newest first, undone ones too. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN */
  async list(by: Principal, id: string): Promise<EditFace[]> {
    const recording = await this.#deps.access.assert(by, id, 'manage');
    const days = await this.#deps.originalsDays(recording.orgId);
    return (await this.#rows(this.#deps.database, recording)).map((row) => present(row, days)).reverse();
  }

  /** Those that count. Compose asks. */
  async of(recording: Pick<Recording, 'orgId' | 'id'>): Promise<Edit[]> {
    const rows = await this.#rows(this.#deps.database, recording);
    return rows.filter(({ undone_at }) => undone_at === null).map(({ what, from_ms: fromMs, to_ms: toMs }) => ({ what, fromMs, toMs }));
  }

  /** The same for the manifest: who cut out what, and why. */
  async evidenceOf(recording: Pick<Recording, 'orgId' | 'id'>): Promise<readonly unknown[]> {
    const rows = await this.#rows(this.#deps.database, recording);
    return rows
      .filter(({ undone_at }) => undone_at === null)
      .map((row) => ({
        id: row.id,
        what: row.what,
        fromMs: row.from_ms,
        toMs: row.to_ms,
        reason: row.reason,
        by: { id: row.made_by, name: row.made_by_name },
        at: row.made_at.toISOString(),
        originals: row.gone_at === null ? 'kept' : 'deleted',
      }));
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_NOT_READY, EDIT_LEAVES_NOTHING, RECORDING_LIMIT, REQUEST_INVALID */
  async add(by: Principal, id: string, body: EditBody): Promise<EditFace> {
    const { database, access, audit, clock, originalsDays, wake } = this.#deps;
    const recording = await access.assert(by, id, 'manage');
    const now = clock.now();
    const days = await originalsDays(recording.orgId);
    const edit = await database.transaction(async (tx) => {
      await lock(tx, recording);
      const before = (await this.#rows(tx, recording)).filter(({ undone_at }) => undone_at === null);
      if (before.length >= limit) throw new CausewayError('RECORDING_LIMIT', { fill: { limit } });
      const lengthMs = (recording.stoppedAt?.getTime() ?? now) - recording.startedAt.getTime();
      if (body.fromMs >= lengthMs)
        throw new CausewayError('REQUEST_INVALID', { field: 'fromMs', fill: { detail: 'fromMs: after the end of the recording' } });
      if (body.what === 'trim') assertSomethingIsLeft([...before.map(editOf), body], lengthMs);
      const editId = newId(now);
      await tx.query(
        `insert into recording_edits (org_id, id, recording_id, what, from_ms, to_ms, reason, made_by, made_by_name, made_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [recording.orgId, editId, recording.id, body.what, body.fromMs, body.toMs, body.reason, by.personId, by.name, new Date(now)],
      );
      const lines = await tx.query(
        `with gone as (delete from transcript_lines l where l.org_id = $1 and l.recording_id = $2
           and recording_cuts(l.recording_id, l.begin_ms, l.end_ms) returning *)
         insert into recording_cut_lines (org_id, recording_id, line_id, person_id, begin_ms, end_ms, line)
         select g.org_id, g.recording_id, g.id, g.person_id, g.begin_ms, g.end_ms, to_jsonb(g) from gone g returning 1`,
        [recording.orgId, recording.id],
      );
      await this.#again(tx, recording);
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.edited',
        subject: { recording: recording.id, edit: editId },
        detail: { what: body.what, fromMs: body.fromMs, toMs: body.toMs, reason: body.reason, lines: lines.length },
      });
      return this.#one(tx, recording, editId, days);
    });
    wake();
    return edit;
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_NOT_READY, EDIT_NOT_FOUND, EDIT_FINAL */
  async undo(by: Principal, id: string, editId: string, reason: string): Promise<EditFace> {
    const { database, access, audit, clock, originalsDays, wake } = this.#deps;
    const recording = await access.assert(by, id, 'manage');
    const days = await originalsDays(recording.orgId);
    const edit = await database.transaction(async (tx) => {
      await lock(tx, recording);
      const row = (await this.#rows(tx, recording)).find((candidate) => candidate.id === editId);
      if (!row) throw new CausewayError('EDIT_NOT_FOUND');
      if (row.undone_at !== null || row.final_at !== null) throw new CausewayError('EDIT_FINAL');
      await tx.query('update recording_edits set undone_by = $3, undone_by_name = $4, undone_at = $5 where org_id = $1 and id = $2', [
        recording.orgId,
        editId,
        by.personId,
        by.name,
        new Date(clock.now()),
      ]);
      const lines = await tx.query(
        `with back as (delete from recording_cut_lines c where c.org_id = $1 and c.recording_id = $2
           and not recording_cuts(c.recording_id, c.begin_ms, c.end_ms) returning c.line)
         insert into transcript_lines select (jsonb_populate_record(null::transcript_lines, back.line)).* from back on conflict do nothing returning 1`,
        [recording.orgId, recording.id],
      );
      await this.#again(tx, recording);
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.edit-undone',
        subject: { recording: recording.id, edit: editId },
        detail: { what: row.what, fromMs: row.from_ms, toMs: row.to_ms, reason, lines: lines.length },
      });
      return this.#one(tx, recording, editId, days);
    });
    wake();
    return edit;
  }

  /** What he said in passages that were cut out is not brought back by undoing. */
  async removePerson(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, personId: string): Promise<void> {
    await tx.query(
      `delete from recording_cut_lines l using recordings r
       where l.org_id = $1 and l.recording_id = $2 and l.person_id = $3 and r.id = l.recording_id
         and r.started_at + l.begin_ms * interval '1 millisecond' < coalesce(taken_back_until(l.recording_id, l.person_id), 'infinity')`,
      [recording.orgId, recording.id, personId],
    );
  }

  /** Nobody sees the version that was, from this moment on. */
  async #again(tx: Query, recording: Recording): Promise<void> {
    const { rows, viewings, downloads } = this.#deps;
    await viewings.end(tx, recording);
    await downloads.expire(tx, recording);
    await rows.again(tx, recording, 'edit');
  }

  async #one(tx: Query, recording: Recording, editId: string, days: number | null): Promise<EditFace> {
    const row = (await this.#rows(tx, recording)).find((candidate) => candidate.id === editId);
    if (!row) throw new CausewayError('EDIT_NOT_FOUND');
    return present(row, days);
  }

  async #rows(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>): Promise<Row[]> {
    return tx.query<Row>('select * from recording_edits where org_id = $1 and recording_id = $2 order by made_at, id', [
      recording.orgId,
      recording.id,
    ]);
  }
}

/** Edits come one after the other; none while it is on. @throws RECORDING_NOT_READY */
async function lock(tx: Query, recording: Recording): Promise<void> {
  const [row] = await tx.query<{ state: string }>('select state from recordings where org_id = $1 and id = $2 for update', [
    recording.orgId,
    recording.id,
  ]);
  if (!row || !['ready', 'processing', 'failed'].includes(row.state)) throw new CausewayError('RECORDING_NOT_READY');
}

/** @throws EDIT_LEAVES_NOTHING */
function assertSomethingIsLeft(edits: readonly Edit[], lengthMs: number): void {
  const trims = edits.filter(({ what }) => what === 'trim');
  const from = Math.max(0, ...trims.map(({ fromMs }) => fromMs));
  const to = Math.min(lengthMs, ...trims.map(({ toMs }) => toMs));
  if (to - from < Math.min(leastMs, lengthMs)) throw new CausewayError('EDIT_LEAVES_NOTHING');
}

function editOf({ what, from_ms: fromMs, to_ms: toMs }: Row): Edit {
  return { what, fromMs, toMs };
}

function present(row: Row, days: number | null): EditFace {
  const ends = row.undone_at === null && row.final_at === null && days !== null;
  return {
    id: row.id,
    what: row.what,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    reason: row.reason,
    madeBy: { id: row.made_by, name: row.made_by_name },
    madeAt: row.made_at.toISOString(),
    undone: row.undone_at && { by: row.undone_by_name ?? '', at: row.undone_at.toISOString() },
    finalAt: row.final_at?.toISOString() ?? null,
    finalOn: ends ? new Date(row.made_at.getTime() + days * dayMs).toISOString() : null,
  };
}
