/**
 * Sign-ins: one for each device. A refresh token is used once; each use gives the next. A token
 * that was used before is a sign of theft and revokes the sign-in (RFC 9700 section 4.14.2),
 * except for a few seconds, because two tabs may refresh at the same time: both get the same next
 * token, which is made from the one before with a key of the sign-in.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, newId, newSecret } from '../../platform/ids.js';
import type { JobKind } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/principal.js';
import type { AccessClaims, AccessTokens } from './access-tokens.js';
import { PasswordGuesses } from './password-guesses.js';
import { checkPassword } from './passwords.js';
import type { Device, Person } from './schema.js';

/** What a person gets who has just signed in or refreshed. */
export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInMs: number;
  readonly refreshLifeMs: number;
  readonly person: Person;
}

interface PersonRow {
  org_id: string;
  id: string;
  name: string;
  email: string | null;
  role: Person['role'];
  guest_of: string | null;
  org_name: string;
}

interface SignInRow extends PersonRow {
  sign_in_id: string;
  current: boolean;
  chain_key: Buffer;
  rotated_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
}

/** A sign-in that is in the database. */
interface Opened {
  readonly id: string;
  readonly person: PersonRow;
  readonly refreshToken: string;
}

export interface SignInsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly refreshLifeMs: number;
  /** Tells every node that a sign-in is over, so that its sockets are cut. */
  readonly revoked: (signInIds: readonly string[]) => Promise<void>;
}

const personColumns = 'p.org_id, p.id, p.name, p.email, p.role, p.guest_of, o.name as org_name';
const reuseGraceMs = 20_000;
const forgetAfterMs = 30 * 86_400_000;

/** Every night, once over all nodes. */
export const forgetOldSignIns: JobKind<Record<string, never>> = {
  name: 'accounts.forget-old-sign-ins',
  schema: z.record(z.string(), z.never()),
};

export class SignIns {
  readonly #deps: SignInsDeps;
  readonly #guesses: PasswordGuesses;

  constructor(deps: SignInsDeps) {
    this.#deps = deps;
    this.#guesses = new PasswordGuesses(deps);
  }

  /** @throws AUTH_WRONG, whichever of the two is wrong; REQUEST_RATE after too many of these, even for the right one. */
  async withPassword(email: string, password: string, client: string): Promise<Grant> {
    const { database } = this.#deps;
    await this.#guesses.begin(email);
    const [row] = await database.query<PersonRow & { password_hash: string }>(
      `select ${personColumns}, p.password_hash from people p join organisations o on o.id = p.org_id where p.email = $1`,
      [email],
    );
    if (!(await checkPassword(row?.password_hash ?? null, password)) || !row) throw new CausewayError('AUTH_WRONG');
    await this.#guesses.succeeded(email);
    return this.#grant(await this.#open(database, row, client));
  }

  /** How the device of a sign-in named itself; empty: there is none. */
  async clientOf(orgId: string, signInId: string): Promise<string> {
    const [row] = await this.#deps.database.query<{ client: string }>('select client from sign_ins where org_id = $1 and id = $2', [
      orgId,
      signInId,
    ]);
    return row?.client ?? '';
  }

  /** Signs in somebody who proves himself otherwise, in the same transaction: set-up, an invitation, a guest. */
  async withProof(client: string, prove: (tx: Query) => Promise<{ orgId: string; personId: string }>): Promise<Grant> {
    const opened = await this.#deps.database.transaction(async (tx) => {
      const { orgId, personId } = await prove(tx);
      const [row] = await tx.query<PersonRow>(
        `select ${personColumns} from people p join organisations o on o.id = p.org_id where p.org_id = $1 and p.id = $2`,
        [orgId, personId],
      );
      if (!row) throw new CausewayError('AUTH_REQUIRED');
      return this.#open(tx, row, client);
    });
    return this.#grant(opened);
  }

  /** @throws AUTH_EXPIRED */
  async refresh(refreshToken: string): Promise<Grant> {
    const { database, clock, tokens, refreshLifeMs } = this.#deps;
    const hash = hashSecret(refreshToken);
    const now = new Date(clock.now());
    const result = await database.transaction(async (tx): Promise<SignInRow | { stolen: string } | null> => {
      const [row] = await tx.query<SignInRow>(
        `select s.id as sign_in_id, s.token_hash = $1 as current, s.chain_key, s.rotated_at, s.expires_at, s.revoked_at, ${personColumns}
         from sign_ins s join people p on p.id = s.person_id join organisations o on o.id = p.org_id
         where s.token_hash = $1 or s.previous_hash = $1 for update of s`,
        [hash],
      );
      if (!row || row.revoked_at || row.expires_at <= now) return null;
      if (!row.current && now.getTime() - row.rotated_at.getTime() > reuseGraceMs) {
        await tx.query('update sign_ins set revoked_at = $2 where id = $1', [row.sign_in_id, now]);
        return { stolen: row.sign_in_id };
      }
      if (row.current) {
        await tx.query(
          'update sign_ins set previous_hash = token_hash, token_hash = $2, rotated_at = $3, last_used_at = $3, expires_at = $4 where id = $1',
          [row.sign_in_id, hashSecret(nextToken(row.chain_key, refreshToken)), now, new Date(clock.now() + refreshLifeMs)],
        );
      }
      return row;
    });
    if (result && 'stolen' in result) await this.#deps.revoked([result.stolen]);
    if (!result || 'stolen' in result) throw new CausewayError('AUTH_EXPIRED');
    const accessToken = await tokens.sign({ orgId: result.org_id, personId: result.id, signInId: result.sign_in_id });
    return {
      accessToken,
      refreshToken: nextToken(result.chain_key, refreshToken),
      expiresInMs: tokens.lifeMs,
      refreshLifeMs,
      person: toPerson(result),
    };
  }

  /**
   * The caller behind an access token, as the database knows him now: a role that was changed or a
   * sign-in that was revoked counts at once. @throws AUTH_REQUIRED, AUTH_EXPIRED, AUTH_SIGNED_OUT
   */
  async authenticate(accessToken: string): Promise<Principal> {
    return this.stillIn(await this.#deps.tokens.verify(accessToken));
  }

  /** The same for who has proved before which sign-in is his. @throws AUTH_SIGNED_OUT */
  async stillIn(claims: AccessClaims): Promise<Principal> {
    const [row] = await this.#deps.database.query<{ name: string; role: Person['role']; guest_of: string | null; revoked_at: Date | null }>(
      `select p.name, p.role, p.guest_of, s.revoked_at from sign_ins s join people p on p.org_id = s.org_id and p.id = s.person_id
       where s.id = $1 and s.org_id = $2 and s.person_id = $3`,
      [claims.signInId, claims.orgId, claims.personId],
    );
    if (!row || row.revoked_at) throw new CausewayError('AUTH_SIGNED_OUT');
    // Property by property: V8 gives each object that is spread and added to a hidden class of its own, 240 bytes with every session.
    const { orgId, personId, signInId, expiresAt } = claims;
    const principal: Principal = { orgId, personId, name: row.name, role: row.role, signInId, expiresAt };
    return row.guest_of ? { ...principal, guestOf: row.guest_of } : principal;
  }

  async devices(principal: Principal): Promise<Device[]> {
    const rows = await this.#deps.database.query<{ id: string; client: string; created_at: Date; last_used_at: Date }>(
      `select id, client, created_at, last_used_at from sign_ins
       where org_id = $1 and person_id = $2 and revoked_at is null and expires_at > $3 order by last_used_at desc`,
      [principal.orgId, principal.personId, new Date(this.#deps.clock.now())],
    );
    return rows.map((row) => ({
      id: row.id,
      client: row.client,
      createdAt: row.created_at.toISOString(),
      lastUsedAt: row.last_used_at.toISOString(),
      current: row.id === principal.signInId,
    }));
  }

  /** Ends one of the person's sign-ins, or all, and gives how many; their sockets are cut on every node. */
  async revoke(principal: Pick<Principal, 'orgId' | 'personId'>, signInId: string | 'all'): Promise<number> {
    const rows = await this.#deps.database.query<{ id: string }>(
      `update sign_ins set revoked_at = $3 where org_id = $1 and person_id = $2 and revoked_at is null and ($4::uuid is null or id = $4) returning id`,
      [principal.orgId, principal.personId, new Date(this.#deps.clock.now()), signInId === 'all' ? null : signInId],
    );
    await this.#deps.revoked(rows.map((row) => row.id));
    return rows.length;
  }

  /** Deletes sign-ins that ended a month ago, and old failures to sign in: what nobody needs is not kept. */
  async forgetOld(): Promise<void> {
    await this.#guesses.forgetOld();
    await this.#deps.database.query('delete from sign_ins where coalesce(revoked_at, expires_at) < $1', [
      new Date(this.#deps.clock.now() - forgetAfterMs),
    ]);
  }

  async #open(tx: Query, person: PersonRow, client: string): Promise<Opened> {
    const { clock, refreshLifeMs } = this.#deps;
    const id = newId(clock.now());
    const refreshToken = newSecret();
    const now = new Date(clock.now());
    await tx.query(
      `insert into sign_ins (org_id, id, person_id, client, token_hash, chain_key, rotated_at, created_at, last_used_at, expires_at)
       values ($1, $2, $3, $4, $5, $8, $6, $6, $6, $7)`,
      [
        person.org_id,
        id,
        person.id,
        client.slice(0, 200),
        hashSecret(refreshToken),
        now,
        new Date(clock.now() + refreshLifeMs),
        randomBytes(32),
      ],
    );
    return { id, person, refreshToken };
  }

  /** Never within a transaction: the key may have to be fetched first, and callers who wait for a second connection while they hold one can wait for each other. */
  async #grant({ id, person, refreshToken }: Opened): Promise<Grant> {
    const { tokens, refreshLifeMs } = this.#deps;
    const accessToken = await tokens.sign({ orgId: person.org_id, personId: person.id, signInId: id });
    return { accessToken, refreshToken, expiresInMs: tokens.lifeMs, refreshLifeMs, person: toPerson(person) };
  }
}

function nextToken(chainKey: Buffer, token: string): string {
  return createHmac('sha256', chainKey).update(token).digest('base64url');
}

function toPerson(row: PersonRow): Person {
  return { id: row.id, name: row.name, email: row.email, role: row.role, organisation: { id: row.org_id, name: row.org_name } };
}
