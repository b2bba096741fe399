/**
 * Apps: programs that act in an organisation under their own name. An app is a person with role
 * 'app', so that it can be a member of conversations like anybody; what it may do beyond that its
 * scopes say. Its id is its client id, its secret is kept as a hash and shown once.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, isId, newId, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { act, requireAdministrator } from './administrators.js';
import type { App, AppScope } from './schema.js';

export interface AppsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

export interface NewApp {
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly AppScope[];
  readonly redirectUris: readonly string[];
}

export interface AppChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly scopes?: readonly AppScope[] | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  readonly disabled?: boolean | undefined;
}

/** An app that is on, as its own calls need it. */
export interface AppFace {
  readonly orgId: string;
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly AppScope[];
  readonly redirectUris: readonly string[];
}

interface AppRow {
  org_id: string;
  id: string;
  name: string;
  description: string;
  scopes: AppScope[];
  redirect_uris: string[];
  created_at: Date;
  disabled_at: Date | null;
}

const columns = 'a.org_id, a.id, p.name, a.description, a.scopes, a.redirect_uris, a.created_at, a.disabled_at';
const table = 'apps a join people p on p.org_id = a.org_id and p.id = a.id';
/** Of one organisation, those that are switched off included. */
const mostApps = 200;

export class Apps {
  readonly #deps: AppsDeps;

  constructor(deps: AppsDeps) {
    this.#deps = deps;
  }

  /** For administrators. */
  async list(by: Principal): Promise<App[]> {
    requireAdministrator(by);
    const rows = await this.#deps.database.query<AppRow>(
      `select ${columns} from ${table} where a.org_id = $1 order by lower(p.name), a.id`,
      [by.orgId],
    );
    return rows.map(present);
  }

  /** Those that are on, for people who want to add one to a conversation. */
  async names(by: Principal): Promise<{ id: string; name: string; description: string }[]> {
    return this.#deps.database.query(
      `select a.id, p.name, a.description from ${table} where a.org_id = $1 and a.disabled_at is null order by lower(p.name), a.id`,
      [by.orgId],
    );
  }

  /** @throws BOT_APP_NOT_FOUND */
  async get(by: Principal, id: string): Promise<App> {
    requireAdministrator(by);
    return present(await find(this.#deps.database, by.orgId, id));
  }

  /** @throws BOT_LIMIT */
  async create(by: Principal, app: NewApp): Promise<App & { clientSecret: string }> {
    requireAdministrator(by);
    const now = new Date(this.#deps.clock.now());
    const id = newId(now.getTime());
    const clientSecret = newSecret();
    return this.#deps.database.transaction(async (tx) => {
      await leaveRoom(tx, 'apps', by.orgId, mostApps);
      await tx.query(`insert into people (org_id, id, name, role, created_at) values ($1, $2, $3, 'app', $4)`, [
        by.orgId,
        id,
        app.name,
        now,
      ]);
      await tx.query(
        `insert into apps (org_id, id, description, secret_hash, scopes, redirect_uris, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [by.orgId, id, app.description, hashSecret(clientSecret), app.scopes, app.redirectUris, by.personId, now],
      );
      await this.#deps.audit.record(tx, act(by, 'chat.app-created', { app: id }, { name: app.name, scopes: app.scopes }));
      return { ...present(await find(tx, by.orgId, id)), clientSecret };
    });
  }

  /** Scopes that are taken away, and an app that is switched off, end what its tokens are good for at once. @throws BOT_APP_NOT_FOUND */
  async change(by: Principal, id: string, change: AppChange): Promise<App> {
    requireAdministrator(by);
    return this.#deps.database.transaction(async (tx) => {
      const before = await find(tx, by.orgId, id, 'for update of a');
      const disabledAt = change.disabled === undefined ? before.disabled_at : change.disabled ? (before.disabled_at ?? this.#now()) : null;
      await tx.query('update apps set description = $3, scopes = $4, redirect_uris = $5, disabled_at = $6 where org_id = $1 and id = $2', [
        by.orgId,
        id,
        change.description ?? before.description,
        change.scopes ?? before.scopes,
        change.redirectUris ?? before.redirect_uris,
        disabledAt,
      ]);
      await tx.query('update people set name = $3 where org_id = $1 and id = $2', [by.orgId, id, change.name ?? before.name]);
      if (disabledAt) await endTokens(tx, id, disabledAt);
      await this.#deps.audit.record(tx, act(by, 'chat.app-changed', { app: id }, { ...change }));
      return present(await find(tx, by.orgId, id));
    });
  }

  /** The secret before, and all tokens, end at once: it may be that others have them. @throws BOT_APP_NOT_FOUND */
  async rotateSecret(by: Principal, id: string): Promise<App & { clientSecret: string }> {
    requireAdministrator(by);
    const clientSecret = newSecret();
    return this.#deps.database.transaction(async (tx) => {
      const row = await find(tx, by.orgId, id, 'for update of a');
      await tx.query('update apps set secret_hash = $3 where org_id = $1 and id = $2', [by.orgId, id, hashSecret(clientSecret)]);
      await endTokens(tx, id, this.#now());
      await this.#deps.audit.record(tx, act(by, 'chat.app-secret-rotated', { app: id }));
      return { ...present(row), clientSecret };
    });
  }

  /** The app with this secret; null: wrong, unknown or switched off. */
  async withSecret(clientId: string, secret: string): Promise<AppFace | null> {
    if (!isId(clientId)) return null;
    const [row] = await this.#deps.database.query<AppRow & { secret_hash: Buffer }>(
      `select ${columns}, a.secret_hash from ${table} where a.id = $1 and a.disabled_at is null`,
      [clientId],
    );
    return row && timingSafeEqual(row.secret_hash, hashSecret(secret)) ? face(row) : null;
  }

  /** An app of the organisation that is on. @throws BOT_APP_NOT_FOUND */
  async face(orgId: string, id: string, tx: Query = this.#deps.database): Promise<AppFace & { description: string }> {
    const row = await find(tx, orgId, id);
    if (row.disabled_at) throw new CausewayError('BOT_APP_NOT_FOUND');
    return { ...face(row), description: row.description };
  }

  #now(): Date {
    return new Date(this.#deps.clock.now());
  }
}

/** What an app that acts by itself, and not by a token, is for the rest of chat. */
export function principalOf(app: { orgId: string; id: string; name: string }): Principal {
  return {
    orgId: app.orgId,
    personId: app.id,
    name: app.name,
    role: 'app',
    signInId: app.id,
    scopes: [],
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
}

/** Until the transaction ends nobody else adds one, so that the bound holds. @throws BOT_LIMIT */
export async function leaveRoom(
  tx: Query,
  kind: 'apps' | 'incoming_webhooks' | 'outgoing_webhooks' | 'slash_commands',
  orgId: string,
  limit: number,
): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`causeway.${kind}.${orgId}`]);
  const [count] = await tx.query<{ count: number }>(`select count(*)::int as count from ${kind} where org_id = $1`, [orgId]);
  if ((count?.count ?? 0) >= limit) throw new CausewayError('BOT_LIMIT', { fill: { limit } });
}

async function find(tx: Query, orgId: string, id: string, lock = ''): Promise<AppRow> {
  const [row] = await tx.query<AppRow>(`select ${columns} from ${table} where a.org_id = $1 and a.id = $2 ${lock}`, [orgId, id]);
  if (!row) throw new CausewayError('BOT_APP_NOT_FOUND');
  return row;
}

async function endTokens(tx: Query, appId: string, at: Date): Promise<void> {
  await tx.query('update app_tokens set revoked_at = $2 where app_id = $1 and revoked_at is null', [appId, at]);
  await tx.query('update app_codes set used_at = $2 where app_id = $1 and used_at is null', [appId, at]);
}

function face(row: AppRow): AppFace {
  return { orgId: row.org_id, id: row.id, name: row.name, scopes: row.scopes, redirectUris: row.redirect_uris };
}

function present(row: AppRow): App {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    scopes: row.scopes,
    redirectUris: row.redirect_uris,
    createdAt: row.created_at.toISOString(),
    disabledAt: row.disabled_at?.toISOString() ?? null,
  };
}
