import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../src/platform/database/index.js';
import { type TemporaryFolder, temporaryFolder, testConfig, testLog, waitFor } from '../../support/index.js';

let folder: TemporaryFolder;
let dataDir: string;
let migrations: string;
const opened: Database[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  dataDir = path.join(folder.path, 'da ta');
  migrations = path.join(folder.path, 'migrations');
  await mkdir(migrations);
  await writeFile(path.join(migrations, '0001-notes.sql'), 'create table notes (number int primary key)');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(opened.splice(0).map((database) => database.close()));
  await folder.remove();
});

async function open(): Promise<Database> {
  const config = testConfig({ DATA_DIR: dataDir, DATABASE_POOL: 4 });
  const database = await openDatabase({ config, log: testLog(), migrations, elsewhere: path.join(folder.path, 'elsewhere') });
  opened.push(database);
  return database;
}

const pidFile = (place = dataDir) => path.join(place, 'postgres', 'postmaster.pid');

async function postmasterPid(): Promise<number> {
  return Number((await readFile(pidFile(), 'utf8')).split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Another server process on the same data folder, that writes numbers until it is killed and says each that was committed. */
async function startWriter(): Promise<{ child: ChildProcess; committed: number[] }> {
  const program = path.join(import.meta.dirname, '..', '..', 'support', 'database-writer.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir, migrations], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const committed: number[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    committed.push(...lines.map(Number));
  });
  await waitFor(() => committed.length >= 50, 'fifty committed rows', { deadlineMs: 40_000 });
  return { child, committed };
}

describe('the embedded PostgreSQL', () => {
  it('keeps what was written over a stop and a start', async () => {
    const first = await open();
    await first.query('insert into notes values (1)');
    await first.close();
    expect(await (await open()).query('select number from notes')).toEqual([{ number: 1 }]);
  });

  it('is stopped by close', async () => {
    const database = await open();
    const pid = await postmasterPid();
    await database.close();
    await waitFor(() => !isAlive(pid), 'the end of PostgreSQL');
  });

  it('syncs to disk, checks its pages, and takes local connections only', async () => {
    const database = await open();
    const [settings] = await database.query(
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, current_setting('data_checksums') as checksums,
              current_setting('listen_addresses') as listen, current_setting('server_encoding') as encoding, current_setting('timezone') as timezone`,
    );
    expect(settings).toEqual({ fsync: 'on', commit: 'on', checksums: 'on', listen: '127.0.0.1', encoding: 'UTF8', timezone: 'UTC' });
  });

  it('sees Chinese letters, so that they can be searched for', async () => {
    const database = await open();
    await database.query('create extension pg_trgm');
    const [row] = await database.query<{ trigrams: string[] }>(`select show_trgm('預算會議') as trigrams`);
    expect(row?.trigrams.length).toBeGreaterThan(2);
  });

  it('keeps its password in a file that only its owner reads', async () => {
    await open();
    const { mode, size } = await stat(path.join(dataDir, 'postgres', 'causeway.password'));
    expect(mode & 0o777).toBe(0o600);
    expect(size).toBeGreaterThanOrEqual(32);
  });

  it('loses no committed row when the server is killed, and the next start attaches to it', async () => {
    const { child, committed } = await startWriter();
    const pid = await postmasterPid();
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    expect(isAlive(pid)).toBe(true);

    const database = await open();
    expect(await postmasterPid()).toBe(pid);
    const rows = await database.query<{ number: number }>('select number from notes');
    const found = new Set(rows.map((row) => row.number));
    expect(committed.filter((number) => !found.has(number))).toEqual([]);
    await database.close();
    // Not our child: the system buries it a moment after its end.
    await waitFor(() => !isAlive(pid), 'the end of PostgreSQL');
  });

  it('recovers when both the server and PostgreSQL were killed', async () => {
    const { child, committed } = await startWriter();
    const pid = await postmasterPid();
    process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');

    const database = await open();
    expect(await postmasterPid()).not.toBe(pid);
    const rows = await database.query<{ number: number }>('select number from notes');
    const found = new Set(rows.map((row) => row.number));
    expect(committed.filter((number) => !found.has(number))).toEqual([]);
  });

  it('starts when the process number in its pid file belongs to another program now', async () => {
    await (await open()).close();
    await writeFile(pidFile(), `${process.pid}\n${path.join(dataDir, 'postgres')}\n1700000000\n5999\n\n127.0.0.1\n\nready   \n`);
    expect(await (await open()).query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is shared by processes that start at once, and stays until the last one closes', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const pid = await postmasterPid();
    await one?.close();
    expect(isAlive(pid)).toBe(true);
    await other?.query('insert into notes values (7)');
    await other?.close();
    await waitFor(() => !isAlive(pid), 'the end of PostgreSQL');
  });

  it('says what is wrong when it can not start', async () => {
    await (await open()).close();
    await writeFile(path.join(dataDir, 'postgres', 'postgresql.auto.conf'), 'no_such_setting = 1\n');
    await expect(open()).rejects.toThrow(/did not start.*no_such_setting/s);
  });
});

describe.runIf(process.getuid?.() === 0)('a server that root starts in a closed folder', () => {
  it('keeps its database elsewhere, and finds it again', async () => {
    await mkdir(dataDir);
    await chmod(dataDir, 0o700);
    const first = await open();
    await first.query('insert into notes values (1)');
    await first.close();
    const place = (await readFile(path.join(dataDir, 'postgres-is-at'), 'utf8')).trim();
    expect(path.dirname(place)).toBe(path.join(folder.path, 'elsewhere'));
    await stat(path.join(place, 'postgres', 'PG_VERSION'));
    // Opened to others later, it still is where it was.
    await chmod(dataDir, 0o755);
    expect(await (await open()).query('select number from notes')).toEqual([{ number: 1 }]);
  });
});
