/** The ledger of consent: who was asked or told, and what he answered. Rows are only added; the database refuses anything else. */
import { storableText } from '../../platform/canonical-json.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import type { ConsentEntry, ConsentWhat, Recording, RecordingPolicy } from '../recording.js';

export interface ConsentLedgerDeps {
  readonly database: Database;
  readonly clock: Clock;
}

/** A row to be. */
export type NewConsent = Omit<ConsentEntry, 'recordingId' | 'number' | 'at'>;

type Named = Pick<Recording, 'orgId' | 'id'>;

/** Sets the locks of ledgers apart from other advisory locks of the database. */
const lockSpace = 0x63_6f_6e_73;
/** Browsers write long names; what tells one from another comes first. */
const clientCharacters = 300;
const nameCharacters = 200;

const columns = `recording_id as "recordingId", number, person_id as "personId", person_name as "personName", what,
  notice_hash as "noticeHash", language, client, at`;
/** Being asked or told again takes no answer back. */
const answersFirst = `what in ('asked', 'informed'), number desc`;

export class ConsentLedger {
  readonly #deps: ConsentLedgerDeps;

  constructor(deps: ConsentLedgerDeps) {
    this.#deps = deps;
  }

  /** Adds rows, numbered from 1 without holes. In the caller's transaction, other writers of the recording wait for its end. */
  async append(recording: Named, entries: readonly NewConsent[], tx?: Query): Promise<ConsentEntry[]> {
    if (entries.length === 0) return [];
    return tx ? this.#append(tx, recording, entries) : this.#deps.database.transaction((own) => this.#append(own, recording, entries));
  }

  /** Oldest first; of one person, or of all. */
  list(recording: Named, personId: string | null = null, tx: Query = this.#deps.database): Promise<ConsentEntry[]> {
    return tx.query<ConsentEntry>(
      `select ${columns} from consent_ledger
       where org_id = $1 and recording_id = $2 and ($3::uuid is null or person_id = $3) order by number`,
      [recording.orgId, recording.id, personId],
    );
  }

  /** What counts of each person: his last answer; without any, that he was asked or told. */
  async standing(recording: Named, tx: Query = this.#deps.database): Promise<Map<string, ConsentWhat>> {
    const rows = await tx.query<{ personId: string; what: ConsentWhat }>(
      `select distinct on (person_id) person_id as "personId", what from consent_ledger
       where org_id = $1 and recording_id = $2 order by person_id, ${answersFirst}`,
      [recording.orgId, recording.id],
    );
    return new Map(rows.map(({ personId, what }) => [personId, what]));
  }

  /** As `standing`, of one person. Null: he was neither asked nor told. */
  async standingOf(recording: Named, personId: string, tx: Query = this.#deps.database): Promise<ConsentEntry | null> {
    const [entry] = await tx.query<ConsentEntry>(
      `select ${columns} from consent_ledger where org_id = $1 and recording_id = $2 and person_id = $3 order by ${answersFirst} limit 1`,
      [recording.orgId, recording.id, personId],
    );
    return entry ?? null;
  }

  /** Until the end of the transaction nobody else adds to the ledger of the recording. */
  async lock(recording: Named, tx: Query): Promise<void> {
    await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, recording.id]);
  }

  async #append(tx: Query, recording: Named, entries: readonly NewConsent[]): Promise<ConsentEntry[]> {
    // A statement of its own: the next one sees what the holder before us committed.
    await this.lock(recording, tx);
    const rows = await tx.query<ConsentEntry>(
      `insert into consent_ledger (org_id, recording_id, number, person_id, person_name, what, notice_hash, language, client, at)
       select $1, $2, (select coalesce(max(number), 0) from consent_ledger where recording_id = $2) + e.place,
              e.person_id, e.person_name, e.what, e.notice_hash, e.language, e.client, $9
       from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) with ordinality
         as e (person_id, person_name, what, notice_hash, language, client, place)
       returning ${columns}`,
      [
        recording.orgId,
        recording.id,
        entries.map(({ personId }) => personId),
        entries.map(({ personName }) => storableText(personName.slice(0, nameCharacters))),
        entries.map(({ what }) => what),
        entries.map(({ noticeHash }) => noticeHash),
        entries.map(({ language }) => language),
        entries.map(({ client }) => storableText(client.slice(0, clientCharacters))),
        new Date(this.#deps.clock.now()),
      ],
    );
    return rows.sort((a, b) => a.number - b.number);
  }
}

/** Whether somebody is recorded under the policy. Pure. `what`: of `standing`; undefined: neither asked nor told. */
export function agreed(what: ConsentWhat | undefined, policy: Pick<RecordingPolicy, 'consent'>): boolean {
  if (policy.consent === 'forbidden') return false;
  return what === 'yes' || (what === 'informed' && policy.consent === 'inform');
}
