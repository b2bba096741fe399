/** A server process for tests: takes one job of the kind `tests.held`, says so, and never ends it. Killed by the test. */
import { z } from 'zod';
import { openDatabase } from '../../src/platform/database/index.js';
import { openJobs } from '../../src/platform/jobs/index.js';
import { testConfig, testLog } from './config.js';

const [databaseUrl = ''] = process.argv.slice(2);
const log = testLog();
const database = await openDatabase({ config: testConfig({ DATABASE_URL: databaseUrl }), log });
const jobs = await openJobs({ database, log, pollMs: 50 });
await jobs.work({ name: 'tests.held', schema: z.object({ number: z.number() }), expireSeconds: 2 }, async ({ number }) => {
  process.stdout.write(`took ${number}\n`);
  await new Promise(() => undefined);
});
