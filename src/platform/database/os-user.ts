/**
 * PostgreSQL refuses to run as root. Where the server is started by root, its database runs as
 * the system's user `postgres`, who needs to be there and to reach the folders in question.
 */
import { spawn } from 'node:child_process';
import { DatabaseError } from './database-error.js';

/** Whom PostgreSQL runs as. Null: whoever runs this process. */
export type OsUser = { readonly uid: number; readonly gid: number } | null;

export interface Outcome {
  /** Null when the program could not be started or was ended by a signal. */
  readonly code: number | null;
  readonly output: string;
}

const userName = 'postgres';

export async function findOsUser(): Promise<OsUser> {
  if (process.getuid?.() !== 0) return null;
  const found = await lookUp();
  if (found) return found;
  const made = await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', userName], null);
  const user = await lookUp();
  if (user) return user;
  throw new DatabaseError(
    `PostgreSQL can't run as root, and the user "${userName}" could not be made (${made.output.trim()}). Start the server as another user, make that user, or set DATABASE_URL.`,
  );
}

async function lookUp(): Promise<OsUser> {
  const [uid, gid] = await Promise.all([run('id', ['-u', userName], null), run('id', ['-g', userName], null)]);
  return uid.code === 0 && gid.code === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : null;
}

/** Runs a program to its end as the user. Its environment is clean: PGDATA and the like must not reach it. */
export function run(program: string, args: readonly string[], user: OsUser): Promise<Outcome> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { cwd: '/', env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], ...user });
    const collect = (chunk: Buffer) => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

export function cleanEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

/** True when the user can go into the folder. Asked of the system itself, because ancestors, ACLs and mounts count as well. */
export async function canEnter(folder: string, user: OsUser): Promise<boolean> {
  if (!user) return true;
  return (await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], user)).code === 0;
}
