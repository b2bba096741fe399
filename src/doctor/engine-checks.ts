/** The engines that Causeway runs on: database, Redis, blobs, mail. */
import { access, chmod, constants, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Config } from '../config.js';
import { openBlobs } from '../platform/blobs/index.js';
import { openDatabase } from '../platform/database/index.js';
import { openMail } from '../platform/mail/index.js';
import { type Check, type Finding, ok, reasonOf, silentLog, warning, wrong } from './check.js';

/** As src/platform/database says when it starts. */
const oldestPostgres = 15;

export const databaseCheck: Check = {
  name: 'Database',
  look: ({ config, running }) =>
    config.DATABASE_URL === undefined ? lookAtEmbedded(config, running) : lookAtPostgres(config.DATABASE_URL, config),
};

export const redisCheck: Check = {
  name: 'Redis',
  async look({ config }) {
    if (config.REDIS_URL === undefined) return ok('not used: the bus is in this process, which is right for one node');
    const redis = new Redis(config.REDIS_URL, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5_000 });
    let reason = '';
    redis.on('error', (error) => {
      reason = reasonOf(error);
    });
    try {
      await redis.connect();
      const asked = performance.now();
      const info = await redis.info('server');
      const took = performance.now() - asked;
      const version = /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1] ?? 'of unknown version';
      return ok(`${version} at ${placeOf(config.REDIS_URL)}, answers in ${took.toFixed(1)} ms`);
    } catch (error) {
      return wrong(
        `${placeOf(config.REDIS_URL)} does not answer (${reason || reasonOf(error)})`,
        'Start Redis, or correct REDIS_URL; without it one node runs alone.',
      );
    } finally {
      redis.disconnect();
    }
  },
};

export const mailCheck: Check = {
  name: 'E-mail',
  async look({ config }) {
    const mail = openMail(config, silentLog());
    if (config.SMTP_URL === undefined || !mail.on)
      return ok('off: reminders of urgent messages come by push alone; CAUSEWAY_SMTP_URL names a mail server');
    try {
      await mail.check();
      return ok(`${placeOf(config.SMTP_URL)} takes mail of ${config.MAIL_FROM}`);
    } catch (error) {
      return wrong(
        `${placeOf(config.SMTP_URL)} takes no mail (${reasonOf(error)})`,
        'Start the mail server, or correct CAUSEWAY_SMTP_URL.',
      );
    } finally {
      await mail.close();
    }
  },
};

export const blobsCheck: Check = {
  name: 'Blobs',
  async look({ config }) {
    const inFolder = config.S3_ENDPOINT === undefined;
    const place = inFolder ? path.join(config.DATA_DIR, 'blobs') : `bucket ${config.S3_BUCKET} at ${placeOf(config.S3_ENDPOINT ?? '')}`;
    const advice = inFolder
      ? 'Let the user that runs Causeway write there, or set CAUSEWAY_DATA_DIR.'
      : 'Check CAUSEWAY_S3_ENDPOINT, CAUSEWAY_S3_BUCKET and the keys; the bucket must exist.';
    // A folder that is not there yet is made at the start: ask whether that can be done, and leave nothing behind.
    if (inFolder && !(await exists(place))) {
      const parent = await nearest(place);
      return (await writable(parent))
        ? ok(`folder ${place}, made at the first start`)
        : wrong(`folder ${place} can't be made in ${parent}`, advice);
    }
    const store = await openBlobs(config, silentLog());
    try {
      return (await store.healthy())
        ? ok(`${inFolder ? 'folder ' : ''}${place} can be written to`)
        : wrong(`${place} can't be written to`, advice);
    } finally {
      await store.close();
    }
  },
};

/** A new embedded PostgreSQL is started in a temporary folder: the real one may be in use, and must not be changed by being looked at. */
async function lookAtEmbedded(config: Config, running: boolean): Promise<Finding> {
  const folder = await mkdtemp(path.join(tmpdir(), 'causeway-doctor-'));
  // As root it runs as another user, who has to get in.
  await chmod(folder, 0o755);
  try {
    const database = await openDatabase({ config: { DATA_DIR: folder, DATABASE_URL: undefined, DATABASE_POOL: 2 }, log: silentLog() });
    try {
      const [row] = await database.query<{ version: string }>(`select current_setting('server_version') as version`);
      const own = (await readFile(path.join(config.DATA_DIR, 'postgres-is-at'), 'utf8').catch(() => config.DATA_DIR)).trim();
      const data = (await exists(own)) ? `data in ${own}` : `data will be in ${own}`;
      return ok(`embedded PostgreSQL ${row?.version ?? ''} starts here; ${data}${running ? ', in use' : ''}`);
    } finally {
      await database.close();
    }
  } catch (error) {
    return wrong(
      `the embedded PostgreSQL does not start (${reasonOf(error)})`,
      'Set DATABASE_URL to a PostgreSQL of yours, or do what the reason says.',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lookAtPostgres(url: string, config: Config): Promise<Finding> {
  const place = placeOf(url);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; number: number; connections: number; encoding: string }>(
      `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
              current_setting('max_connections')::int as connections, current_setting('server_encoding') as encoding`,
    );
    const row = rows[0];
    if (row === undefined) return wrong(`${place} answers with nothing`, 'Check DATABASE_URL.');
    const found = `PostgreSQL ${row.version} at ${place}, ${row.connections} connections at most`;
    if (row.encoding !== 'UTF8') return wrong(`${found}, encoding ${row.encoding}`, 'Make the database with encoding UTF8.');
    if (row.number < oldestPostgres * 10_000) return wrong(found, `Use PostgreSQL ${oldestPostgres} or later.`);
    if (row.connections < config.DATABASE_POOL + 5) return warning(found, 'Raise max_connections, or lower CAUSEWAY_DATABASE_POOL.');
    return ok(found);
  } catch (error) {
    return wrong(
      `${place} does not answer (${reasonOf(error)})`,
      'Start PostgreSQL, or correct DATABASE_URL; without it the embedded one is used.',
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** An address without its user and password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname}`;
}

async function nearest(folder: string): Promise<string> {
  return (await exists(folder)) ? folder : nearest(path.dirname(folder));
}

function exists(place: string): Promise<boolean> {
  return can(place, constants.F_OK);
}

function writable(place: string): Promise<boolean> {
  return can(place, constants.W_OK);
}

function can(place: string, mode: number): Promise<boolean> {
  return access(place, mode).then(
    () => true,
    () => false,
  );
}
