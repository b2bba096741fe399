/** Samples in the database. Every statement is scoped by the organisation. */
import type { Database } from '../../platform/database/index.js';
import type { MeetingRecord } from '../meeting-records.js';
import type { Stay } from './quality-report.js';

/** Some samples of one stay, packed. */
export interface Block {
  readonly orgId: string;
  readonly stayId: string;
  readonly since: number;
  readonly samples: Uint8Array;
}

/** What was kept of one person's stay. */
export interface KeptBlock {
  readonly personId: string;
  readonly stayId: string;
  readonly since: Date;
  readonly samples: Buffer;
}

/** Before all of them. */
const start = { stayId: '00000000-0000-0000-0000-000000000000', since: new Date(0) };
const atOnce = 500;

export class QualityRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All in one statement. Those whose stay is gone, with its meeting or its person, are passed over. */
  async insert(blocks: readonly Block[]): Promise<void> {
    await this.#database.query(
      `insert into meeting_quality (org_id, stay_id, since, samples)
       select s.org_id, s.id, b.since, b.samples
       from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bytea[]) as b (org_id, stay_id, since, samples)
       join meeting_stays s on s.org_id = b.org_id and s.id = b.stay_id
       on conflict (stay_id, since) do nothing`,
      [
        blocks.map(({ orgId }) => orgId),
        blocks.map(({ stayId }) => stayId),
        blocks.map(({ since }) => new Date(since)),
        blocks.map(({ samples }) => Buffer.from(samples)),
      ],
    );
  }

  /** Of everybody, or of one person. */
  async stays(record: MeetingRecord, personId: string | null): Promise<Stay[]> {
    return this.#database.query<Stay>(
      `select s.person_id as "personId", p.name, p.role = 'guest' as guest, s.joined_at as "joinedAt", s.left_at as "leftAt"
       from meeting_stays s join people p on p.org_id = s.org_id and p.id = s.person_id
       where s.org_id = $1 and s.meeting_id = $2 and ($3::uuid is null or s.person_id = $3) order by s.joined_at, s.id`,
      [record.orgId, record.id, personId],
    );
  }

  /** What was kept, a few at a time. */
  async *blocks(record: MeetingRecord, personId: string | null): AsyncGenerator<KeptBlock[]> {
    let after = start;
    for (;;) {
      const rows = await this.#database.query<KeptBlock>(
        `select s.person_id as "personId", q.stay_id as "stayId", q.since, q.samples
         from meeting_stays s join meeting_quality q on q.org_id = s.org_id and q.stay_id = s.id
         where s.org_id = $1 and s.meeting_id = $2 and ($3::uuid is null or s.person_id = $3) and (q.stay_id, q.since) > ($4::uuid, $5::timestamptz)
         order by q.stay_id, q.since limit ${atOnce}`,
        [record.orgId, record.id, personId, after.stayId, after.since],
      );
      yield rows;
      const last = rows.at(-1);
      if (!last || rows.length < atOnce) return;
      after = last;
    }
  }
}
