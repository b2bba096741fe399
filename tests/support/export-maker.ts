/** A server process for tests: makes exports until it comes to the blob that it is told to stand still at, and says so. Killed by the test. */
import { openRetention } from '../../src/chat/retention/open-retention.js';
import { type BlobStore, openBlobs } from '../../src/platform/blobs/index.js';
import { systemClock } from '../../src/platform/clock.js';
import { openDatabase } from '../../src/platform/database/index.js';
import { openJobs } from '../../src/platform/jobs/index.js';
import { AuditLog } from '../../src/services/audit/index.js';
import { testConfig, testLog } from './config.js';

/** The number of a blob, from 1; or "file", the ZIP. */
const [databaseUrl = '', folder = '', standAt = ''] = process.argv.slice(2);
const log = testLog();
const database = await openDatabase({ config: testConfig({ DATABASE_URL: databaseUrl }), log });
const jobs = await openJobs({ database, log, pollMs: 50 });
const store = await openBlobs(testConfig({ DATA_DIR: folder }), log);
let puts = 0;
const blobs: BlobStore = {
  get: (...call) => store.get(...call),
  stat: (key) => store.stat(key),
  delete: (key) => store.delete(key),
  list: (prefix) => store.list(prefix),
  healthy: () => store.healthy(),
  close: () => store.close(),
  put: async (key, content) => {
    puts += 1;
    if (standAt === String(puts) || (standAt === 'file' && key.endsWith('/file'))) {
      process.stdout.write(`stands at ${key}\n`);
      await new Promise(() => undefined);
    }
    return store.put(key, content);
  },
};
const audit = new AuditLog({ database, clock: systemClock });
await openRetention({
  database,
  blobs,
  jobs,
  clock: systemClock,
  log,
  audit,
  guard: { checkExport: async () => undefined },
  hidden: async () => undefined,
  silentMs: 1_000,
});
