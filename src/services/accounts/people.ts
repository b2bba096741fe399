/** People of an organisation: the owner by the set-up link, members by invitation, guests by a meeting's link. */
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, newId, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { hashPassword } from './passwords.js';
import type { Person } from './schema.js';
import type { Grant, SignIns } from './sign-ins.js';

export interface NewOwner {
  readonly token: string;
  readonly organisation: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export interface NewGuest {
  readonly orgId: string;
  readonly meetingId: string;
  readonly name: string;
  /** The secret that the guest's browser keeps, if it was here before. */
  readonly device: string | undefined;
  readonly client: string;
}

export class People {
  readonly #deps: { database: Database; clock: Clock; signIns: SignIns };

  constructor(deps: { database: Database; clock: Clock; signIns: SignIns }) {
    this.#deps = deps;
  }

  async isSetUp(): Promise<boolean> {
    const rows = await this.#deps.database.query('select 1 from organisations limit 1');
    return rows.length > 0;
  }

  /** A fresh token for the owner link; the one before is void. Null: the server is set up. */
  async newSetupToken(): Promise<string | null> {
    if (await this.isSetUp()) return null;
    const token = newSecret();
    await this.#deps.database.query(
      `insert into setup_link (token_hash, created_at) values ($1, $2) on conflict (only_one) do update set token_hash = excluded.token_hash, created_at = excluded.created_at`,
      [hashSecret(token), new Date(this.#deps.clock.now())],
    );
    return token;
  }

  /** Makes the organisation and its owner, once. @throws ACCOUNT_SETUP_DONE, ACCOUNT_SETUP_LINK */
  async setUp(owner: NewOwner, client: string): Promise<Grant> {
    const { clock, signIns } = this.#deps;
    const passwordHash = await hashPassword(owner.password);
    return signIns.withProof(client, async (tx) => {
      const used = await tx.query('delete from setup_link where token_hash = $1 returning 1', [hashSecret(owner.token)]);
      if ((await tx.query('select 1 from organisations limit 1')).length > 0) throw new CausewayError('ACCOUNT_SETUP_DONE');
      if (used.length === 0) throw new CausewayError('ACCOUNT_SETUP_LINK');
      const orgId = newId(clock.now());
      const personId = newId(clock.now());
      const now = new Date(clock.now());
      await tx.query('insert into organisations (id, name, created_at) values ($1, $2, $3)', [orgId, owner.organisation, now]);
      await insertAccount(tx, { orgId, personId, name: owner.name, role: 'owner', email: owner.email, passwordHash, now });
      return { orgId, personId };
    });
  }

  /**
   * A guest of one meeting. The same browser is the same guest, so that one who was removed stays
   * removed; nothing else is kept of it than the hash of a random cookie.
   */
  async addGuest(guest: NewGuest): Promise<{ grant: Grant; device: string }> {
    const { clock, signIns } = this.#deps;
    const device = guest.device ?? newSecret();
    const grant = await signIns.withProof(guest.client, async (tx) => {
      const [row] = await tx.query<{ id: string }>(
        `insert into people (org_id, id, name, role, guest_of, device_hash, created_at) values ($1, $2, $3, 'guest', $4, $5, $6)
         on conflict (guest_of, device_hash) where device_hash is not null do update set name = excluded.name returning id`,
        [guest.orgId, newId(clock.now()), guest.name, guest.meetingId, hashSecret(device), new Date(clock.now())],
      );
      return { orgId: guest.orgId, personId: row?.id ?? '' };
    });
    return { grant, device };
  }

  async person(principal: Principal): Promise<Person> {
    const [row] = await this.#deps.database.query<{ name: string; email: string | null; role: Person['role']; org_name: string }>(
      'select p.name, p.email, p.role, o.name as org_name from people p join organisations o on o.id = p.org_id where p.org_id = $1 and p.id = $2',
      [principal.orgId, principal.personId],
    );
    if (!row) throw new CausewayError('AUTH_SIGNED_OUT');
    return {
      id: principal.personId,
      name: row.name,
      email: row.email,
      role: row.role,
      organisation: { id: principal.orgId, name: row.org_name },
    };
  }

  /** Accounts of the caller's organisation, by name. Guests are not listed. */
  async list(principal: Principal): Promise<Omit<Person, 'organisation'>[]> {
    return this.#deps.database.query<Omit<Person, 'organisation'>>(
      `select id, name, email, role from people where org_id = $1 and role not in ('guest', 'app') order by lower(name), id`,
      [principal.orgId],
    );
  }
}

/** @throws ACCOUNT_EMAIL_TAKEN */
export async function insertAccount(
  tx: Query,
  account: {
    orgId: string;
    personId: string;
    name: string;
    role: 'owner' | 'admin' | 'member' | 'guest';
    email: string;
    passwordHash: string;
    now: Date;
  },
): Promise<void> {
  const made = await tx.query(
    `insert into people (org_id, id, name, role, email, password_hash, created_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (email) where email is not null do nothing returning 1`,
    [account.orgId, account.personId, account.name, account.role, account.email, account.passwordHash, account.now],
  );
  if (made.length === 0) throw new CausewayError('ACCOUNT_EMAIL_TAKEN');
}
