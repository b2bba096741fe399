/** A server process for tests: writes one number after the other and says each once it is committed. Killed by the test. */
import { openDatabase } from '../../src/platform/database/index.js';
import { testConfig, testLog } from './config.js';

const [dataDir = '', migrations = ''] = process.argv.slice(2);
const database = await openDatabase({ config: testConfig({ DATA_DIR: dataDir, DATABASE_POOL: 4 }), log: testLog(), migrations });
for (let number = 1; ; number += 1) {
  await database.query('insert into notes values ($1)', [number]);
  process.stdout.write(`${number}\n`);
}
