/**
 * What every scenario of chat needs: an embedded PostgreSQL as the product runs it, people and their
 * conversations in it, and the built server as a process of its own.
 */
import pino from 'pino';
import { EmbeddedServer } from '../../src/platform/database/embedded-server.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { ownMigrations } from '../../src/platform/database/open-database.js';
import { PoolDatabase } from '../../src/platform/database/pool-database.js';
import { newId } from '../../src/platform/ids.js';
import { AccessTokens } from '../../src/services/accounts/access-tokens.js';
import { temporaryFolder } from '../../tests/support/temporary-folder.js';
import { type ServerProcess, startServerProcess } from '../lib/server-process.js';

export interface Stage {
  readonly database: PoolDatabase;
  readonly url: string;
  readonly orgId: string;
  close(): Promise<void>;
}

export interface Somebody {
  readonly id: string;
  readonly accessToken: string;
}

export interface ChatServer {
  readonly process: ServerProcess;
  readonly gatewayUrl: string;
}

const log = pino({ level: 'silent' });
const tokenLifeMs = 3_600_000;
const daySeconds = 86_400;

export async function openStage(): Promise<Stage> {
  const folder = await temporaryFolder();
  const server = await EmbeddedServer.start({ dataDir: folder.path, connections: 50, applicationName: 'bench', log });
  const url = server.url();
  await migrate({ url, folder: ownMigrations, applicationName: 'bench', log });
  const database = new PoolDatabase({ url, connections: 4, applicationName: 'bench', log });
  const orgId = newId();
  await database.query('insert into organisations (id, name, created_at) values ($1, $2, now())', [orgId, 'Harbour Ltd']);
  return {
    database,
    url,
    orgId,
    close: async () => {
      await database.close();
      await server.stop({ evenIfUsed: true });
      await folder.remove();
    },
  };
}

/** So many people, each signed in. */
export async function people({ database, orgId }: Stage, count: number): Promise<Somebody[]> {
  const ids = Array.from({ length: count }, () => newId());
  await database.query(
    `insert into people (org_id, id, name, role, email, created_at)
     select $1, id, 'Person ' || left(id::text, 8), 'member', id || '@harbour.example', now() from unnest($2::uuid[]) as t (id)`,
    [orgId, ids],
  );
  await database.query(
    `insert into sign_ins (org_id, id, person_id, client, token_hash, chain_key, rotated_at, created_at, last_used_at, expires_at)
     select $1, id, id, 'load', sha256(id::text::bytea), '', now(), now(), now(), now() + make_interval(secs => $3) from unnest($2::uuid[]) as t (id)`,
    [orgId, ids, daySeconds],
  );
  const tokens = new AccessTokens({ database, clock: { now: () => Date.now() }, lifeMs: tokenLifeMs, keyLifeMs: tokenLifeMs * 24 });
  return Promise.all(ids.map(async (id) => ({ id, accessToken: await tokens.sign({ orgId, personId: id, signInId: id }) })));
}

/** A conversation for each list of people; gives their ids. */
export async function conversations({ database, orgId }: Stage, members: readonly (readonly Somebody[])[]): Promise<string[]> {
  const ids = members.map(() => newId());
  await database.query(
    `insert into conversations (org_id, id, kind, title, created_at) select $1, id, 'group', 'Load', now() from unnest($2::uuid[]) as t (id)`,
    [orgId, ids],
  );
  await database.query(
    `insert into conversation_members (org_id, conversation_id, person_id) select $1, c, p from unnest($2::uuid[], $3::uuid[]) as t (c, p)`,
    [orgId, members.flatMap((list, at) => list.map(() => ids[at])), members.flatMap((list) => list.map(({ id }) => id))],
  );
  await database.query('analyze');
  return ids;
}

/** The built server on this stage's database, without the limits that protect it from one address. */
export async function startChatServer(stage: Stage, settings: Readonly<Record<string, string | number>> = {}): Promise<ChatServer> {
  const server = await startServerProcess({
    DATABASE_URL: stage.url,
    MEDIA_WORKERS: 1,
    DATABASE_POOL: 12,
    SOCKET_PER_ADDRESS: 100_000,
    SOCKET_UNAUTHENTICATED: 100_000,
    SOCKET_SESSIONS_PER_PERSON: 1_000,
    SOCKET_REQUESTS_PER_SECOND: 10_000,
    SOCKET_REQUEST_BURST: 100_000,
    SOCKET_IN_FLIGHT: 1_000,
    SOCKET_HELLO_MS: 60_000,
    SOCKET_IDLE_MS: 960_000,
    ...settings,
  });
  const face = (await (await fetch(`${server.url}/api/server`)).json()) as { gatewayUrl: string };
  return { process: server, gatewayUrl: face.gatewayUrl.replace('{host}', '127.0.0.1') };
}
