import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../src/platform/database/index.js';
import {
  freePort,
  freshDatabaseUrl,
  openTestDatabase,
  type TemporaryFolder,
  temporaryFolder,
  testConfig,
  testLog,
  waitFor,
} from '../../support/index.js';

let folder: TemporaryFolder;
let migrations: string;
const opened: Database[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  migrations = path.join(folder.path, 'migrations');
  await mkdir(migrations);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
  await folder.remove();
});

async function open(url: string, pool = 4): Promise<Database> {
  const database = await openDatabase({ config: testConfig({ DATABASE_URL: url, DATABASE_POOL: pool }), log: testLog(), migrations });
  opened.push(database);
  return database;
}

const migration = (name: string, sql: string) => writeFile(path.join(migrations, name), sql);

describe('statements', () => {
  it('answer rows, with values filled in', async () => {
    const database = await open(await freshDatabaseUrl());
    expect(await database.query('select $1::int + 1 as sum, $2::text as word', [41, "o'clock"])).toEqual([{ sum: 42, word: "o'clock" }]);
  });

  it('give a DATE as text, so that no time zone moves it', async () => {
    const database = await open(await freshDatabaseUrl());
    expect(await database.query(`select date '2026-02-28' as day`)).toEqual([{ day: '2026-02-28' }]);
  });

  it('of several in one text answer the rows of the last', async () => {
    const database = await open(await freshDatabaseUrl());
    expect(await database.query('select 1 as a; select 2 as b')).toEqual([{ b: 2 }]);
  });

  it('run on the product tables once it is opened with the own migrations', async () => {
    const database = await openTestDatabase();
    opened.push(database);
    expect(await database.query('select name from organisations')).toEqual([]);
  });
});

describe('a transaction', () => {
  it('writes all when it ends well', async () => {
    const database = await open(await freshDatabaseUrl());
    await database.query('create table notes (body text)');
    const said = await database.transaction(async (tx) => {
      await tx.query('insert into notes values ($1)', ['one']);
      await tx.query('insert into notes values ($1)', ['two']);
      return 'done';
    });
    expect(said).toBe('done');
    expect(await database.query('select body from notes order by body')).toEqual([{ body: 'one' }, { body: 'two' }]);
  });

  it('writes nothing when something is thrown in it, and throws that on', async () => {
    const database = await open(await freshDatabaseUrl());
    await database.query('create table notes (body text)');
    const oops = new Error('oops');
    await expect(
      database.transaction(async (tx) => {
        await tx.query('insert into notes values ($1)', ['one']);
        throw oops;
      }),
    ).rejects.toBe(oops);
    expect(await database.query('select body from notes')).toEqual([]);
  });

  it('is refused when a failure in it was swallowed, because PostgreSQL wrote nothing', async () => {
    const database = await open(await freshDatabaseUrl());
    await database.query('create table notes (body text primary key)');
    await expect(
      database.transaction(async (tx) => {
        await tx.query(`insert into notes values ('one')`);
        await tx.query(`insert into notes values ('one')`).catch(() => undefined);
      }),
    ).rejects.toThrow('rolled back');
    expect(await database.query('select body from notes')).toEqual([]);
  });

  it('can not be used after its end', async () => {
    const database = await open(await freshDatabaseUrl());
    const leaked = await database.transaction(async (tx) => tx);
    await expect(leaked.query('select 1')).rejects.toThrow('after the end');
  });

  it('that loses its connection fails, and the next one works', async () => {
    const database = await open(await freshDatabaseUrl(), 2);
    await expect(
      database.transaction(async (tx) => {
        const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        await database.query('select pg_terminate_backend($1)', [row?.pid]);
        await tx.query('select 1');
      }),
    ).rejects.toThrow();
    expect(await database.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });

  it('that loses its connection while it waits for something else does not end the process', async () => {
    const database = await open(await freshDatabaseUrl(), 2);
    await expect(
      database.transaction(async (tx) => {
        const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        await database.query('select pg_terminate_backend($1)', [row?.pid]);
        await waitFor(
          async () => (await database.query('select 1 from pg_stat_activity where pid = $1', [row?.pid])).length === 0,
          'the backend is gone',
        );
      }),
    ).rejects.toThrow();
  });

  it('gives its connection back whatever happens', async () => {
    const database = await open(await freshDatabaseUrl(), 2);
    const fail = () =>
      database.transaction(async (tx) => {
        await tx.query('select 1/0');
      });
    for (let round = 0; round < 8; round += 1) await expect(fail()).rejects.toThrow('division by zero');
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('migrations', () => {
  it('run in the order of their names, once', async () => {
    const url = await freshDatabaseUrl();
    await migration('0002-fill.sql', `insert into notes values ('two')`);
    await migration('0001-notes.sql', 'create table notes (body text)');
    await (await open(url)).close();
    const database = await open(url);
    expect(await database.query('select body from notes')).toEqual([{ body: 'two' }]);
    expect(await database.query('select name from migrations order by name')).toEqual([
      { name: '0001-notes.sql' },
      { name: '0002-fill.sql' },
    ]);
  });

  it('that fail leave nothing behind, and the ones before stay', async () => {
    const url = await freshDatabaseUrl();
    await migration('0001-notes.sql', 'create table notes (body text)');
    await migration('0002-wrong.sql', 'create table half (body text); select 1/0');
    await expect(open(url)).rejects.toThrow('0002-wrong.sql failed: division by zero');
    await migration('0002-wrong.sql', 'create table whole (body text)');
    const database = await open(url);
    expect(await database.query(`select to_regclass('half') as half, to_regclass('whole')::text as whole`)).toEqual([
      { half: null, whole: 'whole' },
    ]);
  });

  it('that were changed after they were applied refuse the start', async () => {
    const url = await freshDatabaseUrl();
    await migration('0001-notes.sql', 'create table notes (body text)');
    await (await open(url)).close();
    await migration('0001-notes.sql', 'create table notes (body text not null)');
    await expect(open(url)).rejects.toThrow('0001-notes.sql was changed after it was applied');
  });

  it('that only changed their line ends are the same', async () => {
    const url = await freshDatabaseUrl();
    await migration('0001-notes.sql', 'create table notes\n  (body text)\n');
    await (await open(url)).close();
    await migration('0001-notes.sql', 'create table notes\r\n  (body text)\r\n');
    await open(url);
  });

  it('of a newer version refuse the start of an older one', async () => {
    const url = await freshDatabaseUrl();
    await migration('0001-notes.sql', 'create table notes (body text)');
    await (await open(url)).close();
    await rm(path.join(migrations, '0001-notes.sql'));
    await expect(open(url)).rejects.toThrow('which this version does not know');
  });

  it('that come before an applied one are refused', async () => {
    const url = await freshDatabaseUrl();
    await migration('0002-notes.sql', 'create table notes (body text)');
    await (await open(url)).close();
    await migration('0001-late.sql', 'create table late (body text)');
    await expect(open(url)).rejects.toThrow('Give it the next number');
  });

  it('with a name out of order or a number twice are refused', async () => {
    const url = await freshDatabaseUrl();
    await migration('notes.sql', 'select 1');
    await expect(open(url)).rejects.toThrow('not named like');
    await rm(path.join(migrations, 'notes.sql'));
    await migration('0001-one.sql', 'select 1');
    await migration('0001-other.sql', 'select 1');
    await expect(open(url)).rejects.toThrow('Two migrations have the number 0001');
  });

  it('run once when several processes start at the same moment', async () => {
    const url = await freshDatabaseUrl();
    await migration('0001-notes.sql', 'create table notes (body text)');
    await migration('0002-fill.sql', `insert into notes values ('once')`);
    const databases = await Promise.all([open(url), open(url), open(url), open(url)]);
    for (const database of databases) expect(await database.query('select body from notes')).toEqual([{ body: 'once' }]);
  });
});

describe('a database that can not be used', () => {
  it('is named without its password', async () => {
    const url = new URL(await freshDatabaseUrl());
    url.pathname = 'nowhere';
    const failure = await open(url.href).catch((error: unknown) => error);
    expect(String(failure)).toContain('The database nowhere at 127.0.0.1');
    expect(String(failure)).not.toContain(url.password);
  });

  it('is waited for while it is still starting', async () => {
    const port = await freePort();
    const real = new URL(await freshDatabaseUrl());
    const url = new URL(real);
    url.port = String(port);
    const opening = open(url.href);
    // A relay that begins to listen later stands for a server that comes up later.
    const relay = createServer((socket) => socket.pipe(connect(Number(real.port), '127.0.0.1')).pipe(socket));
    await new Promise<void>((resolve) => relay.listen(port, '127.0.0.1', resolve));
    const database = await opening;
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
    relay.close();
  });
});

it('closes twice without harm', async () => {
  const database = await open(await freshDatabaseUrl());
  await Promise.all([database.close(), database.close()]);
  await database.close();
});
