/** Conversations and who is in them. */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import type { Principal } from '../platform/principal.js';

export interface Membership {
  readonly conversationId: string;
  /** The member may read what comes after this number. */
  readonly visibleAfter: number;
}

export class Conversations {
  readonly #deps: { database: Database; clock: Clock };

  constructor(deps: { database: Database; clock: Clock }) {
    this.#deps = deps;
  }

  /** A conversation without members yet, in the caller's transaction. */
  async create(tx: Query, orgId: string, kind: 'meeting'): Promise<string> {
    const id = newId(this.#deps.clock.now());
    await tx.query('insert into conversations (org_id, id, kind, created_at) values ($1, $2, $3, $4)', [
      orgId,
      id,
      kind,
      new Date(this.#deps.clock.now()),
    ]);
    return id;
  }

  /** Adds a person, who reads everything or only what comes from now on. A member stays what he was. */
  async addMember(
    orgId: string,
    conversationId: string,
    personId: string,
    reads: 'everything' | 'from now on',
  ): Promise<Membership & { latest: number }> {
    const [row] = await this.#deps.database.query<{ visible_after: number; last_number: number }>(
      `with c as (select id, last_number from conversations where org_id = $1 and id = $2),
       added as (
         insert into conversation_members (org_id, conversation_id, person_id, visible_after)
         select $1, c.id, $3, case when $4 then 0 else c.last_number end from c
         on conflict (conversation_id, person_id) do update set person_id = excluded.person_id
         returning visible_after
       )
       select added.visible_after, c.last_number from added, c`,
      [orgId, conversationId, personId, reads === 'everything'],
    );
    if (!row) throw new CausewayError('CHAT_NOT_FOUND');
    return { conversationId, visibleAfter: row.visible_after, latest: row.last_number };
  }

  async removeMember(orgId: string, conversationId: string, personId: string): Promise<void> {
    await this.#deps.database.query('delete from conversation_members where org_id = $1 and conversation_id = $2 and person_id = $3', [
      orgId,
      conversationId,
      personId,
    ]);
  }

  /** What guests are members of is over; their tokens are good for longer. In the caller's transaction. */
  async removeGuests(tx: Query, orgId: string, conversationId: string): Promise<void> {
    await tx.query(
      `delete from conversation_members m using people p
       where m.org_id = $1 and m.conversation_id = $2 and p.id = m.person_id and p.role = 'guest'`,
      [orgId, conversationId],
    );
  }

  /** @throws CHAT_NOT_FOUND, for strangers and for conversations that don't exist alike. */
  async membership(principal: Principal, conversationId: string): Promise<Membership> {
    const [row] = await this.#deps.database.query<{ visible_after: number }>(
      'select visible_after from conversation_members where org_id = $1 and conversation_id = $2 and person_id = $3',
      [principal.orgId, conversationId, principal.personId],
    );
    if (!row) throw new CausewayError('CHAT_NOT_FOUND');
    return { conversationId, visibleAfter: row.visible_after };
  }
}
