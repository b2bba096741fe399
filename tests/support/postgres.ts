/** Fresh databases on the PostgreSQL of the run. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/platform/database/index.js';
import { testConfig, testLog } from './config.js';

/** An empty database. It goes away with the server at the end of the run. */
export async function freshDatabaseUrl(): Promise<string> {
  const admin = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(admin);
  url.pathname = name;
  return url.href;
}

/** A fresh database with the product's tables. */
export async function openTestDatabase(): Promise<Database & { readonly url: string }> {
  const url = await freshDatabaseUrl();
  const database = await openDatabase({ config: testConfig({ DATABASE_URL: url }), log: testLog() });
  return { ...database, url };
}
