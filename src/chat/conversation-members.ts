/** Who is in a conversation: coming, going, roles. */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Principal } from '../platform/principal.js';
import type { ChatSessions } from './chat-sessions.js';
import type { ConversationNews } from './conversation-news.js';
import type { MemberRole, Members, Membership } from './members.js';
import type { PersonName } from './message.js';
import type { MemberGuard } from './ports.js';

export interface ConversationMembersDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly members: Members;
  readonly sessions: ChatSessions;
  readonly guards: readonly MemberGuard[];
  readonly news: ConversationNews;
  readonly maxMembers: number;
}

export interface MemberFace extends PersonName {
  readonly role: MemberRole;
  readonly joinedAt: Date;
  readonly email: string | null;
}

export class ConversationMembers {
  readonly #deps: ConversationMembersDeps;

  constructor(deps: ConversationMembersDeps) {
    this.#deps = deps;
  }

  /** @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN, CHAT_MEMBERS, CHAT_DOMAIN_REFUSED, CHAT_ARCHIVED */
  async addMembers(principal: Principal, conversationId: string, personIds: readonly string[]): Promise<void> {
    const membership = await this.#deps.members.of(principal, conversationId);
    const { conversation, role } = membership;
    const anybody = conversation.kind === 'group' || conversation.kind === 'project';
    if (principal.role === 'guest' || conversation.kind === 'direct' || conversation.kind === 'meeting' || !(anybody || role === 'admin'))
      throw new CausewayError('CHAT_FORBIDDEN');
    if (conversation.archived) throw new CausewayError('CHAT_ARCHIVED');
    const asked = [...new Set(personIds.map((id) => id.toLowerCase()))];
    const there = await this.#deps.members.among(conversation.id, asked);
    const fresh = asked.filter((id) => !there.has(id));
    if (fresh.length === 0) return;
    const people = await this.people(principal, fresh, conversation.memberCount + fresh.length);
    for (const guard of this.#deps.guards) await guard.checkMembers(principal, conversation, fresh);
    await this.#deps.news.say(principal, conversation, 'members-added', people, '', async (tx) => {
      await this.#join(tx, conversation, fresh, 'by the conversation');
    });
    this.#deps.members.changed(conversation.id);
    this.#deps.news.added(conversation, fresh);
  }

  /** Somebody leaves, or is put out. @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN */
  async takeOut(principal: Principal, conversationId: string, personId: string): Promise<void> {
    const { conversation, role } = await this.#deps.members.of(principal, conversationId);
    const leaves = personId.toLowerCase() === principal.personId;
    if (conversation.kind === 'direct' || conversation.kind === 'meeting' || !(leaves || role === 'admin'))
      throw new CausewayError('CHAT_FORBIDDEN');
    const [person] = await this.list(principal, conversationId, [personId]);
    if (!person) return;
    await this.#deps.news.say(principal, conversation, leaves ? 'member-left' : 'member-removed', [nameOf(person)], '', async (tx) => {
      await tx.query('delete from conversation_members where org_id = $1 and conversation_id = $2 and person_id = $3', [
        conversation.orgId,
        conversation.id,
        person.id,
      ]);
      // Somebody must be able to look after it: the one who is there longest.
      await tx.query(
        `update conversation_members set role = 'admin', version = version + 1 where conversation_id = $1 and person_id = (
           select m.person_id from conversation_members m join people p on p.id = m.person_id
           where m.conversation_id = $1 and p.role not in ('guest', 'app') order by m.joined_at, m.person_id limit 1)
         and not exists (select 1 from conversation_members where conversation_id = $1 and role = 'admin')`,
        [conversation.id],
      );
    });
    this.#deps.news.gone(conversation, [person.id]);
  }

  /** @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN; also for the last admin; a guest or an app can't be one: CHAT_MEMBERS */
  async setRole(principal: Principal, conversationId: string, personId: string, role: MemberRole): Promise<void> {
    const { conversation } = managed(await this.#deps.members.of(principal, conversationId));
    const [person] = await this.list(principal, conversationId, [personId]);
    if (!person || person.role === role) return;
    if (person.external || person.app) throw new CausewayError('CHAT_MEMBERS', { fill: { detail: person.name } });
    await this.#deps.news.say(principal, conversation, 'role-changed', [nameOf(person)], role, async (tx) => {
      // Somebody must be able to look after it.
      const admins = await tx.query(
        `select 1 from conversation_members where conversation_id = $1 and person_id <> $2 and role = 'admin'`,
        [conversation.id, person.id],
      );
      if (role === 'member' && admins.length === 0) throw new CausewayError('CHAT_FORBIDDEN');
      await tx.query(
        'update conversation_members set role = $4, version = version + 1 where org_id = $1 and conversation_id = $2 and person_id = $3',
        [conversation.orgId, conversation.id, person.id, role],
      );
    });
    this.#deps.members.changed(conversation.id);
    this.#deps.sessions.tell([person.id], { conversationChanged: conversation.id });
  }

  /** Members by name, all or some. @throws CHAT_NOT_FOUND */
  async list(principal: Principal, conversationId: string, only: readonly string[] | null = null): Promise<MemberFace[]> {
    const { conversation } = await this.#deps.members.of(principal, conversationId);
    const rows = await this.#deps.database.query<{
      id: string;
      name: string;
      email: string | null;
      org_role: string;
      role: MemberRole;
      joined_at: Date;
    }>(
      `select p.id, p.name, p.email, p.role as org_role, m.role, m.joined_at from conversation_members m join people p on p.id = m.person_id
       where m.org_id = $1 and m.conversation_id = $2 and ($3::uuid[] is null or m.person_id = any($3)) order by lower(p.name), p.id`,
      [conversation.orgId, conversation.id, only],
    );
    return rows.map(({ id, name, email, org_role, role, joined_at }) => ({
      id,
      name,
      // Guests see who is there, not how to reach him; nor do apps that may not ask for people.
      email: principal.role === 'guest' || (principal.role === 'app' && !principal.scopes?.includes('people:read')) ? null : email,
      role,
      joinedAt: joined_at,
      external: org_role === 'guest',
      app: org_role === 'app',
    }));
  }

  /** People whom the caller may bring in: accounts and apps of his organisation. Guests come by invitation. */
  async people(principal: Principal, ids: readonly string[], members: number): Promise<PersonName[]> {
    const { database, maxMembers } = this.#deps;
    const bad = (detail: string) => new CausewayError('CHAT_MEMBERS', { field: 'memberIds', fill: { detail } });
    if (members > maxMembers) throw bad(`at most ${maxMembers}`);
    const rows = await database.query<{ id: string; name: string; role: string }>(
      `select id, name, role from people where org_id = $1 and id = any($2) and role <> 'guest'`,
      [principal.orgId, ids],
    );
    const found = new Set(rows.map(({ id }) => id));
    const unknown = ids.filter((id) => !found.has(id));
    if (unknown.length > 0) throw bad(unknown.slice(0, 5).join(', '));
    return rows.map(({ id, name, role }) => ({ id, name, app: role === 'app' }));
  }

  // For other parts, which have decided already who may

  /** Adds a person, who reads everything or only what comes from now on. A member stays what he was. */
  async addMember(
    orgId: string,
    conversationId: string,
    personId: string,
    reads: 'everything' | 'from now on',
  ): Promise<{ conversationId: string; visibleAfter: number; latest: number }> {
    const { database, members } = this.#deps;
    const { row, joined } = await database.transaction(async (tx) => {
      const [conversation] = await tx.query<{ last_number: number }>(
        'select last_number from conversations where org_id = $1 and id = $2 for update',
        [orgId, conversationId],
      );
      if (!conversation) throw new CausewayError('CHAT_NOT_FOUND');
      const joined = await this.#join(tx, { orgId, id: conversationId }, [personId], reads);
      const [row] = await tx.query<{ visible_after: number }>(
        'select visible_after from conversation_members where org_id = $1 and conversation_id = $2 and person_id = $3',
        [orgId, conversationId, personId],
      );
      return { row: { visibleAfter: row?.visible_after ?? 0, latest: conversation.last_number }, joined };
    });
    if (joined > 0) {
      members.changed(conversationId);
      this.#deps.news.added({ orgId, id: conversationId }, [personId]);
    }
    return { conversationId, ...row };
  }

  async removeMember(orgId: string, conversationId: string, personId: string): Promise<void> {
    const rows = await this.#deps.database.query(
      'delete from conversation_members where org_id = $1 and conversation_id = $2 and person_id = $3 returning 1',
      [orgId, conversationId, personId],
    );
    if (rows.length > 0) this.#deps.news.gone({ orgId, id: conversationId }, [personId]);
  }

  /** What guests are members of is over; their tokens are good for longer. In the caller's transaction. Gives what to call after it. */
  async removeGuests(tx: Query, orgId: string, conversationId: string): Promise<() => void> {
    const rows = await tx.query<{ person_id: string }>(
      `delete from conversation_members m using people p
       where m.org_id = $1 and m.conversation_id = $2 and p.id = m.person_id and p.role = 'guest' returning m.person_id`,
      [orgId, conversationId],
    );
    const guests = rows.map(({ person_id }) => person_id);
    return () => this.#deps.news.gone({ orgId, id: conversationId }, guests);
  }

  /** Only what comes from now on is read by who joins where the conversation says so. Gives how many were no members yet. */
  async #join(
    tx: Query,
    conversation: { orgId: string; id: string },
    personIds: readonly string[],
    reads: 'everything' | 'from now on' | 'by the conversation',
  ): Promise<number> {
    const [row] = await tx.query<{ last_number: number; history_from_join: boolean }>(
      'select last_number, history_from_join from conversations where org_id = $1 and id = $2 for update',
      [conversation.orgId, conversation.id],
    );
    const hides = reads === 'from now on' || (reads === 'by the conversation' && row?.history_from_join === true);
    const visibleAfter = hides ? (row?.last_number ?? 0) : 0;
    const joined = await insertMembers(tx, conversation, personIds, 'member', visibleAfter, new Date(this.#deps.clock.now()));
    if (joined > 0 && visibleAfter > 0)
      await tx.query('update conversations set hidden_up_to = greatest(hidden_up_to, $2) where id = $1', [conversation.id, visibleAfter]);
    return joined;
  }
}

/** @throws CHAT_FORBIDDEN unless the member may change the conversation */
export function managed(membership: Membership): Membership {
  const { kind } = membership.conversation;
  if (membership.role !== 'admin' || kind === 'direct' || kind === 'meeting') throw new CausewayError('CHAT_FORBIDDEN');
  return membership;
}

/** Gives how many were no members yet. */
export async function insertMembers(
  tx: Query,
  conversation: { orgId: string; id: string },
  personIds: readonly string[],
  role: MemberRole,
  visibleAfter: number,
  now: Date,
): Promise<number> {
  const rows = await tx.query(
    `insert into conversation_members (org_id, conversation_id, person_id, role, visible_after, read_number, joined_at)
     select $1, $2, person_id, $4, $5, $5, $6 from unnest($3::uuid[]) as t (person_id)
     on conflict (conversation_id, person_id) do nothing returning 1`,
    [conversation.orgId, conversation.id, personIds, role, visibleAfter, now],
  );
  return rows.length;
}

function nameOf({ id, name, external = false, app = false }: PersonName): PersonName {
  return { id, name, external, app };
}
