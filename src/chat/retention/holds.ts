/**
 * Legal holds: what one covers is kept, whatever a policy, a recall or an edit says, until it is
 * released with a reason. A hold that names people covers what they wrote and every conversation that
 * they are or were in; one that names nothing covers the organisation.
 */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { assertAdministrator } from './administrators.js';
import type { Hold } from './schema.js';

export interface HoldsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

export interface NewHold {
  readonly name: string;
  readonly matter: string;
  readonly reason: string;
  readonly conversationIds: readonly string[];
  readonly personIds: readonly string[];
  readonly since: Date | null;
  readonly until: Date | null;
}

interface Row {
  id: string;
  name: string;
  matter: string;
  reason: string;
  everything: boolean;
  since: Date | null;
  until: Date | null;
  created_by_name: string;
  created_at: Date;
  released_by_name: string | null;
  released_at: Date | null;
  release_reason: string | null;
  conversations: { id: string; title: string }[];
  people: { id: string; name: string }[];
}

/** Sets the locks of holds apart from other advisory locks of the database. */
const lockSpace = 0x68_6f_6c_64;

/** Whether the message `m` is under an active hold. */
export const messageIsHeld = `exists (
  select 1 from legal_holds h
  where h.org_id = m.org_id and h.released_at is null
    and (h.since is null or m.sent_at >= h.since) and (h.until is null or m.sent_at < h.until)
    and (h.everything
      or exists (select 1 from legal_hold_conversations hc where hc.hold_id = h.id and hc.conversation_id = m.conversation_id)
      or exists (select 1 from legal_hold_people hp where hp.hold_id = h.id and (hp.person_id = m.sender_id
           or exists (select 1 from conversation_stays s where s.conversation_id = m.conversation_id and s.person_id = hp.person_id)))))`;

export class Holds {
  readonly #deps: HoldsDeps;

  constructor(deps: HoldsDeps) {
    this.#deps = deps;
  }

  /** Newest first, released ones too. @throws AUTH_FORBIDDEN */
  async list(by: Principal): Promise<Hold[]> {
    assertAdministrator(by);
    return (await find(this.#deps.database, by.orgId, null)).map(present);
  }

  /** When it returns, nothing that it covers is deleted any more. @throws AUTH_FORBIDDEN, CHAT_NOT_FOUND, PERSON_NOT_FOUND, REQUEST_INVALID */
  async create(by: Principal, hold: NewHold): Promise<Hold> {
    assertAdministrator(by);
    if (hold.since && hold.until && hold.since >= hold.until)
      throw new CausewayError('REQUEST_INVALID', { field: 'until', fill: { detail: 'until: not after since' } });
    const { database, clock, audit } = this.#deps;
    const { orgId } = by;
    const [conversationIds, personIds] = [[...new Set(hold.conversationIds)], [...new Set(hold.personIds)]];
    const now = clock.now();
    const id = newId(now);
    return database.transaction(async (tx) => {
      // Deletions that are under way end first; those that come later see the hold.
      await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, orgId]);
      await tx.query(
        `insert into legal_holds (org_id, id, name, matter, reason, everything, since, until, created_by, created_by_name, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          orgId,
          id,
          hold.name,
          hold.matter,
          hold.reason,
          conversationIds.length === 0 && personIds.length === 0,
          hold.since,
          hold.until,
          by.personId,
          by.name,
          new Date(now),
        ],
      );
      const conversations = await tx.query(
        `insert into legal_hold_conversations (org_id, hold_id, conversation_id, title)
         select $1, $2, id, title from conversations where org_id = $1 and id = any($3) returning 1`,
        [orgId, id, conversationIds],
      );
      if (conversations.length < conversationIds.length) throw new CausewayError('CHAT_NOT_FOUND', { field: 'conversationIds' });
      const people = await tx.query(
        `insert into legal_hold_people (org_id, hold_id, person_id, name)
         select $1, $2, id, name from people where org_id = $1 and id = any($3) returning 1`,
        [orgId, id, personIds],
      );
      if (people.length < personIds.length) throw new CausewayError('PERSON_NOT_FOUND', { field: 'personIds' });
      await audit.record(tx, {
        orgId,
        actor: { id: by.personId, name: by.name },
        action: 'chat.hold-made',
        subject: { hold: id },
        detail: {
          name: hold.name,
          matter: hold.matter,
          reason: hold.reason,
          conversations: conversationIds.length,
          people: personIds.length,
          since: hold.since?.toISOString() ?? null,
          until: hold.until?.toISOString() ?? null,
        },
      });
      return one(await find(tx, orgId, id));
    });
  }

  /** @throws AUTH_FORBIDDEN, CHAT_HOLD_NOT_FOUND, CHAT_HOLD_RELEASED */
  async release(by: Principal, id: string, reason: string): Promise<Hold> {
    assertAdministrator(by);
    const { database, clock, audit } = this.#deps;
    const { orgId } = by;
    return database.transaction(async (tx) => {
      const before = one(await find(tx, orgId, id));
      const released = await tx.query(
        `update legal_holds set released_at = $3, released_by = $4, released_by_name = $5, release_reason = $6
         where org_id = $1 and id = $2 and released_at is null returning 1`,
        [orgId, id, new Date(clock.now()), by.personId, by.name, reason],
      );
      if (released.length === 0) throw new CausewayError('CHAT_HOLD_RELEASED');
      await audit.record(tx, {
        orgId,
        actor: { id: by.personId, name: by.name },
        action: 'chat.hold-released',
        subject: { hold: id },
        detail: { name: before.name, matter: before.matter, reason },
      });
      return one(await find(tx, orgId, id));
    });
  }

  /** Whether something of the conversation is held, in the transaction that would delete of it. */
  async covers(tx: Query, conversation: { orgId: string; conversationId: string }): Promise<boolean> {
    return (await this.holdOf(tx, conversation)) !== null;
  }

  /** The name of a hold that keeps something of the conversation, in the transaction that would delete of it; null: none. */
  async holdOf(tx: Query, { orgId, conversationId }: { orgId: string; conversationId: string }): Promise<string | null> {
    await this.lockOut(tx, orgId);
    const [row] = await tx.query<{ hold: string | null }>('select conversation_hold($1, $2) as hold', [orgId, conversationId]);
    return row?.hold ?? null;
  }

  /** @throws CHAT_HELD */
  async assertMayRemovePerson(orgId: string, personId: string): Promise<void> {
    const [row] = await this.#deps.database.query<{ hold: string | null }>('select person_hold($1, $2) as hold', [orgId, personId]);
    if (row?.hold != null) throw new CausewayError('CHAT_HELD', { fill: { hold: row.hold } });
  }

  /** Until the transaction ends, no hold begins: what it finds not to be held isn't. */
  async lockOut(tx: Query, orgId: string): Promise<void> {
    await tx.query('select pg_advisory_xact_lock_shared($1, hashtext($2))', [lockSpace, orgId]);
  }
}

function find(tx: Query, orgId: string, id: string | null): Promise<Row[]> {
  return tx.query<Row>(
    `select h.*,
       (select coalesce(jsonb_agg(jsonb_build_object('id', c.conversation_id, 'title', c.title) order by c.title), '[]')
        from legal_hold_conversations c where c.hold_id = h.id) as conversations,
       (select coalesce(jsonb_agg(jsonb_build_object('id', p.person_id, 'name', p.name) order by p.name), '[]')
        from legal_hold_people p where p.hold_id = h.id) as people
     from legal_holds h where h.org_id = $1 and ($2::uuid is null or h.id = $2) order by h.created_at desc, h.id desc`,
    [orgId, id],
  );
}

/** @throws CHAT_HOLD_NOT_FOUND */
function one([row]: readonly Row[]): Hold {
  if (!row) throw new CausewayError('CHAT_HOLD_NOT_FOUND');
  return present(row);
}

function present(row: Row): Hold {
  return {
    id: row.id,
    name: row.name,
    matter: row.matter,
    everything: row.everything,
    conversations: row.conversations,
    people: row.people,
    since: row.since?.toISOString() ?? null,
    until: row.until?.toISOString() ?? null,
    created: { by: row.created_by_name, at: row.created_at.toISOString(), reason: row.reason },
    released: row.released_at
      ? { by: row.released_by_name ?? '', at: row.released_at.toISOString(), reason: row.release_reason ?? '' }
      : null,
  };
}
