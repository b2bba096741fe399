/**
 * A real PostgreSQL beside the server, its programs carried by npm.
 *
 * The postmaster is no child that dies with us: after a kill of this process it lives on, and the
 * next start attaches to it. Several processes may share it; the last one that stops ends it.
 */
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../log.js';
import { DatabaseError } from './database-error.js';
import { findOsUser, type OsUser, run } from './os-user.js';
import { attachOrStart, type Postmaster, stopPostmaster } from './postmaster.js';
import { choosePlace, findPrograms, type Programs } from './server-place.js';

export interface EmbeddedServerOptions {
  readonly dataDir: string;
  /** Connections that will be opened to it, at most. */
  readonly connections: number;
  readonly applicationName: string;
  /** Where data and programs go when the database's user can't reach the data folder. */
  readonly elsewhere?: string;
  readonly log: Log;
}

const roleName = 'causeway';
const passwordName = 'causeway.password';

export class EmbeddedServer {
  readonly #options: EmbeddedServerOptions;
  readonly #folder: string;
  readonly #postmaster: Postmaster;
  readonly #password: string;
  /** A connection that is held open only to be seen by other processes on the same server. */
  #presence: pg.Client | null = null;
  #stopped: Promise<void> | null = null;

  private constructor(options: EmbeddedServerOptions, folder: string, postmaster: Postmaster, password: string) {
    this.#options = options;
    this.#folder = folder;
    this.#postmaster = postmaster;
    this.#password = password;
  }

  static async start(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const { dataDir, log, elsewhere = '/var/lib/causeway' } = options;
    const user = await findOsUser();
    const place = await choosePlace({ dataDir, user, elsewhere, log });
    const programs = await findPrograms({ user, elsewhere, log });
    // The real path, because the postmaster is recognised by it.
    const folder = path.join(await realpath(place), 'postgres');
    if (!(await exists(path.join(folder, 'PG_VERSION')))) await makeCluster(programs, folder, user, log);
    const password = await readFile(path.join(folder, passwordName), 'utf8').catch((error: unknown) => {
      throw new DatabaseError(`The database in ${folder} has lost its password file ${passwordName}. Restore it from a backup.`, {
        cause: error,
      });
    });
    const { postmaster, attached } = await attachOrStart({ programs, folder, user, connections: options.connections });
    const server = new EmbeddedServer(options, folder, postmaster, password);
    server.#presence = await server.#connect();
    await server.#makeDatabase(server.#presence);
    log.info({ folder, port: postmaster.port, pid: postmaster.pid, attached }, 'database: the embedded PostgreSQL is ready');
    return server;
  }

  /** Address of a database on this server. */
  url(database = 'causeway'): string {
    return `postgres://${roleName}:${this.#password}@127.0.0.1:${this.#postmaster.port}/${database}`;
  }

  /** Ends the server, unless another process still uses it and `evenIfUsed` is not set. Idempotent. */
  stop({ evenIfUsed = false } = {}): Promise<void> {
    this.#stopped ??= this.#stop(evenIfUsed);
    return this.#stopped;
  }

  async #stop(evenIfUsed: boolean): Promise<void> {
    const { log } = this.#options;
    await this.#presence?.end().catch(() => undefined);
    if (!evenIfUsed && (await this.#usedByOthers())) {
      log.info('database: another process uses the embedded PostgreSQL, so it stays');
      return;
    }
    await stopPostmaster(this.#postmaster.pid, this.#folder, log);
  }

  async #usedByOthers(): Promise<boolean> {
    // Without an answer nobody uses it.
    const client = await this.#connect().catch(() => null);
    if (!client) return false;
    try {
      const others = await client.query(
        `select 1 from pg_stat_activity where application_name like 'causeway %' and application_name <> $1 and backend_type = 'client backend' limit 1`,
        [this.#options.applicationName],
      );
      return others.rows.length > 0;
    } finally {
      await client.end();
    }
  }

  async #makeDatabase(client: pg.Client): Promise<void> {
    const found = await client.query('select 1 from pg_database where datname = $1', ['causeway']);
    if (found.rows.length > 0) return;
    await client.query('create database causeway').catch((error: unknown) => {
      // Another process was faster.
      if (!(error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505'))) throw error;
    });
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url('postgres'),
      application_name: this.#options.applicationName,
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Where its data and its log lie. */
  get folder(): string {
    return this.#folder;
  }
}

/** Makes the cluster under another name first: one that was broken off half-way must not look like a whole one. */
async function makeCluster(programs: Programs, folder: string, user: OsUser, log: Log): Promise<void> {
  log.info({ folder }, 'database: making the embedded PostgreSQL');
  const half = await mkdtemp(`${folder}.new-`);
  const password = randomBytes(24).toString('hex');
  const passwordFile = `${half}.password`;
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user) await Promise.all([half, passwordFile].map((file) => chown(file, user.uid, user.gid)));
    const common = [
      `--pgdata=${half}`,
      `--username=${roleName}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--data-checksums',
    ];
    // Trigrams see Chinese only where the C library knows its letters, as C.UTF-8 of Linux does.
    let made = await run(programs.initdb, [...common, '--locale=C.UTF-8'], user);
    if (made.code !== 0) {
      const builtin = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
      log.warn({ output: made.output.trim().slice(-500) }, 'database: the system has no locale C.UTF-8; using that of PostgreSQL');
      made = await run(programs.initdb, [...common, ...builtin], user);
    }
    if (made.code !== 0)
      throw new DatabaseError(`The embedded PostgreSQL could not be made in ${folder}: ${made.output.trim().slice(-1_000)}`);
    await rename(passwordFile, path.join(half, passwordName));
    await rename(half, folder).catch(async (error: unknown) => {
      // Another process was faster.
      if (!(await exists(path.join(folder, 'PG_VERSION')))) throw error;
    });
  } finally {
    await Promise.all([half, passwordFile].map((file) => rm(file, { recursive: true, force: true })));
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
