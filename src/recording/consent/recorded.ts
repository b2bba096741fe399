/** What people may read of the ledger: their own rows, and the recordings that they were told of (Cap. 486, Schedule 1, Principle 6). */
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingAccess, RecordingRows } from '../ports.js';
import type { ConsentEntry, ConsentWhat, RecordingKind, RecordingState } from '../recording.js';
import type { ConsentLedger } from './ledger.js';
import type { Notices } from './notices.js';
import type { LedgerFace, MyRecordings } from './schema.js';

export interface RecordedDeps {
  readonly database: Database;
  readonly rows: Pick<RecordingRows, 'get'>;
  readonly access: RecordingAccess;
  readonly ledger: ConsentLedger;
  readonly notices: Notices;
}

interface MyRow {
  readonly id: string;
  readonly meetingId: string;
  readonly kind: RecordingKind;
  readonly title: string;
  readonly state: RecordingState;
  readonly startedBy: string;
  readonly startedAt: Date;
  readonly stoppedAt: Date | null;
  readonly deleteAt: Date | null;
  readonly deletedAt: Date | null;
  readonly answer: ConsentWhat;
  readonly recorded: boolean;
  readonly contact: string;
}

export class Recorded {
  readonly #deps: RecordedDeps;

  constructor(deps: RecordedDeps) {
    this.#deps = deps;
  }

  /** All of it for who manages or governs the recording, his own rows for who was told. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN */
  async ledgerFor(by: Principal, id: string): Promise<LedgerFace> {
    const { rows, access, ledger, notices } = this.#deps;
    const recording = await rows.get(by.orgId, id);
    const rights = await access.rights(by, recording);
    const sees = rights.manage || rights.govern;
    const entries = await ledger.list(recording, sees ? null : by.personId);
    if (!sees && entries.length === 0) throw new CausewayError(rights.view ? 'RECORDING_FORBIDDEN' : 'RECORDING_NOT_FOUND');
    return {
      entries: entries.map(present),
      notices: await notices.get(by.orgId, [recording.noticeHash, ...entries.map(({ noticeHash }) => noticeHash)]),
    };
  }

  async mine(by: Principal, { before, limit }: { before?: string | undefined; limit: number }): Promise<MyRecordings> {
    const found = await this.#deps.database.query<MyRow>(
      `select r.id, r.meeting_id as "meetingId", r.kind, r.title, r.state, r.started_by_name as "startedBy", r.started_at as "startedAt",
              r.stopped_at as "stoppedAt", r.delete_at as "deleteAt", r.deleted_at as "deletedAt", c.what as answer,
              r.policy->>'contact' as contact,
              r.state <> 'deleted' and (
                exists (select 1 from recording_tracks t where t.recording_id = r.id and t.person_id = $2 and t.state <> 'removed')
                or exists (select 1 from transcript_lines l where l.recording_id = r.id and l.person_id = $2)) as recorded
       from (select distinct on (recording_id) recording_id, what from consent_ledger
             where org_id = $1 and person_id = $2 order by recording_id, what in ('asked', 'informed'), number desc) c
       join recordings r on r.id = c.recording_id and r.org_id = $1
       where ($3::uuid is null or r.id < $3) order by r.id desc limit $4`,
      [by.orgId, by.personId, before ?? null, limit + 1],
    );
    const page = found.slice(0, limit);
    return {
      recordings: page.map((row) => ({
        ...row,
        startedAt: row.startedAt.toISOString(),
        stoppedAt: row.stoppedAt?.toISOString() ?? null,
        deleteAt: row.deleteAt?.toISOString() ?? null,
        deletedAt: row.deletedAt?.toISOString() ?? null,
      })),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  }
}

function present({ number, personId, personName, what, noticeHash, language, client, at }: ConsentEntry): LedgerFace['entries'][number] {
  return { number, person: { id: personId, name: personName }, what, noticeHash, language, client, at: at.toISOString() };
}
