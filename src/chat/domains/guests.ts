/**
 * Guests of conversations: people from outside, who come by an invitation to one conversation and see
 * what is written there from then on. Their accounts and invitations are kept by services/accounts;
 * here is what they are in conversations. There is no other way in for them: nobody can add a guest.
 */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { ConversationFace } from '../ports.js';
import type { DomainGuard } from './domain-guard.js';
import type { DomainRecords } from './domain-records.js';

export interface GuestsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly records: DomainRecords;
  readonly guard: DomainGuard;
  /** Tell the members and other nodes, after the commit. */
  readonly guestJoined: (guest: GuestThere) => Promise<void>;
  readonly guestRemoved: (by: Principal, guest: GuestThere) => Promise<void>;
}

/** A guest in a conversation. */
export interface GuestThere {
  readonly orgId: string;
  readonly conversationId: string;
  readonly personId: string;
  readonly name: string;
}

interface ConversationRow {
  id: string;
  kind: ConversationFace['kind'];
  title: string;
  domain_id: string | null;
  archived: boolean;
  role: 'member' | 'admin';
}

/** The rule that a domain has of its own. */
const noGuestsRule = 'No guests in this domain';

export class Guests {
  readonly #deps: GuestsDeps;

  constructor(deps: GuestsDeps) {
    this.#deps = deps;
  }

  /**
   * An admin of the conversation may invite, where guests may be.
   * @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN, CHAT_NO_GUESTS, CHAT_DOMAIN_REFUSED
   */
  async assertMayInvite(by: Principal, conversationId: string): Promise<void> {
    const { records, guard } = this.#deps;
    const row = await this.#ofAdmin(by, conversationId);
    if (row.archived || !takesGuests(row.kind)) throw new CausewayError('CHAT_NO_GUESTS');
    const { domains, defaultDomain } = await records.map(by.orgId);
    const domain = domains.find(({ id }) => id === row.domain_id) ?? defaultDomain;
    if (domain.guests) return;
    const conversation = { orgId: by.orgId, id: row.id, kind: row.kind, title: row.title, domainId: row.domain_id };
    await guard.refuse(by, conversation, { what: 'people', rule: noGuestsRule, from: 'outside', to: domain.name });
  }

  /** Guests who are in the conversation. @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN */
  async ofConversation(
    by: Principal,
    conversationId: string,
  ): Promise<{ id: string; name: string; email: string | null; joinedAt: Date }[]> {
    await this.#ofAdmin(by, conversationId);
    return this.#deps.database.query(
      `select p.id, p.name, p.email, m.joined_at as "joinedAt" from conversation_members m join people p on p.org_id = m.org_id and p.id = m.person_id
       where m.org_id = $1 and m.conversation_id = $2 and p.role = 'guest' order by m.joined_at, p.id`,
      [by.orgId, conversationId],
    );
  }

  /** What the invitation says that it leads to; null: there is no such conversation any more. */
  async title(orgId: string, conversationId: string): Promise<string | null> {
    const [row] = await this.#deps.database.query<{ title: string }>('select title from conversations where org_id = $1 and id = $2', [
      orgId,
      conversationId,
    ]);
    return row?.title ?? null;
  }

  /** Titles of the conversations that these guests are in. */
  async conversationsOf(orgId: string, personIds: readonly string[]): Promise<Map<string, { id: string; title: string }[]>> {
    const rows = await this.#deps.database.query<{ person_id: string; id: string; title: string }>(
      `select m.person_id, c.id, c.title from conversation_members m join conversations c on c.org_id = m.org_id and c.id = m.conversation_id
       where m.org_id = $1 and m.person_id = any($2) order by lower(c.title), c.id`,
      [orgId, personIds],
    );
    const found = new Map<string, { id: string; title: string }[]>();
    for (const { person_id, id, title } of rows) found.set(person_id, [...(found.get(person_id) ?? []), { id, title }]);
    return found;
  }

  /**
   * Makes the guest a member of this conversation and no other, in the transaction that uses up the
   * invitation. He belongs to the conversation's domain. @throws INVITATION_INVALID when guests may not be there any more
   */
  async admit(tx: Query, { orgId, conversationId, personId, name }: GuestThere): Promise<void> {
    const { records, audit } = this.#deps;
    const defaultDomain = await records.defaultDomain(orgId, tx);
    // What was written before is hidden from him, so events about it must carry no content from now on.
    const [row] = await tx.query<{ kind: ConversationFace['kind']; title: string; domain_id: string | null; last_number: number }>(
      `update conversations set hidden_up_to = greatest(hidden_up_to, last_number)
       where org_id = $1 and id = $2 and archived_at is null returning kind, title, domain_id, last_number`,
      [orgId, conversationId],
    );
    if (!row || !takesGuests(row.kind)) throw new CausewayError('INVITATION_INVALID');
    const domain = await records.domain(tx, orgId, row.domain_id ?? defaultDomain.id);
    if (!domain.guests) throw new CausewayError('INVITATION_INVALID');
    await tx.query(
      `insert into conversation_members (org_id, conversation_id, person_id, visible_after, read_number, joined_at)
       values ($1, $2, $3, $4, $4, $5) on conflict do nothing`,
      [orgId, conversationId, personId, row.last_number, new Date(this.#deps.clock.now())],
    );
    await tx.query('insert into person_domains (org_id, person_id, domain_id) values ($1, $2, $3) on conflict do nothing', [
      orgId,
      personId,
      domain.id,
    ]);
    await audit.record(tx, {
      orgId,
      actor: { id: personId, name },
      action: 'chat.guest-joined',
      subject: { conversation: conversationId, person: personId },
      detail: { domain: domain.name },
    });
  }

  /** Tells the others of him, after the commit. */
  admitted(guest: GuestThere): Promise<void> {
    return this.#deps.guestJoined(guest);
  }

  /** He is in no conversation any more. */
  async leaveAll(by: Principal, guest: { id: string; name: string }): Promise<void> {
    const { database, guestRemoved } = this.#deps;
    const rows = await database.query<{ conversation_id: string }>(
      'delete from conversation_members where org_id = $1 and person_id = $2 returning conversation_id',
      [by.orgId, guest.id],
    );
    for (const { conversation_id } of rows)
      await guestRemoved(by, { orgId: by.orgId, conversationId: conversation_id, personId: guest.id, name: guest.name });
  }

  async #ofAdmin(by: Principal, conversationId: string): Promise<ConversationRow> {
    const [row] = await this.#deps.database.query<ConversationRow>(
      `select c.id, c.kind, c.title, c.domain_id, c.archived_at is not null as archived, m.role
       from conversations c join conversation_members m on m.org_id = c.org_id and m.conversation_id = c.id
       where c.org_id = $1 and c.id = $2 and m.person_id = $3`,
      [by.orgId, conversationId, by.personId],
    );
    if (!row) throw new CausewayError('CHAT_NOT_FOUND');
    if (row.role !== 'admin') throw new CausewayError('CHAT_FORBIDDEN');
    return row;
  }
}

function takesGuests(kind: ConversationFace['kind']): boolean {
  return kind === 'group' || kind === 'project';
}
