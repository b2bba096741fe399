/**
 * Who is in which conversation, as what. Every call asks, therefore answers are kept for a while: on
 * one node until something changes; of several nodes each tells the others, and because a word between
 * nodes may be lost, nothing is believed for longer than `believeSharedMs`.
 *
 * Questions of one turn go to the database as one query.
 */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { isId } from '../platform/ids.js';
import type { Principal } from '../platform/principal.js';
import type { ConversationFace } from './ports.js';

export type ConversationKind = ConversationFace['kind'];
export type MemberRole = 'member' | 'admin';

export interface Membership {
  readonly conversation: ConversationFace & { readonly archived: boolean; readonly memberCount: number };
  readonly conversationId: string;
  readonly role: MemberRole;
  /** The member may read what comes after this number. */
  readonly visibleAfter: number;
}

export interface MembersDeps {
  readonly database: Database;
  readonly clock: Clock;
  /** Other nodes may change members too. */
  readonly shared: boolean;
  /** Tells other nodes to forget what they know of a conversation. */
  readonly tellOthers: (conversationId: string) => void;
}

interface Known {
  readonly membership: Membership | null;
  readonly until: number;
}

interface Question {
  readonly personId: string;
  readonly conversationId: string;
  readonly answer: (membership: Membership | null) => void;
  readonly fail: (error: unknown) => void;
}

interface Row {
  conversation_id: string;
  person_id: string;
  role: MemberRole;
  visible_after: number;
  org_id: string;
  kind: ConversationKind;
  title: string;
  domain_id: string | null;
  archived: boolean;
  member_count: number;
}

const believeMs = 60_000;
const believeSharedMs = 10_000;
/** Conversations that are kept in mind, at most; the oldest are forgotten. */
const keptConversations = 20_000;

export class Members {
  readonly #deps: MembersDeps;
  /** By conversation, then by person. */
  readonly #known = new Map<string, Map<string, Known>>();
  /** Counts what was forgotten: an answer that was on its way then is not kept. */
  #forgotten = 0;
  #questions: Question[] = [];

  constructor(deps: MembersDeps) {
    this.#deps = deps;
  }

  /** @throws CHAT_NOT_FOUND, for strangers and for conversations that don't exist alike. */
  async of(principal: { orgId: string; personId: string }, conversationId: string): Promise<Membership> {
    if (!isId(conversationId)) throw new CausewayError('CHAT_NOT_FOUND');
    const membership = await this.#find(principal.personId, conversationId.toLowerCase());
    if (membership?.conversation.orgId !== principal.orgId) throw new CausewayError('CHAT_NOT_FOUND');
    return membership;
  }

  /** Of these people, those who are members. */
  async among(conversationId: string, personIds: readonly string[]): Promise<Set<string>> {
    const found = await Promise.all(personIds.map(async (id) => ((await this.#find(id, conversationId)) ? [id] : [])));
    return new Set(found.flat());
  }

  /** Something about the conversation or its members is another one now, on all nodes. Call it after the commit. */
  changed(conversationId: string): void {
    this.forget(conversationId);
    if (this.#deps.shared) this.#deps.tellOthers(conversationId);
  }

  /** Another node says so. */
  forget(conversationId: string): void {
    this.#known.delete(conversationId);
    this.#forgotten += 1;
  }

  /** Of these people, those whom the person may know of: colleagues, and for a guest those who share a conversation with him. */
  async knownTo(principal: Principal, personIds: readonly string[]): Promise<string[]> {
    const rows = await this.#deps.database.query<{ id: string }>(
      `select p.id from people p where p.org_id = $1 and p.id = any($3) and ($4 or exists (
         select 1 from conversation_members a join conversation_members b on b.conversation_id = a.conversation_id
         where a.person_id = $2 and b.person_id = p.id))`,
      [principal.orgId, principal.personId, personIds.filter(isId), principal.role !== 'guest'],
    );
    return rows.map(({ id }) => id);
  }

  /** All members, for those who must reach everybody. */
  async all(tx: Query, orgId: string, conversationId: string): Promise<string[]> {
    const rows = await tx.query<{ person_id: string }>(
      'select person_id from conversation_members where org_id = $1 and conversation_id = $2',
      [orgId, conversationId],
    );
    return rows.map(({ person_id }) => person_id);
  }

  #find(personId: string, conversationId: string): Promise<Membership | null> {
    const known = this.#known.get(conversationId)?.get(personId);
    if (known && known.until > this.#deps.clock.now()) return Promise.resolve(known.membership);
    return new Promise((answer, fail) => {
      this.#questions.push({ personId, conversationId, answer, fail });
      if (this.#questions.length === 1) setImmediate(() => void this.#ask(this.#questions.splice(0)));
    });
  }

  async #ask(questions: readonly Question[]): Promise<void> {
    const before = this.#forgotten;
    try {
      const rows = await this.#deps.database.query<Row>(
        `with counts as (
           select conversation_id, count(*)::int as members from conversation_members where conversation_id = any($3) group by 1
         )
         select m.conversation_id, m.person_id, m.role, m.visible_after, c.org_id, c.kind, c.title, c.domain_id,
                c.archived_at is not null as archived, counts.members as member_count
         from unnest($1::uuid[], $2::uuid[]) as q (conversation_id, person_id)
         join conversation_members m on m.conversation_id = q.conversation_id and m.person_id = q.person_id
         join conversations c on c.id = m.conversation_id
         join counts on counts.conversation_id = c.id`,
        [questions.map((q) => q.conversationId), questions.map((q) => q.personId), [...new Set(questions.map((q) => q.conversationId))]],
      );
      const found = new Map(rows.map((row) => [`${row.conversation_id}/${row.person_id}`, toMembership(row)]));
      for (const { conversationId, personId, answer } of questions) {
        const membership = found.get(`${conversationId}/${personId}`) ?? null;
        // Who is no member is not kept in mind: strangers could fill it.
        if (membership && before === this.#forgotten) this.#keep(conversationId, personId, membership);
        answer(membership);
      }
    } catch (error) {
      for (const { fail } of questions) fail(error);
    }
  }

  #keep(conversationId: string, personId: string, membership: Membership): void {
    const people = this.#known.get(conversationId) ?? new Map<string, Known>();
    this.#known.set(conversationId, people);
    people.set(personId, { membership, until: this.#deps.clock.now() + (this.#deps.shared ? believeSharedMs : believeMs) });
    if (this.#known.size <= keptConversations) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

function toMembership(row: Row): Membership {
  return {
    conversationId: row.conversation_id,
    role: row.role,
    visibleAfter: row.visible_after,
    conversation: {
      orgId: row.org_id,
      id: row.conversation_id,
      kind: row.kind,
      title: row.title,
      domainId: row.domain_id,
      archived: row.archived,
      memberCount: row.member_count,
    },
  };
}
