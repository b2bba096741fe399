/**
 * Guests of conversations: invited by e-mail to one conversation, with an account that can sign in and
 * see that conversation alone. What conversations are, this part doesn't know: see `GuestDoor`.
 */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, newId, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { Invitations } from './invitations.js';
import { hashPassword } from './passwords.js';
import { insertAccount } from './people.js';
import type { Guest } from './schema.js';
import type { Grant, SignIns } from './sign-ins.js';

/** Who accepts. */
export interface Accepted {
  readonly orgId: string;
  readonly conversationId: string;
  readonly personId: string;
  readonly name: string;
}

/** The conversations, as guests come to them; handed over by the composition root. */
export interface GuestDoor {
  /** Null: there is no such conversation any more. */
  title(orgId: string, conversationId: string): Promise<string | null>;
  /** Makes the guest a member of that one conversation. @throws INVITATION_INVALID */
  admit(tx: Query, guest: Accepted): Promise<void>;
  /** After the commit. */
  admitted(guest: Accepted): Promise<void>;
  conversationsOf(orgId: string, personIds: readonly string[]): Promise<ReadonlyMap<string, readonly { id: string; title: string }[]>>;
  /** @throws CHAT_HELD when a legal hold keeps the person */
  assertMayRemove(orgId: string, personId: string): Promise<void>;
  leaveAll(by: Principal, guest: { id: string; name: string }): Promise<void>;
}

export interface GuestsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly signIns: SignIns;
  readonly invitations: Invitations;
  readonly lifeMs: number;
  readonly door: GuestDoor;
}

export interface GuestInvitation {
  readonly id: string;
  readonly email: string;
  readonly invitedBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

interface InvitationRow {
  id: string;
  email: string;
  inviter: string;
  created_at: Date;
  expires_at: Date;
}

const open = 'accepted_at is null and withdrawn_at is null';

export class Guests {
  readonly #deps: GuestsDeps;

  constructor(deps: GuestsDeps) {
    this.#deps = deps;
  }

  /** Whether the caller may invite to this conversation is decided before. @throws ACCOUNT_EMAIL_TAKEN */
  async invite(by: Principal, email: string, conversationId: string): Promise<{ invitation: GuestInvitation; token: string }> {
    const { database, clock, audit, lifeMs } = this.#deps;
    const token = newSecret();
    const now = clock.now();
    const invitation = { id: newId(now), email, createdAt: new Date(now), expiresAt: new Date(now + lifeMs) };
    await database.transaction(async (tx) => {
      // Colleagues are added as members. A guest may be invited to a second conversation.
      const taken = await tx.query(`select 1 from people where org_id = $1 and email = $2 and role <> 'guest'`, [by.orgId, email]);
      if (taken.length > 0) throw new CausewayError('ACCOUNT_EMAIL_TAKEN', { field: 'email' });
      await tx.query(
        `insert into invitations (org_id, id, email, role, conversation_id, invited_by, token_hash, created_at, expires_at)
         values ($1, $2, $3, 'guest', $4, $5, $6, $7, $8)`,
        [by.orgId, invitation.id, email, conversationId, by.personId, hashSecret(token), invitation.createdAt, invitation.expiresAt],
      );
      await audit.record(tx, {
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'chat.guest-invited',
        subject: { conversation: conversationId, invitation: invitation.id },
        detail: { email },
      });
    });
    const { createdAt, expiresAt } = invitation;
    return {
      invitation: { ...invitation, invitedBy: by.name, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() },
      token,
    };
  }

  /** Invitations to the conversation that are open, oldest first. Who may see them is decided before. */
  async ofConversation(by: Principal, conversationId: string): Promise<GuestInvitation[]> {
    const rows = await this.#deps.database.query<InvitationRow>(
      `select i.id, i.email, p.name as inviter, i.created_at, i.expires_at from invitations i join people p on p.id = i.invited_by
       where i.org_id = $1 and i.conversation_id = $2 and i.${open} and i.expires_at > $3 order by i.created_at`,
      [by.orgId, conversationId, new Date(this.#deps.clock.now())],
    );
    return rows.map((row) => ({
      id: row.id,
      email: row.email,
      invitedBy: row.inviter,
      createdAt: row.created_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
    }));
  }

  /** What an invitation's page says beside its face: where it leads, and whether the guest has an account. */
  async face(token: string): Promise<{ conversation: string | null; known: boolean }> {
    const { database, door } = this.#deps;
    const [row] = await database.query<{ org_id: string; conversation_id: string | null; known: boolean }>(
      `select i.org_id, i.conversation_id, exists (select 1 from people p where p.org_id = i.org_id and p.email = i.email and p.role = 'guest') as known
       from invitations i where i.token_hash = $1`,
      [hashSecret(token)],
    );
    if (!row?.conversation_id) return { conversation: null, known: false };
    return { conversation: await door.title(row.org_id, row.conversation_id), known: row.known };
  }

  /**
   * Makes the guest's account, or takes the one that he has when the password is its own, and lets him
   * into the conversation. @throws INVITATION_INVALID, ACCOUNT_EMAIL_TAKEN, AUTH_WRONG, REQUEST_RATE
   */
  async accept(token: string, name: string, password: string, client: string): Promise<Grant> {
    const { database, clock, signIns, invitations, door } = this.#deps;
    const { email } = await invitations.face(token);
    let admitted: Accepted | undefined;
    const use = async (tx: Query): Promise<{ orgId: string; conversationId: string }> => {
      const now = new Date(clock.now());
      const [row] = await tx.query<{ org_id: string; conversation_id: string }>(
        `update invitations set accepted_at = $2 where token_hash = $1 and role = 'guest' and ${open} and expires_at > $2 returning org_id, conversation_id`,
        [hashSecret(token), now],
      );
      if (!row) throw new CausewayError('INVITATION_INVALID');
      return { orgId: row.org_id, conversationId: row.conversation_id };
    };
    const { known } = await this.face(token);
    let grant: Grant;
    if (known) {
      grant = await signIns.withPassword(email, password, client);
      const { person } = grant;
      admitted = await database.transaction(async (tx) => {
        const { orgId, conversationId } = await use(tx);
        // Between the look and the sign-in the account may have gone to another organisation.
        if (person.role !== 'guest' || person.organisation.id !== orgId) throw new CausewayError('INVITATION_INVALID');
        const guest = { orgId, conversationId, personId: person.id, name: person.name };
        await door.admit(tx, guest);
        return guest;
      });
    } else {
      const passwordHash = await hashPassword(password);
      grant = await signIns.withProof(client, async (tx) => {
        const { orgId, conversationId } = await use(tx);
        const guest = { orgId, conversationId, personId: newId(clock.now()), name };
        await insertAccount(tx, { ...guest, role: 'guest', email, passwordHash, now: new Date(clock.now()) });
        await door.admit(tx, guest);
        admitted = guest;
        return guest;
      });
    }
    if (admitted) await door.admitted(admitted);
    return grant;
  }

  /** Guests with accounts, by name. @throws AUTH_FORBIDDEN */
  async list(by: Principal): Promise<Guest[]> {
    assertAdministrator(by);
    const rows = await this.#deps.database.query<{ id: string; name: string; email: string; created_at: Date }>(
      `select id, name, email, created_at from people where org_id = $1 and role = 'guest' and email is not null order by lower(name), id`,
      [by.orgId],
    );
    const conversations = await this.#deps.door.conversationsOf(
      by.orgId,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      email: row.email,
      createdAt: row.created_at.toISOString(),
      conversations: [...(conversations.get(row.id) ?? [])],
    }));
  }

  /** Signs the guest out everywhere and forgets him. What he wrote stays, with his name. @throws AUTH_FORBIDDEN, PERSON_NOT_FOUND, CHAT_HELD */
  async remove(by: Principal, personId: string): Promise<void> {
    assertAdministrator(by);
    const { database, signIns, audit, door } = this.#deps;
    const { orgId } = by;
    const [guest] = await database.query<{ id: string; name: string; email: string }>(
      `select id, name, email from people where org_id = $1 and id = $2 and role = 'guest' and email is not null`,
      [orgId, personId],
    );
    if (!guest) throw new CausewayError('PERSON_NOT_FOUND');
    await door.assertMayRemove(orgId, guest.id);
    // First the ways in: from here on he sees nothing more, whatever fails below.
    await database.query('update people set password_hash = null where org_id = $1 and id = $2', [orgId, guest.id]);
    await signIns.revoke({ orgId, personId: guest.id }, 'all');
    await door.leaveAll(by, guest);
    await database.transaction(async (tx) => {
      const gone = await tx.query('delete from people where org_id = $1 and id = $2 returning 1', [orgId, guest.id]);
      if (gone.length === 0) return;
      await audit.record(tx, {
        orgId,
        actor: { id: by.personId, name: by.name },
        action: 'accounts.guest-removed',
        subject: { person: guest.id },
        detail: { name: guest.name, email: guest.email },
      });
    });
  }
}

/** @throws AUTH_FORBIDDEN */
function assertAdministrator({ role }: Principal): void {
  if (role !== 'owner' && role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
}
