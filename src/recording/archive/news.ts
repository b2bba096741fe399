/** What people are told of recordings, as rows: who, of what, whether it still stands, whether he has seen it. */
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { Recording } from '../recording.js';
import type { NewsKind, RecordingNews } from '../schema.js';
import type { ConversationsOf } from './ports.js';
import type { NewsFace } from './schema.js';

export interface NewsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly conversationsOf: ConversationsOf;
}

export interface NewNews {
  readonly recording: Pick<Recording, 'orgId' | 'id'>;
  readonly kind: NewsKind;
  /** The share, or the review. */
  readonly subjectId: string;
  readonly by: Pick<Principal, 'personId' | 'name'>;
}

interface Row {
  id: string;
  kind: NewsKind;
  recording_id: string;
  by_id: string;
  by_name: string;
  created_at: Date;
  seen_at: Date | null;
  title: string;
  outcome: NewsFace['outcome'];
  governs: boolean;
  /** Of the share; null: not with a conversation. */
  conversation_id: string | null;
}

type Whose = Pick<Principal, 'orgId' | 'personId'>;

const listed = 100;
/** More than that is looked at by nobody. */
const counted = 500;
/** As it stands now, for somebody who may still know of it: of person $2, at the time $3. */
const standing = `select n.id, n.kind, n.recording_id, n.by_id, n.by_name, n.created_at, n.seen_at, r.title, v.outcome,
    p.role in ('owner', 'admin') as governs, case when s.kind = 'conversation' then s.target_id end as conversation_id
  from recording_news n
  join recordings r on r.id = n.recording_id and r.state <> 'deleted'
  join people p on p.id = n.person_id and p.role in ('owner', 'admin', 'member')
  left join recording_shares s on n.kind = 'shared' and s.id = n.subject_id
  left join recording_reviews v on n.kind <> 'shared' and v.id = n.subject_id
  where n.org_id = $1 and n.person_id = $2 and case n.kind
    when 'shared' then s.id is not null and s.withdrawn_at is null and (s.expires_at is null or s.expires_at > $3)
    when 'review-assigned' then v.id is not null and v.withdrawn_at is null and v.finished_at is null
    when 'review-finished' then v.id is not null and v.withdrawn_at is null and p.role in ('owner', 'admin')
    else v.id is not null end`;

export class News {
  readonly #deps: NewsDeps;

  constructor(deps: NewsDeps) {
    this.#deps = deps;
  }

  /** Gives those that are new. Whoever did it himself is not told. */
  async add(
    tx: Query,
    { recording, kind, subjectId, by }: NewNews,
    personIds: readonly string[],
  ): Promise<{ id: string; personId: string }[]> {
    const now = this.#deps.clock.now();
    const people = [...new Set(personIds)].filter((id) => id !== by.personId);
    return tx.query<{ id: string; personId: string }>(
      `insert into recording_news (org_id, id, recording_id, person_id, kind, subject_id, by_id, by_name, created_at)
       select $1, q.id, $2, q.person_id, $3, $4, $5, $6, $7 from unnest($8::uuid[], $9::uuid[]) as q (id, person_id)
       join people p on p.org_id = $1 and p.id = q.person_id and p.role in ('owner', 'admin', 'member')
       on conflict (subject_id, kind, person_id) do nothing returning id, person_id as "personId"`,
      [recording.orgId, recording.id, kind, subjectId, by.personId, by.name, new Date(now), people.map(() => newId(now)), people],
    );
  }

  /** It is no longer so. Gives who knew of it, and whether he was told or had seen it. */
  async drop(tx: Query, orgId: string, subjectId: string, kind: NewsKind): Promise<{ personId: string; knows: boolean }[]> {
    return tx.query<{ personId: string; knows: boolean }>(
      `delete from recording_news where org_id = $1 and subject_id = $2 and kind = $3
       returning person_id as "personId", coalesce(pushed_at, mailed_at, seen_at) is not null as knows`,
      [orgId, subjectId, kind],
    );
  }

  /** Newest first, what he has not seen before all others. */
  async list(whose: Whose): Promise<{ news: NewsFace[]; unseen: number }> {
    const rows = await this.#rows(whose, 'order by n.seen_at is not null, n.created_at desc, n.id desc', []);
    return { news: rows.slice(0, listed).map(present), unseen: rows.filter(({ seen_at }) => seen_at === null).length };
  }

  /** What he has not seen, by recording. */
  async unseen(whose: Whose): Promise<Map<string, RecordingNews[]>> {
    const rows = await this.#rows(whose, 'and n.seen_at is null order by n.created_at, n.id', []);
    const found = new Map<string, RecordingNews[]>();
    for (const row of rows) {
      if (row.kind === 'review-withdrawn') continue;
      const news = { id: row.id, kind: row.kind, by: { id: row.by_id, name: row.by_name }, at: row.created_at.toISOString() };
      found.set(row.recording_id, [...(found.get(row.recording_id) ?? []), news]);
    }
    return found;
  }

  /** He has opened the recording, or read these. Gives how many he had not seen before. */
  async see({ orgId, personId }: Whose, { recordingId, ids }: { recordingId?: string; ids?: readonly string[] }): Promise<number> {
    const rows = await this.#deps.database.query(
      `update recording_news set seen_at = $5 where org_id = $1 and person_id = $2 and seen_at is null
         and (recording_id = $3 or id = any($4::uuid[])) returning 1`,
      [orgId, personId, recordingId ?? null, ids ?? [], new Date(this.#deps.clock.now())],
    );
    return rows.length;
  }

  /** One that stands, and that he has not seen. */
  async one(whose: Whose, id: string): Promise<NewsFace | null> {
    const [row] = await this.#rows(whose, 'and n.seen_at is null and n.id = $4', [id]);
    return row ? present(row) : null;
  }

  /** False: it went this way before. */
  async claim({ orgId, id }: { orgId: string; id: string }, way: 'pushed_at' | 'mailed_at'): Promise<boolean> {
    const rows = await this.#deps.database.query(
      `update recording_news set ${way} = $3 where org_id = $1 and id = $2 and ${way} is null returning 1`,
      [orgId, id, new Date(this.#deps.clock.now())],
    );
    return rows.length > 0;
  }

  /** It did not go: it is tried again. */
  async release({ orgId, id }: { orgId: string; id: string }, way: 'pushed_at' | 'mailed_at'): Promise<void> {
    await this.#deps.database.query(`update recording_news set ${way} = null where org_id = $1 and id = $2`, [orgId, id]);
  }

  async #rows(whose: Whose, more: string, values: readonly unknown[]): Promise<Row[]> {
    const { database, clock, conversationsOf } = this.#deps;
    const { orgId, personId } = whose;
    const rows = await database.query<Row>(`${standing} ${more} limit ${counted}`, [orgId, personId, new Date(clock.now()), ...values]);
    if (rows.every(({ conversation_id }) => conversation_id === null)) return rows;
    const isIn = new Set((await conversationsOf(whose)).map(({ id }) => id));
    return rows.filter(({ conversation_id }) => conversation_id === null || isIn.has(conversation_id));
  }
}

function present(row: Row): NewsFace {
  // A reviewer whose review was withdrawn sees nothing of the recording any more.
  const hidden = row.kind === 'review-withdrawn' && !row.governs;
  return {
    id: row.id,
    kind: row.kind,
    recording: hidden ? null : { id: row.recording_id, title: row.title },
    by: { id: row.by_id, name: row.by_name },
    at: row.created_at.toISOString(),
    outcome: row.kind === 'review-finished' ? row.outcome : null,
    seen: row.seen_at !== null,
  };
}
