/**
 * `npm test`: sets up, lints, runs all tests, and ends with the line `N passed, N failed`.
 *
 * Lint counts as one test. Arguments go to vitest: `npm test -- tests/unit/bus.test.ts`. Tests that
 * take minutes are run by `npm run test:long` only.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { runInOurPlace } from './lib/children.mjs';
import { at } from './lib/places.mjs';
import { SetupError, say } from './lib/report.mjs';
import { checkNode, ensureDependencies, ensurePage, ensureProtocol, ensureServer } from './lib/setup.mjs';
import { trySpeech } from './lib/speech.mjs';
import { ensureChromium, ensureRedis, tryTurnServer } from './lib/test-needs.mjs';
import { ensureWorker } from './lib/worker.mjs';

const results = at('test-results/vitest.json');
const given = process.argv.slice(2);
const projects = given.some((argument) => argument.startsWith('--project')) ? [] : ['--project=!long'];
let passed = 0;
let failed = 0;

try {
  const env = await setUp();
  count((await runInOurPlace(process.execPath, ['scripts/lint.mjs'])) === 0);
  await runTests(env);
} catch (error) {
  process.stderr.write(`\n${error instanceof SetupError ? error.message : error.stack}\n`);
  count(false);
}
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function setUp() {
  checkNode();
  await ensureDependencies();
  const worker = await ensureWorker();
  const chromium = await ensureChromium();
  const searchPath = await ensureRedis();
  await tryTurnServer();
  await trySpeech();
  await ensureProtocol();
  await ensureServer();
  await ensurePage();
  return { MEDIASOUP_WORKER_BIN: worker, CHROMIUM_PATH: chromium, PATH: searchPath };
}

async function runTests(env) {
  rmSync(results, { force: true });
  mkdirSync(at('test-results'), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const status = await runInOurPlace(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...projects, ...given], env);
  if (!existsSync(results)) throw new SetupError('vitest ended without results.');
  const report = JSON.parse(readFileSync(results, 'utf8'));
  // A file that can't be loaded has no tests to count, and is a failure all the same.
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((one) => one.status !== 'failed'),
  ).length;
  passed += report.numPassedTests;
  failed += report.numFailedTests + unloadable;
  const skipped = report.numPendingTests + report.numTodoTests;
  if (skipped > 0) say(`${skipped} skipped`);
  // Errors outside any test, such as a rejection that nobody handles.
  if (status !== 0 && report.numFailedTests + unloadable === 0) count(false);
}

function count(ok) {
  if (ok) passed += 1;
  else failed += 1;
}
