/** The process of the embedded PostgreSQL: found by its pid file, started, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.js';
import { DatabaseError } from './database-error.js';
import { cleanEnvironment, type OsUser, run } from './os-user.js';
import type { Programs } from './server-place.js';

export interface PostmasterOptions {
  readonly programs: Programs;
  /** The cluster's folder, by its real path. */
  readonly folder: string;
  readonly user: OsUser;
  /** Connections that will be opened to it, at most. */
  readonly connections: number;
}

/** What postmaster.pid says. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: string;
}

const logName = 'causeway.log';
/** Recovery after a crash of the machine may take this long, milliseconds. */
const startMs = 120_000;
const stopMs = 30_000;
const pollMs = 20;
const logBytes = 10_000_000;

/** @throws {DatabaseError} with the reason that PostgreSQL gave. */
export async function attachOrStart(options: PostmasterOptions): Promise<{ postmaster: Postmaster; attached: boolean }> {
  const { folder } = options;
  const deadline = Date.now() + startMs;
  let refusal = '';
  while (Date.now() < deadline) {
    const running = await findPostmaster(folder);
    if (running?.status === 'ready') return { postmaster: running, attached: true };
    if (!running) {
      const outcome = await startPostmaster(options, deadline);
      if (outcome.postmaster) return { postmaster: outcome.postmaster, attached: false };
      refusal = outcome.output;
      // Another process may be starting it, its old backends may still be ending, or the port was taken a moment ago.
      if (!/lock file|shared memory|Address already in use/.test(refusal)) break;
    }
    await delay(pollMs);
  }
  throw new DatabaseError(`The embedded PostgreSQL in ${folder} did not start. ${refusal || `Its log is ${path.join(folder, logName)}.`}`);
}

export async function stopPostmaster(pid: number, folder: string, log: Log): Promise<void> {
  signal(pid, 'SIGINT');
  if (await gone(pid, folder)) return;
  log.warn({ pid }, 'database: the embedded PostgreSQL did not stop in time and is ended at once; it recovers at the next start');
  signal(pid, 'SIGQUIT');
  await gone(pid, folder);
}

/** The postmaster of the folder, if one is alive. A pid file that another program's process now fits is taken away. */
async function findPostmaster(folder: string): Promise<Postmaster | null> {
  const file = path.join(folder, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0) || !isAlive(pid)) return null;
  if (!(await isOurs(pid, folder))) {
    await rm(file, { force: true });
    return null;
  }
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? 'starting').trim() };
}

/** Numbers of processes come again, after a restart of a container nearly always. One that ended and was not yet buried is none. */
async function isOurs(pid: number, folder: string): Promise<boolean> {
  const command =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      : (await run('ps', ['-p', String(pid), '-o', 'command='], null)).output;
  return command.includes('postgres') && command.includes(folder);
}

async function startPostmaster(options: PostmasterOptions, deadline: number): Promise<{ postmaster?: Postmaster; output: string }> {
  const { programs, folder, user, connections } = options;
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

async function gone(pid: number, folder: string): Promise<boolean> {
  const deadline = Date.now() + stopMs;
  while (isAlive(pid) && (await isOurs(pid, folder))) {
    if (Date.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}
