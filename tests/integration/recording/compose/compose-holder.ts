/** A server process for tests: composes one recording, says how far it is, and is killed by the test. */
import { FolderBlobs } from '../../../../src/platform/blobs/folder-blobs.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { openDatabase } from '../../../../src/platform/database/index.js';
import { composeStep } from '../../../../src/recording/compose/index.js';
import { Recordings } from '../../../../src/recording/recordings.js';
import { testConfig, testLog } from '../../../support/config.js';

const [databaseUrl = '', folder = '', orgId = '', id = ''] = process.argv.slice(2);
const config = testConfig({ DATABASE_URL: databaseUrl, DATA_DIR: folder, COMPOSE_HEIGHT: 720 });
const log = testLog();
const database = await openDatabase({ config, log });
const blobs = await FolderBlobs.open(`${folder}/blobs`);
const recordings = new Recordings({ database, blobs, clock: systemClock });
await composeStep({ config, database, blobs, rows: recordings, files: recordings, log }).run(await recordings.get(orgId, id), {
  signal: new AbortController().signal,
  version: 1,
  progress: (ratio) => process.stdout.write(`${ratio}\n`),
});
