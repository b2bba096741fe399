/**
 * A real PostgreSQL beside the server, its programs carried by npm.
 *
 * The postmaster is no child that dies with us: after a kill of this process it lives on, and the
 * next start attaches to it. Several processes may share it; the last one that stops ends it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.js';
import { DatabaseError } from './database-error.js';
import { cleanEnvironment, findOsUser, type OsUser, run } from './os-user.js';
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

/** What postmaster.pid says. */
interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: string;
}

const roleName = 'causeway';
const passwordName = 'causeway.password';
const logName = 'causeway.log';
/** Recovery after a crash of the machine may take this long, milliseconds. */
const startMs = 120_000;
const stopMs = 30_000;
const pollMs = 20;
const logBytes = 10_000_000;

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
    const folder = path.join(place, 'postgres');
    if (!(await exists(path.join(folder, 'PG_VERSION')))) await makeCluster(programs, folder, user, log);
    const password = await readFile(path.join(folder, passwordName), 'utf8').catch((error: unknown) => {
      throw new DatabaseError(`The database in ${folder} has lost its password file ${passwordName}. Restore it from a backup.`, {
        cause: error,
      });
    });
    const { postmaster, attached } = await attachOrStart(programs, folder, user, options.connections);
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
    const { pid } = this.#postmaster;
    signal(pid, 'SIGINT');
    if (await gone(pid, stopMs)) return;
    log.warn({ pid }, 'database: the embedded PostgreSQL did not stop in time and is ended at once; it recovers at the next start');
    signal(pid, 'SIGQUIT');
    await gone(pid, stopMs);
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

async function attachOrStart(
  programs: Programs,
  folder: string,
  user: OsUser,
  connections: number,
): Promise<{ postmaster: Postmaster; attached: boolean }> {
  const deadline = Date.now() + startMs;
  let refusal = '';
  while (Date.now() < deadline) {
    const running = await findPostmaster(folder);
    if (running?.status === 'ready') return { postmaster: running, attached: true };
    if (!running) {
      const outcome = await startPostmaster(programs, folder, user, connections, deadline);
      if (outcome.postmaster) return { postmaster: outcome.postmaster, attached: false };
      refusal = outcome.output;
      // Another process may be starting it, its old backends may still be ending, or the port was taken a moment ago.
      if (!/lock file|shared memory|Address already in use/.test(refusal)) break;
    }
    await delay(pollMs);
  }
  throw new DatabaseError(`The embedded PostgreSQL in ${folder} did not start. ${refusal || `Its log is ${path.join(folder, logName)}.`}`);
}

/** The postmaster of the folder, if one is alive. A pid file that another program's process now fits is taken away. */
async function findPostmaster(folder: string): Promise<Postmaster | null> {
  const file = path.join(folder, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0) || !isAlive(pid)) return null;
  if (!(await isPostgres(pid))) {
    await rm(file, { force: true });
    return null;
  }
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? 'starting').trim() };
}

/** Numbers of processes come again, after a restart of a container nearly always. */
async function isPostgres(pid: number): Promise<boolean> {
  if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('postgres');
  return (await run('ps', ['-p', String(pid), '-o', 'command='], null)).output.includes('postgres');
}

async function startPostmaster(
  programs: Programs,
  folder: string,
  user: OsUser,
  connections: number,
  deadline: number,
): Promise<{ postmaster?: Postmaster; output: string }> {
  const logFile = path.join(folder, logName);
  if (((await stat(logFile).catch(() => null))?.size ?? 0) > logBytes) await rename(logFile, `${logFile}.old`);
  const output = await open(logFile, 'a', 0o600);
  const before = (await output.stat()).size;
  const settings = {
    listen_addresses: '127.0.0.1',
    port: await freePort(),
    unix_socket_directories: '',
    max_connections: Math.max(100, connections + 20),
    // Only what concerns the server itself: statements and values of people don't belong in this log.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  try {
    // Detached, so that Ctrl-C reaches us and not the database, which must outlive our last statement.
    const child = spawn(programs.postgres, ['-D', folder, ...args], {
      cwd: '/',
      env: cleanEnvironment(),
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      ...user,
    });
    child.unref();
    const ended = exited(child);
    while (Date.now() < deadline) {
      const over = await Promise.race([ended, delay(pollMs, false)]);
      if (over) return { output: await tail(logFile, before) };
      const postmaster = await findPostmaster(folder);
      if (postmaster?.pid === child.pid && postmaster?.status === 'ready') return { postmaster, output: '' };
    }
    return { output: await tail(logFile, before) };
  } finally {
    await output.close();
  }
}

function exited(child: ChildProcess): Promise<true> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(true));
    child.once('exit', () => resolve(true));
  });
}

async function tail(file: string, from: number): Promise<string> {
  return (await readFile(file)).subarray(from).toString('utf8').trim().slice(-1_000);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
