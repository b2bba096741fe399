/** Meetings in the database: what outlives the server. Every statement is scoped by the organisation. */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { isId, isMeetingCode, newId, newMeetingCode } from '../platform/ids.js';
import type { Principal } from '../platform/principal.js';
import type { Agendas } from './agendas.js';
import type { lobbyPolicies, meetingKinds } from './schema.js';

/** A presenter is one of a webinar; an attendee of a webinar is a viewer. */
export type MemberRole = 'host' | 'co-host' | 'presenter' | 'attendee';
export type MeetingKind = (typeof meetingKinds)[number];

export interface MeetingRecord {
  readonly orgId: string;
  readonly id: string;
  readonly code: string;
  readonly kind: MeetingKind;
  readonly title: string;
  readonly status: 'scheduled' | 'live' | 'ended';
  readonly hostId: string;
  readonly hostName: string;
  readonly conversationId: string;
  readonly lobby: (typeof lobbyPolicies)[number];
  readonly guests: boolean;
  readonly chatHistory: boolean;
  readonly locked: boolean;
  readonly startsAt: Date | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly organisation: string;
}

export interface MemberRecord {
  readonly role: MemberRole;
  readonly admission: 'admitted' | 'removed';
}

/** What the door must know of somebody. */
export interface Standing {
  readonly member: MemberRecord | null;
  /** Anybody was, of this meeting. */
  readonly someoneWasRemoved: boolean;
}

export interface NewMeeting {
  readonly kind: MeetingKind;
  readonly title: string;
  readonly startsAt: string | null;
  readonly lobby: MeetingRecord['lobby'];
  readonly guests: boolean;
  readonly chatHistory: boolean;
}

/** What is to be talked about. */
type NewAgenda = readonly { readonly title: string; readonly minutes: number | null }[];

export interface MeetingRecordsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly agendas: Agendas;
  /** Makes the conversation of a new meeting, in the same transaction. */
  readonly createConversation: (tx: Query, orgId: string, title: string) => Promise<string>;
  /** The meeting has another title, and so has its conversation. */
  readonly renameConversation: (tx: Query, orgId: string, conversationId: string, title: string) => Promise<void>;
  /** Ends what guests may read and write of a meeting that is over, in the same transaction. Gives what is to be done after it. */
  readonly closeConversation: (tx: Query, orgId: string, conversationId: string) => Promise<() => void>;
}

const columns = `m.org_id as "orgId", m.id, m.code, m.kind, m.title, m.status, m.host_id as "hostId", h.name as "hostName", m.conversation_id as "conversationId",
  m.lobby, m.guests, m.chat_history as "chatHistory", m.locked, m.starts_at as "startsAt", m.started_at as "startedAt", m.ended_at as "endedAt", o.name as organisation`;
const from = 'meetings m join people h on h.id = m.host_id join organisations o on o.id = m.org_id';
const byTime = 'coalesce(m.ended_at, m.starts_at, m.created_at)';

export class MeetingRecords {
  readonly #deps: MeetingRecordsDeps;

  constructor(deps: MeetingRecordsDeps) {
    this.#deps = deps;
  }

  async create(principal: Principal, { agenda, ...meeting }: NewMeeting & { readonly agenda: NewAgenda }): Promise<MeetingRecord> {
    const { agendas, database, clock, createConversation } = this.#deps;
    const id = newId(clock.now());
    await database.transaction(async (tx) => {
      const conversationId = await createConversation(tx, principal.orgId, meeting.title);
      await tx.query(
        `insert into meetings (org_id, id, code, title, status, host_id, conversation_id, lobby, guests, chat_history, starts_at, created_at, kind)
         values ($1, $2, $3, $4, 'scheduled', $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          principal.orgId,
          id,
          newMeetingCode(),
          meeting.title,
          principal.personId,
          conversationId,
          meeting.lobby,
          meeting.guests,
          meeting.chatHistory,
          meeting.startsAt,
          new Date(clock.now()),
          meeting.kind,
        ],
      );
      await tx.query(
        `insert into meeting_members (org_id, meeting_id, person_id, role, admission) values ($1, $2, $3, 'host', 'admitted')`,
        [principal.orgId, id, principal.personId],
      );
      const items = agenda.map((item) => ({ ...item, id: newId(clock.now()) }));
      await agendas.create(tx, { orgId: principal.orgId, id }, items);
    });
    return this.get(principal.orgId, id);
  }

  /** @throws MEETING_NOT_FOUND */
  async get(orgId: string, id: string): Promise<MeetingRecord> {
    const [row] = await this.#deps.database.query<MeetingRecord>(`select ${columns} from ${from} where m.org_id = $1 and m.id = $2`, [
      orgId,
      id,
    ]);
    if (!row) throw new CausewayError('MEETING_NOT_FOUND');
    return row;
  }

  /** By the code of its link, which is all that a guest has. @throws MEETING_NOT_FOUND */
  async byCode(code: string): Promise<MeetingRecord> {
    if (!isMeetingCode(code)) throw new CausewayError('MEETING_NOT_FOUND');
    const [row] = await this.#deps.database.query<MeetingRecord>(`select ${columns} from ${from} where m.code = $1`, [code.toLowerCase()]);
    if (!row) throw new CausewayError('MEETING_NOT_FOUND');
    return row;
  }

  /** Meetings that the person hosts or was in: soonest first when upcoming, newest first when past. */
  async list(
    principal: Principal,
    { state, cursor, limit }: { state: 'upcoming' | 'past'; cursor?: string | undefined; limit: number },
  ): Promise<{ meetings: (MeetingRecord & { mine: boolean })[]; cursor: string | null }> {
    const past = state === 'past';
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const rows = await this.#deps.database.query<MeetingRecord & { mine: boolean; at: Date }>(
      `select ${columns}, mm.role = 'host' as mine, date_trunc('milliseconds', ${byTime}) as at
       from ${from} join meeting_members mm on mm.meeting_id = m.id and mm.person_id = $2 and mm.admission = 'admitted'
       where m.org_id = $1 and (m.status = 'ended') = $3
         and ($4::timestamptz is null or (date_trunc('milliseconds', ${byTime}), m.id) ${past ? '<' : '>'} ($4, $5::uuid))
       order by date_trunc('milliseconds', ${byTime}) ${past ? 'desc' : 'asc'}, m.id ${past ? 'desc' : 'asc'} limit $6`,
      [principal.orgId, principal.personId, past, after?.at ?? null, after?.id ?? null, limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { meetings: page, cursor: rows.length > limit && last ? encodeCursor(last.at, last.id) : null };
  }

  /**
   * Changes what is given of a meeting that has not ended. Of which kind it is can't change once it
   * has begun: people are in it as what they are. @throws MEETING_NOT_FOUND, MEETING_ENDED, MEETING_BEGUN
   */
  async update(record: MeetingRecord, patch: { [Key in keyof NewMeeting]?: NewMeeting[Key] | undefined }): Promise<MeetingRecord> {
    const { database, renameConversation } = this.#deps;
    const rows = await database.query(
      `update meetings set title = coalesce($3, title), lobby = coalesce($4, lobby), guests = coalesce($5, guests),
         chat_history = coalesce($6, chat_history), starts_at = case when $7 then $8::timestamptz else starts_at end,
         kind = coalesce($9, kind)
       where org_id = $1 and id = $2 and status <> 'ended' and (status = 'scheduled' or kind = coalesce($9, kind)) returning 1`,
      [
        record.orgId,
        record.id,
        patch.title ?? null,
        patch.lobby ?? null,
        patch.guests ?? null,
        patch.chatHistory ?? null,
        patch.startsAt !== undefined,
        patch.startsAt ?? null,
        patch.kind ?? null,
      ],
    );
    if (patch.title !== undefined && rows.length > 0) await renameConversation(database, record.orgId, record.conversationId, patch.title);
    const now = await this.get(record.orgId, record.id);
    if (rows.length === 0) throw new CausewayError(now.status === 'ended' ? 'MEETING_ENDED' : 'MEETING_BEGUN', { field: 'kind' });
    return now;
  }

  /** Deletes a meeting that never began, with its conversation. */
  async cancel(record: MeetingRecord): Promise<void> {
    await this.#deps.database.transaction(async (tx) => {
      const gone = await tx.query(
        `delete from meetings where org_id = $1 and id = $2 and status = 'scheduled' and started_at is null returning 1`,
        [record.orgId, record.id],
      );
      if (gone.length > 0) await tx.query('delete from conversations where org_id = $1 and id = $2', [record.orgId, record.conversationId]);
    });
  }

  async setLocked(record: MeetingRecord, locked: boolean): Promise<void> {
    await this.#deps.database.query('update meetings set locked = $3 where org_id = $1 and id = $2', [record.orgId, record.id, locked]);
  }

  /** Marks it live, unless it has ended, and gives since when it is, and as what. @throws MEETING_ENDED */
  async begin(record: MeetingRecord): Promise<Pick<MeetingRecord, 'kind'> & { startedAt: Date }> {
    const [row] = await this.#deps.database.query<Pick<MeetingRecord, 'kind'> & { startedAt: Date }>(
      `update meetings set status = 'live', started_at = coalesce(started_at, $3), seen_at = $3 where org_id = $1 and id = $2 and status <> 'ended' returning started_at as "startedAt", kind`,
      [record.orgId, record.id, new Date(this.#deps.clock.now())],
    );
    if (!row) throw new CausewayError('MEETING_ENDED');
    return row;
  }

  /** Ends it and every stay in it, once. */
  async end(record: MeetingRecord): Promise<void> {
    const now = new Date(this.#deps.clock.now());
    const afterwards = await this.#deps.database.transaction(async (tx) => {
      await tx.query(
        `update meetings set status = 'ended', ended_at = $3, locked = false where org_id = $1 and id = $2 and status <> 'ended'`,
        [record.orgId, record.id, now],
      );
      await tx.query('update meeting_stays set left_at = $3 where org_id = $1 and meeting_id = $2 and left_at is null', [
        record.orgId,
        record.id,
        now,
      ]);
      return this.#deps.closeConversation(tx, record.orgId, record.conversationId);
    });
    afterwards();
  }

  async member(record: MeetingRecord, personId: string): Promise<MemberRecord | null> {
    const [row] = await this.#deps.database.query<MemberRecord & { role: MemberRole }>(
      'select role, admission from meeting_members where org_id = $1 and meeting_id = $2 and person_id = $3',
      [record.orgId, record.id, personId],
    );
    return row ?? null;
  }

  /** In one round trip: it is asked at every knock. */
  async standing(record: MeetingRecord, personId: string): Promise<Standing> {
    const [row] = await this.#deps.database.query<{
      role: MemberRole | null;
      admission: MemberRecord['admission'] | null;
      removed: boolean;
    }>(
      `select mm.role, mm.admission,
         exists (select 1 from meeting_members where org_id = $1 and meeting_id = $2 and admission = 'removed') as removed
       from (select 1) one left join meeting_members mm on mm.org_id = $1 and mm.meeting_id = $2 and mm.person_id = $3`,
      [record.orgId, record.id, personId],
    );
    const member = row?.role && row.admission ? { role: row.role, admission: row.admission } : null;
    return { member, someoneWasRemoved: row?.removed ?? false };
  }

  /** Remembers that the person may be in; keeps a role that he has. */
  async admit(record: MeetingRecord, personId: string): Promise<void> {
    await this.#deps.database.query(
      `insert into meeting_members (org_id, meeting_id, person_id, role, admission) values ($1, $2, $3, 'attendee', 'admitted') on conflict (meeting_id, person_id) do nothing`,
      [record.orgId, record.id, personId],
    );
  }

  /** Admits the person and opens a stay of his. */
  async enter(record: MeetingRecord, stayId: string, personId: string): Promise<void> {
    await this.#deps.database.query(
      `with admitted as (
         insert into meeting_members (org_id, meeting_id, person_id, role, admission) values ($1, $2, $3, 'attendee', 'admitted')
         on conflict (meeting_id, person_id) do nothing
       )
       insert into meeting_stays (org_id, id, meeting_id, person_id, joined_at) values ($1, $4, $2, $3, $5)`,
      [record.orgId, record.id, personId, stayId, new Date(this.#deps.clock.now())],
    );
  }

  /** A stay that did not come to be; with it, where he was admitted for it alone, the admission. */
  async forgetStay(record: MeetingRecord, stayId: string, admitted: string | null): Promise<void> {
    await this.#deps.database.query(
      `with gone as (
         delete from meeting_members m where org_id = $1 and meeting_id = $3 and person_id = $4 and role = 'attendee' and admission = 'admitted'
         and not exists (select 1 from meeting_stays s where s.meeting_id = $3 and s.person_id = $4 and s.id <> $2)
       )
       delete from meeting_stays where org_id = $1 and id = $2`,
      [record.orgId, stayId, record.id, admitted],
    );
  }

  async setRole(record: MeetingRecord, personId: string, role: MemberRole): Promise<void> {
    await this.#deps.database.query('update meeting_members set role = $4 where org_id = $1 and meeting_id = $2 and person_id = $3', [
      record.orgId,
      record.id,
      personId,
      role,
    ]);
  }

  async remove(record: MeetingRecord, personId: string): Promise<void> {
    await this.#deps.database.query(
      `insert into meeting_members (org_id, meeting_id, person_id, role, admission) values ($1, $2, $3, 'attendee', 'removed')
       on conflict (meeting_id, person_id) do update set role = 'attendee', admission = 'removed'`,
      [record.orgId, record.id, personId],
    );
  }

  async closeStay(record: MeetingRecord, stayId: string): Promise<void> {
    await this.#deps.database.query('update meeting_stays set left_at = $3 where org_id = $1 and id = $2 and left_at is null', [
      record.orgId,
      stayId,
      new Date(this.#deps.clock.now()),
    ]);
  }

  async attendance(
    record: MeetingRecord,
  ): Promise<{ personId: string; name: string; guest: boolean; joinedAt: Date; leftAt: Date | null }[]> {
    return this.#deps.database.query(
      `select s.person_id as "personId", p.name, p.role = 'guest' as guest, s.joined_at as "joinedAt", s.left_at as "leftAt"
       from meeting_stays s join people p on p.id = s.person_id where s.org_id = $1 and s.meeting_id = $2 order by s.joined_at, s.id`,
      [record.orgId, record.id],
    );
  }

  /** While meetings are live: how far a crash may lie back. */
  async seen(ids: readonly string[]): Promise<void> {
    await this.#deps.database.query('update meetings set seen_at = $2 where id = any($1)', [ids, new Date(this.#deps.clock.now())]);
  }

  /** What somebody was in a meeting, in two words; null: he was never in it, or was put out. */
  async part(orgId: string, meetingId: string, personId: string): Promise<'moderator' | 'participant' | null> {
    const [row] = await this.#deps.database.query<{ role: MemberRole }>(
      `select role from meeting_members where org_id = $1 and meeting_id = $2 and person_id = $3 and admission = 'admitted'`,
      [orgId, meetingId, personId],
    );
    if (!row) return null;
    return row.role === 'host' || row.role === 'co-host' ? 'moderator' : 'participant';
  }

  /** By its id alone, for nodes that have people in it. Null: there is none. */
  async find(id: string): Promise<MeetingRecord | null> {
    const [row] = await this.#deps.database.query<MeetingRecord>(`select ${columns} from ${from} where m.id = $1`, [id]);
    return row ?? null;
  }

  /** Ids of meetings that are on and were seen last before a time. */
  async liveBefore(time: number): Promise<string[]> {
    const rows = await this.#deps.database.query<{ id: string }>(
      `select id from meetings where status = 'live' and (seen_at is null or seen_at <= $1)`,
      [new Date(time)],
    );
    return rows.map(({ id }) => id);
  }

  /** Ends the stays of a meeting but those. */
  async closeStays(record: MeetingRecord, kept: readonly string[], when: 'now' | 'when seen last'): Promise<void> {
    await this.#deps.database.query(
      `update meeting_stays s set left_at = greatest(s.joined_at, case when $4 then $5 else coalesce(m.seen_at, $5) end)
       from meetings m where m.id = s.meeting_id and s.org_id = $1 and s.meeting_id = $2 and s.left_at is null and not s.id = any($3::uuid[])`,
      [record.orgId, record.id, kept, when === 'now', new Date(this.#deps.clock.now())],
    );
  }

  /** It had not ended: its node was thought lost. */
  async reopenStay(record: MeetingRecord, stayId: string): Promise<void> {
    await this.#deps.database.query('update meeting_stays set left_at = null where org_id = $1 and meeting_id = $2 and id = $3', [
      record.orgId,
      record.id,
      stayId,
    ]);
  }

  /** After a crash: ends the stays when the server was last seen, and gives the meetings that were live. */
  async recover(): Promise<MeetingRecord[]> {
    const { database } = this.#deps;
    await database.query(
      `update meeting_stays s set left_at = greatest(s.joined_at, m.seen_at) from meetings m where m.id = s.meeting_id and s.left_at is null and m.status = 'live'`,
    );
    return database.query<MeetingRecord>(`select ${columns} from ${from} where m.status = 'live'`);
  }
}

function encodeCursor(at: Date, id: string): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');
}

function decodeCursor(cursor: string): { at: string; id: string } {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (!/^\d{4}-/.test(at) || !(Date.parse(at) >= 0) || encodeCursor(new Date(at), id) !== cursor || !isId(id))
    throw new CausewayError('REQUEST_INVALID', { field: 'cursor', fill: { detail: 'cursor' } });
  return { at, id };
}
