/**
 * Migrations: plain SQL files `0001-what.sql`, run in the order of their names, each in a
 * transaction. An applied file is never changed again: its checksum is kept.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../log.js';
import { DatabaseError } from './database-error.js';

export interface MigrateOptions {
  readonly url: string;
  readonly folder: string;
  readonly applicationName: string;
  readonly log: Log;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const fileName = /^\d{4}-[a-z0-9-]+\.sql$/;
/** 15 is the oldest that the migrations are written for (`nulls not distinct`). */
const oldestServer = 150_000;

/**
 * Brings the database to the state of the folder. Safe to run by several processes at once: an
 * advisory lock lets one work and the others find the work done.
 *
 * @returns the names of the migrations that were applied now.
 */
export async function migrate({ url, folder, applicationName, log }: MigrateOptions): Promise<string[]> {
  const wanted = await readMigrations(folder);
  // A connection of its own: statements of a migration have no time limit, and the end of the
  // connection gives the lock back whatever happens.
  const client = new pg.Client({ connectionString: url, application_name: applicationName, connectionTimeoutMillis: 10_000 });
  client.on('error', (error) => log.warn({ err: error }, 'migrate: the connection was lost'));
  await client.connect();
  try {
    await checkServer(client);
    await client.query(`select pg_advisory_lock(hashtextextended('causeway.migrations', 0))`);
    await client.query(
      'create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
    const applied = await client.query<{ name: string; checksum: string }>('select name, checksum from migrations order by name');
    const open = compare(wanted, applied.rows);
    for (const migration of open) {
      await apply(client, migration);
      log.info({ migration: migration.name }, 'migrate: applied');
    }
    return open.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const odd = names.find((name) => !fileName.test(name));
  if (odd) throw new DatabaseError(`The migration ${odd} is not named like 0001-what-it-does.sql.`);
  const numbers = names.map((name) => name.slice(0, 4));
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice) throw new DatabaseError(`Two migrations have the number ${twice}.`);
  return Promise.all(
    names.map(async (name) => {
      // A checkout on Windows may have changed the line ends.
      const sql = (await readFile(path.join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function checkServer(client: pg.Client): Promise<void> {
  const result = await client.query<{ version: number; encoding: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
  );
  const server = result.rows[0];
  if (!server) throw new DatabaseError('The database did not say its version.');
  if (server.version < oldestServer) throw new DatabaseError('The database must be PostgreSQL 15 or newer.');
  if (server.encoding !== 'UTF8') throw new DatabaseError(`The database must be made with encoding UTF8; it has ${server.encoding}.`);
}

/** The migrations that are still to be applied. */
function compare(wanted: readonly Migration[], applied: readonly { name: string; checksum: string }[]): Migration[] {
  for (const [index, row] of applied.entries()) {
    const here = wanted.find((migration) => migration.name === row.name);
    if (!here)
      throw new DatabaseError(`The database has the migration ${row.name}, which this version does not know. Run the newer version.`);
    if (here.checksum !== row.checksum) {
      throw new DatabaseError(
        `The migration ${row.name} was changed after it was applied. Restore it, and write the change as a new migration.`,
      );
    }
    const expected = wanted[index];
    if (expected && expected.name !== row.name) {
      throw new DatabaseError(
        `The migration ${expected.name} comes before ${row.name}, which is applied already. Give it the next number.`,
      );
    }
  }
  return wanted.slice(applied.length);
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.sql);
    await client.query('insert into migrations (name, checksum) values ($1, $2)', [migration.name, migration.checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new DatabaseError(`The migration ${migration.name} failed: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}
