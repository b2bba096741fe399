/** Invitations: an owner or admin names an e-mail and gets a link, which makes one account, once. */
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, newId, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { hashPassword } from './passwords.js';
import { insertAccount } from './people.js';
import type { Invitation } from './schema.js';
import type { Grant, SignIns } from './sign-ins.js';

interface Row {
  id: string;
  org_id: string;
  email: string;
  role: 'admin' | 'member' | 'guest';
  created_at: Date;
  expires_at: Date;
  inviter: string;
  organisation: string;
}

const columns = 'i.id, i.org_id, i.email, i.role, i.created_at, i.expires_at, p.name as inviter, o.name as organisation';
const from = 'invitations i join people p on p.id = i.invited_by join organisations o on o.id = i.org_id';
const open = 'i.accepted_at is null and i.withdrawn_at is null';

export class Invitations {
  readonly #deps: { database: Database; clock: Clock; signIns: SignIns; lifeMs: number };

  constructor(deps: { database: Database; clock: Clock; signIns: SignIns; lifeMs: number }) {
    this.#deps = deps;
  }

  /** @throws AUTH_FORBIDDEN, ACCOUNT_EMAIL_TAKEN */
  async create(principal: Principal, email: string, role: 'admin' | 'member'): Promise<{ invitation: Invitation; token: string }> {
    mayInvite(principal);
    const { database, clock, lifeMs } = this.#deps;
    const token = newSecret();
    return database.transaction(async (tx) => {
      // Only this organisation's accounts are looked at: an answer must not tell who works elsewhere.
      const taken = await tx.query('select 1 from people where org_id = $1 and email = $2', [principal.orgId, email]);
      if (taken.length > 0) throw new CausewayError('ACCOUNT_EMAIL_TAKEN', { field: 'email' });
      const [row] = await tx.query<Row>(
        `with i as (insert into invitations (org_id, id, email, role, invited_by, token_hash, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8) returning *)
         select ${columns} from i join people p on p.id = i.invited_by join organisations o on o.id = i.org_id`,
        [
          principal.orgId,
          newId(clock.now()),
          email,
          role,
          principal.personId,
          hashSecret(token),
          new Date(clock.now()),
          new Date(clock.now() + lifeMs),
        ],
      );
      if (!row) throw new CausewayError('SERVER_FAULT');
      return { invitation: present(row), token };
    });
  }

  /** Those that are open, newest first. @throws AUTH_FORBIDDEN */
  async list(principal: Principal): Promise<Invitation[]> {
    mayInvite(principal);
    const rows = await this.#deps.database.query<Row>(
      `select ${columns} from ${from} where i.org_id = $1 and ${open} and i.expires_at > $2 order by i.created_at desc`,
      [principal.orgId, new Date(this.#deps.clock.now())],
    );
    return rows.map(present);
  }

  /** Whoever invited may take it back, and administrators. @throws AUTH_FORBIDDEN, INVITATION_INVALID */
  async withdraw(principal: Principal, id: string): Promise<void> {
    const { database, clock } = this.#deps;
    const own = await database.query('select 1 from invitations where org_id = $1 and id = $2 and invited_by = $3', [
      principal.orgId,
      id,
      principal.personId,
    ]);
    if (own.length === 0) mayInvite(principal);
    const rows = await database.query(
      `update invitations i set withdrawn_at = $3 where i.org_id = $1 and i.id = $2 and ${open} returning 1`,
      [principal.orgId, id, new Date(clock.now())],
    );
    if (rows.length === 0) throw new CausewayError('INVITATION_INVALID');
  }

  /** What the page of an invitation shows. @throws INVITATION_INVALID */
  async face(token: string): Promise<{ organisation: string; email: string; role: Invitation['role']; invitedBy: string }> {
    const [row] = await this.#deps.database.query<Row>(
      `select ${columns} from ${from} where i.token_hash = $1 and ${open} and i.expires_at > $2`,
      [hashSecret(token), new Date(this.#deps.clock.now())],
    );
    if (!row) throw new CausewayError('INVITATION_INVALID');
    return { organisation: row.organisation, email: row.email, role: row.role, invitedBy: row.inviter };
  }

  /** Of an admin or a member; guests' are accepted by Guests. @throws INVITATION_INVALID, ACCOUNT_EMAIL_TAKEN */
  async accept(token: string, name: string, password: string, client: string): Promise<Grant> {
    const { clock, signIns } = this.#deps;
    await this.face(token);
    const passwordHash = await hashPassword(password);
    return signIns.withProof(client, async (tx) => {
      const now = new Date(clock.now());
      const [row] = await tx.query<{ org_id: string; email: string; role: 'admin' | 'member' }>(
        `update invitations i set accepted_at = $2
         where token_hash = $1 and ${open} and expires_at > $2 and role <> 'guest' returning org_id, email, role`,
        [hashSecret(token), now],
      );
      if (!row) throw new CausewayError('INVITATION_INVALID');
      const personId = newId(clock.now());
      await insertAccount(tx, { orgId: row.org_id, personId, name, role: row.role, email: row.email, passwordHash, now });
      return { orgId: row.org_id, personId };
    });
  }
}

/** @throws AUTH_FORBIDDEN */
function mayInvite(principal: Principal): void {
  if (principal.role !== 'owner' && principal.role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
}

function present(row: Row): Invitation {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    invitedBy: row.inviter,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}
