/**
 * Access tokens of apps: bearer tokens (RFC 6750) that mean nothing by themselves. Each call looks
 * its token up, so that a token that was revoked, an app that was switched off and a scope that was
 * taken away count at once.
 */
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, newId, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { AppFace } from './apps.js';
import type { Rate } from './rate.js';
import type { AppScope } from './schema.js';

export interface AppTokensDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly lifeMs: number;
  /** Calls by app. */
  readonly rate: Rate;
}

export interface AppToken {
  readonly id: string;
  readonly accessToken: string;
  readonly expiresInMs: number;
  readonly scopes: readonly AppScope[];
}

/** Tells them from tokens of people without a look into the database, and lets scanners for leaked secrets find them. */
const prefix = 'cwa_';
const forgetAfterMs = 7 * 86_400_000;

export function isAppToken(token: string): boolean {
  return token.startsWith(prefix);
}

export class AppTokens {
  readonly #deps: AppTokensDeps;

  constructor(deps: AppTokensDeps) {
    this.#deps = deps;
  }

  async issue(tx: Query, app: AppFace, scopes: readonly AppScope[]): Promise<AppToken> {
    const { clock, lifeMs } = this.#deps;
    const now = clock.now();
    const accessToken = `${prefix}${newSecret()}`;
    const id = newId(now);
    await tx.query(
      'insert into app_tokens (org_id, id, app_id, token_hash, scopes, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)',
      [app.orgId, id, app.id, hashSecret(accessToken), scopes, new Date(now), new Date(now + lifeMs)],
    );
    return { id, accessToken, expiresInMs: lifeMs, scopes };
  }

  /** @throws AUTH_REQUIRED, AUTH_EXPIRED, AUTH_SIGNED_OUT, REQUEST_RATE */
  async authenticate(accessToken: string): Promise<Principal> {
    const { database, clock, rate } = this.#deps;
    const [row] = await database.query<{
      org_id: string;
      id: string;
      app_id: string;
      name: string;
      scopes: AppScope[];
      allowed: AppScope[];
      expires_at: Date;
      ended: boolean;
    }>(
      `select t.org_id, t.id, t.app_id, p.name, t.scopes, a.scopes as allowed, t.expires_at,
              t.revoked_at is not null or a.disabled_at is not null as ended
       from app_tokens t join apps a on a.id = t.app_id join people p on p.id = t.app_id where t.token_hash = $1`,
      [hashSecret(accessToken)],
    );
    if (!row) throw new CausewayError('AUTH_REQUIRED');
    if (row.ended) throw new CausewayError('AUTH_SIGNED_OUT');
    if (row.expires_at.getTime() <= clock.now()) throw new CausewayError('AUTH_EXPIRED');
    rate.take(row.app_id);
    return {
      orgId: row.org_id,
      personId: row.app_id,
      name: row.name,
      role: 'app',
      signInId: row.id,
      scopes: row.scopes.filter((scope) => row.allowed.includes(scope)),
      expiresAt: row.expires_at.getTime(),
    };
  }

  async revoke(tx: Query, id: string): Promise<void> {
    await tx.query('update app_tokens set revoked_at = $2 where id = $1 and revoked_at is null', [id, new Date(this.#deps.clock.now())]);
  }

  /** Deletes what has ended long enough ago that nobody asks for it. */
  async forgetOld(): Promise<void> {
    const { database, clock } = this.#deps;
    const before = new Date(clock.now() - forgetAfterMs);
    await database.query('delete from app_tokens where expires_at < $1', [before]);
    await database.query('delete from app_codes where expires_at < $1', [before]);
  }
}
