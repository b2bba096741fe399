/** Opens the database: PostgreSQL by DATABASE_URL, or the embedded one; then brings its tables up to date. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Config } from '../../config.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { packageRoot } from '../package-root.js';
import type { Database } from './database.js';
import { DatabaseError } from './database-error.js';
import { EmbeddedServer } from './embedded-server.js';
import { migrate } from './migrate.js';
import { PoolDatabase } from './pool-database.js';

export interface OpenDatabaseOptions {
  readonly config: Pick<Config, 'DATA_DIR' | 'DATABASE_URL' | 'DATABASE_POOL'>;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** Folder of the migrations. Default: the product's own. */
  readonly migrations?: string;
  /** Where the embedded database goes when the data folder is closed to its user. */
  readonly elsewhere?: string;
}

/** The migrations are not compiled: dist reads the same files as src. */
export const ownMigrations = path.join(packageRoot, 'src', 'platform', 'database', 'migrations');

/** A database that starts together with us, as in a composition of containers, gets this long, milliseconds. */
const answerMs = 30_000;

/** @throws {DatabaseError} with a sentence when the database can't be used. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { config, log, migrations = ownMigrations } = options;
  const applicationName = `causeway ${process.pid}-${randomBytes(4).toString('hex')}`;
  const server = config.DATABASE_URL
    ? null
    : await EmbeddedServer.start({
        dataDir: config.DATA_DIR,
        connections: config.DATABASE_POOL,
        applicationName,
        log,
        ...(options.elsewhere ? { elsewhere: options.elsewhere } : {}),
      });
  try {
    const url = config.DATABASE_URL ?? server?.url() ?? '';
    await waitUntilItAnswers(url, log);
    await migrate({ url, folder: migrations, applicationName, log });
    const pool = new PoolDatabase({ url, connections: config.DATABASE_POOL, applicationName, log });
    options.metrics?.gauge({ name: 'causeway_database_connections', help: 'Connections to the database.', labels: ['state'] }, (gauge) => {
      const { total, idle, waiting } = pool.connections;
      gauge.set({ state: 'busy' }, total - idle);
      gauge.set({ state: 'idle' }, idle);
      gauge.set({ state: 'awaited' }, waiting);
    });
    return {
      query: (sql, values) => pool.query(sql, values),
      transaction: (run) => pool.transaction(run),
      close: async () => {
        await pool.close();
        await server?.stop();
      },
    };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

async function waitUntilItAnswers(url: string, log: Log): Promise<void> {
  const deadline = Date.now() + answerMs;
  for (let tries = 1; ; tries += 1) {
    const failure = await connect(url);
    if (!failure) return;
    const starting = 'code' in failure && (failure.code === 'ECONNREFUSED' || failure.code === 'ENOTFOUND' || failure.code === '57P03');
    if (!starting || Date.now() > deadline) {
      const { host, pathname } = new URL(url);
      throw new DatabaseError(
        `The database ${pathname.slice(1)} at ${host} can't be used: ${failure.message || String(failure)}. Check DATABASE_URL.`,
        { cause: failure },
      );
    }
    if (tries === 1) log.warn({ reason: failure.message }, 'database: no answer yet, waiting');
    await delay(500);
  }
}

async function connect(url: string): Promise<Error | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await client.end().catch(() => undefined);
  }
}
