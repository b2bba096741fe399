/** Conversations and who is in them: making, changing, coming and going. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import type { Principal } from '../platform/principal.js';
import type { ChatSessions } from './chat-sessions.js';
import type { ConversationKind, MemberRole, Members, Membership } from './members.js';
import type { PersonName, SystemWhat } from './message.js';
import type { MessageLog } from './message-log.js';
import type { ChatEvents, ConversationFace, MemberGuard, WithMessage } from './ports.js';

export interface ConversationsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: MessageLog;
  readonly members: Members;
  readonly sessions: ChatSessions;
  readonly guards: readonly MemberGuard[];
  /** Whether a conversation may be called this. @throws CHAT_DLP_BLOCKED */
  readonly checkTitle: (by: Principal, conversation: ConversationFace, text: string) => Promise<void>;
  /** What must not be sent is not kept as a draft either. */
  readonly refusalOfDraft: (conversation: ConversationFace, text: string) => Promise<CausewayError | null>;
  /** The data domain of a new conversation of these people when nobody said which; null: the default one. */
  readonly domainOf: (orgId: string, personIds: readonly string[]) => Promise<string | null>;
  readonly emit: (...event: ['members', ...ChatEvents['members']]) => void;
  readonly maxMembers: number;
}

export interface NewConversation {
  readonly kind: Exclude<ConversationKind, 'meeting'>;
  readonly title: string;
  readonly description: string;
  /** Besides the one who makes it. */
  readonly memberIds: readonly string[];
  readonly domainId: string | null;
  readonly historyFromJoin: boolean;
}

export interface ConversationPatch {
  readonly title?: string;
  readonly description?: string;
  readonly archived?: boolean;
}

export interface MemberFace extends PersonName {
  readonly role: MemberRole;
  readonly joinedAt: Date;
  readonly email: string | null;
}

export interface MinePatch {
  readonly notify?: 'all' | 'mentions' | 'nothing';
  readonly mutedUntil?: Date | null;
  readonly draft?: string;
}

export class Conversations {
  readonly #deps: ConversationsDeps;

  constructor(deps: ConversationsDeps) {
    this.#deps = deps;
  }

  /**
   * Makes a conversation. Two people have one direct conversation: asked for again, it is given again.
   *
   * @throws AUTH_FORBIDDEN, CHAT_MEMBERS, CHAT_DOMAIN_REFUSED, CHAT_DLP_BLOCKED, REQUEST_INVALID
   */
  async make(principal: Principal, wish: NewConversation): Promise<string> {
    mayMake(principal, wish.kind);
    const others = [...new Set(wish.memberIds.map((id) => id.toLowerCase()))].filter((id) => id !== principal.personId);
    if (wish.kind === 'direct' && others.length > 1)
      throw new CausewayError('CHAT_MEMBERS', { field: 'memberIds', fill: { detail: 'a direct conversation has two' } });
    const { database, clock, members } = this.#deps;
    const people = await this.#people(principal, others, others.length + 1);
    const directKey = wish.kind === 'direct' ? [principal.personId, others[0] ?? principal.personId].sort().join(' ') : null;
    if (directKey) {
      const known = await this.#direct(principal.orgId, directKey);
      if (known) return known;
    }
    const face: ConversationFace = {
      orgId: principal.orgId,
      id: newId(clock.now()),
      kind: wish.kind,
      title: wish.title,
      domainId: wish.domainId ?? (await this.#deps.domainOf(principal.orgId, [principal.personId, ...others])),
    };
    for (const guard of this.#deps.guards) await guard.checkMembers(principal, face, [principal.personId, ...others]);
    await this.#deps.checkTitle(principal, face, `${wish.title}\n${wish.description}`);
    const made = await database.transaction(async (tx) => {
      const now = new Date(clock.now());
      const rows = await tx.query(
        `insert into conversations (org_id, id, kind, title, description, domain_id, direct_key, created_by, history_from_join, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (org_id, direct_key) where direct_key is not null do nothing returning 1`,
        [
          face.orgId,
          face.id,
          face.kind,
          face.title,
          wish.description,
          face.domainId,
          directKey,
          principal.personId,
          wish.historyFromJoin,
          now,
        ],
      );
      if (rows.length === 0) return false;
      await insertMembers(tx, face, [principal.personId], 'admin', 0, now);
      await insertMembers(tx, face, others, wish.kind === 'direct' ? 'admin' : 'member', 0, now);
      return true;
    });
    // Both began at the same time: the other one's is it.
    if (!made) return (await this.#direct(principal.orgId, directKey ?? '')) ?? face.id;
    if (wish.kind !== 'direct') await this.#say(principal, face, 'created', people, wish.title);
    members.changed(face.id);
    this.#tellAdded(face, [principal.personId, ...others]);
    return face.id;
  }

  /** Title, description, archive. @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN, CHAT_DLP_BLOCKED */
  async patch(principal: Principal, conversationId: string, patch: ConversationPatch): Promise<void> {
    const { conversation } = await this.#managed(principal, conversationId);
    await this.#deps.checkTitle(principal, conversation, `${patch.title ?? ''}\n${patch.description ?? ''}`);
    const archived = patch.archived !== undefined && patch.archived !== conversation.archived ? patch.archived : undefined;
    const renamed = patch.title !== undefined && patch.title !== conversation.title;
    const change: WithMessage = async (tx) => {
      await tx.query(
        `update conversations set title = coalesce($3, title), description = coalesce($4, description),
           archived_at = case when $5::boolean is null then archived_at when $5 then coalesce(archived_at, now()) else null end
         where org_id = $1 and id = $2`,
        [conversation.orgId, conversation.id, patch.title ?? null, patch.description ?? null, patch.archived ?? null],
      );
    };
    const what: SystemWhat = archived === undefined ? 'renamed' : archived ? 'archived' : 'unarchived';
    await this.#say(principal, conversation, what, [], renamed ? (patch.title ?? '') : conversation.title, change);
    this.#deps.members.changed(conversation.id);
    await this.#tellAll(conversation);
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
    const people = await this.#people(principal, fresh, conversation.memberCount + fresh.length);
    for (const guard of this.#deps.guards) await guard.checkMembers(principal, conversation, fresh);
    await this.#say(principal, conversation, 'members-added', people, '', async (tx) => {
      await this.#join(tx, conversation, fresh, 'by the conversation');
    });
    this.#deps.members.changed(conversation.id);
    this.#tellAdded(conversation, fresh);
  }

  /** Somebody leaves, or is put out. @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN */
  async takeOut(principal: Principal, conversationId: string, personId: string): Promise<void> {
    const { conversation, role } = await this.#deps.members.of(principal, conversationId);
    const leaves = personId.toLowerCase() === principal.personId;
    if (conversation.kind === 'direct' || conversation.kind === 'meeting' || !(leaves || role === 'admin'))
      throw new CausewayError('CHAT_FORBIDDEN');
    const [person] = await this.list(principal, conversationId, [personId]);
    if (!person) return;
    await this.#say(principal, conversation, leaves ? 'member-left' : 'member-removed', [nameOf(person)], '', async (tx) => {
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
    this.#gone(conversation, [person.id]);
  }

  /** @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN; also for the last admin; a guest or an app can't be one: CHAT_MEMBERS */
  async setRole(principal: Principal, conversationId: string, personId: string, role: MemberRole): Promise<void> {
    const { conversation } = await this.#managed(principal, conversationId);
    const [person] = await this.list(principal, conversationId, [personId]);
    if (!person || person.role === role) return;
    if (person.external || person.app) throw new CausewayError('CHAT_MEMBERS', { fill: { detail: person.name } });
    await this.#say(principal, conversation, 'role-changed', [nameOf(person)], role, async (tx) => {
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

  /** What is the member's own. @throws CHAT_NOT_FOUND, CHAT_DLP_BLOCKED */
  async patchMine(principal: Principal, conversationId: string, patch: MinePatch): Promise<void> {
    const { conversation } = await this.#deps.members.of(principal, conversationId);
    const refusal = patch.draft ? await this.#deps.refusalOfDraft(conversation, patch.draft) : null;
    // The draft before was the beginning of this one. The device hears of it, so that it keeps what is in its field.
    const draft = refusal ? '' : patch.draft;
    await this.#deps.database.query(
      `update conversation_members set notify = coalesce($4, notify), draft = coalesce($5, draft),
         muted_until = case when $6 then $7::timestamptz else muted_until end, version = version + 1
       where org_id = $1 and conversation_id = $2 and person_id = $3`,
      [
        conversation.orgId,
        conversation.id,
        principal.personId,
        patch.notify ?? null,
        draft ?? null,
        patch.mutedUntil !== undefined,
        patch.mutedUntil ?? null,
      ],
    );
    if (refusal) throw refusal;
  }

  // For other parts, which have decided already who may

  /** A conversation without members yet, in the caller's transaction. */
  async create(tx: Query, orgId: string, kind: ConversationKind, title: string): Promise<string> {
    const id = newId(this.#deps.clock.now());
    await tx.query('insert into conversations (org_id, id, kind, title, created_at) values ($1, $2, $3, $4, $5)', [
      orgId,
      id,
      kind,
      title,
      new Date(this.#deps.clock.now()),
    ]);
    return id;
  }

  /** In the caller's transaction. */
  async rename(tx: Query, orgId: string, conversationId: string, title: string): Promise<void> {
    await tx.query('update conversations set title = $3 where org_id = $1 and id = $2', [orgId, conversationId, title]);
  }

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
      this.#tellAdded({ orgId, id: conversationId }, [personId]);
    }
    return { conversationId, ...row };
  }

  async removeMember(orgId: string, conversationId: string, personId: string): Promise<void> {
    const rows = await this.#deps.database.query(
      'delete from conversation_members where org_id = $1 and conversation_id = $2 and person_id = $3 returning 1',
      [orgId, conversationId, personId],
    );
    if (rows.length > 0) this.#gone({ orgId, id: conversationId }, [personId]);
  }

  /** What guests are members of is over; their tokens are good for longer. In the caller's transaction. Gives what to call after it. */
  async removeGuests(tx: Query, orgId: string, conversationId: string): Promise<() => void> {
    const rows = await tx.query<{ person_id: string }>(
      `delete from conversation_members m using people p
       where m.org_id = $1 and m.conversation_id = $2 and p.id = m.person_id and p.role = 'guest' returning m.person_id`,
      [orgId, conversationId],
    );
    const guests = rows.map(({ person_id }) => person_id);
    return () => this.#gone({ orgId, id: conversationId }, guests);
  }

  /** Another part has changed who is in the conversation, or where it is: a system line, and everybody hears of it. After its commit. */
  async announce(
    by: Pick<Principal, 'personId' | 'name'>,
    conversation: { orgId: string; id: string },
    line: { what: SystemWhat; people: readonly PersonName[]; text: string },
    { added = [], removed = [] }: { added?: readonly string[]; removed?: readonly string[] } = {},
  ): Promise<void> {
    this.#deps.members.changed(conversation.id);
    await this.#say(by, conversation, line.what, line.people, line.text, undefined, false);
    if (added.length > 0) this.#tellAdded(conversation, added);
    this.#gone(conversation, removed);
    await this.#tellAll(conversation);
  }

  /** Another part has changed what members see of it: their pages look again. After its commit. */
  async refresh(conversation: { orgId: string; id: string }): Promise<void> {
    this.#deps.members.changed(conversation.id);
    await this.#tellAll(conversation);
  }

  // Helpers

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

  async #managed(principal: Principal, conversationId: string): Promise<Membership> {
    const membership = await this.#deps.members.of(principal, conversationId);
    const { kind } = membership.conversation;
    if (membership.role !== 'admin' || kind === 'direct' || kind === 'meeting') throw new CausewayError('CHAT_FORBIDDEN');
    return membership;
  }

  async #direct(orgId: string, directKey: string): Promise<string | null> {
    const [row] = await this.#deps.database.query<{ id: string }>('select id from conversations where org_id = $1 and direct_key = $2', [
      orgId,
      directKey,
    ]);
    return row?.id ?? null;
  }

  /** People whom the caller may bring in: accounts and apps of his organisation. Guests come by invitation. */
  async #people(principal: Principal, ids: readonly string[], members: number): Promise<PersonName[]> {
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

  /** A system line, with the change that it tells of in the same transaction; nothing of both when who does it is no member any more. */
  async #say(
    principal: Pick<Principal, 'personId' | 'name'>,
    conversation: { orgId: string; id: string },
    what: SystemWhat,
    people: readonly PersonName[],
    text: string,
    change?: WithMessage,
    asMember = true,
  ): Promise<void> {
    await this.#deps.log.append(
      {
        orgId: conversation.orgId,
        conversationId: conversation.id,
        senderId: principal.personId,
        senderName: principal.name,
        clientId: randomUUID(),
        body: '',
        kind: 'system',
        extra: { system: { what, people: people.slice(0, 50), text } },
      },
      change,
      { asMember },
    );
  }

  #tellAdded(conversation: { orgId: string; id: string }, personIds: readonly string[]): void {
    this.#deps.sessions.tell(personIds, { conversationChanged: conversation.id });
    this.#deps.emit('members', { orgId: conversation.orgId, conversationId: conversation.id }, personIds, []);
  }

  async #tellAll(conversation: { orgId: string; id: string }): Promise<void> {
    const { members, sessions, database } = this.#deps;
    sessions.tell(await members.all(database, conversation.orgId, conversation.id), { conversationChanged: conversation.id });
  }

  #gone(conversation: { orgId: string; id: string }, personIds: readonly string[]): void {
    if (personIds.length === 0) return;
    const { members, sessions, emit } = this.#deps;
    members.changed(conversation.id);
    sessions.leave(conversationTopic(conversation.id), personIds);
    sessions.tell(personIds, { conversationRemoved: conversation.id });
    emit('members', { orgId: conversation.orgId, conversationId: conversation.id }, [], personIds);
  }
}

export function conversationTopic(conversationId: string): string {
  return `conversation/${conversationId}`;
}

/** Gives how many were no members yet. */
async function insertMembers(
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

function mayMake(principal: Principal, kind: ConversationKind): void {
  if (principal.role === 'guest' || principal.role === 'app') throw new CausewayError('AUTH_FORBIDDEN');
  const forAdministrators = kind === 'department' || kind === 'announcement';
  if (forAdministrators && principal.role === 'member') throw new CausewayError('AUTH_FORBIDDEN');
}

function nameOf({ id, name, external = false, app = false }: PersonName): PersonName {
  return { id, name, external, app };
}
