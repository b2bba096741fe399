/** `npm run bench:<name>`: builds, then runs load-tests/<name>.ts. Options go to the benchmark: --json FILE, --html FILE. */
import { runInOurPlace } from './lib/children.mjs';
import { main } from './lib/report.mjs';
import { checkNode, ensureDependencies, ensurePage, ensureProtocol, ensureServer } from './lib/setup.mjs';
import { trySpeech } from './lib/speech.mjs';
import { ensureChromium } from './lib/test-needs.mjs';
import { ensureWorker } from './lib/worker.mjs';

await main(async () => {
  const [name, ...options] = process.argv.slice(2);
  checkNode();
  await ensureDependencies();
  const worker = await ensureWorker();
  await trySpeech();
  const chromium = await ensureChromium();
  await ensureProtocol();
  await ensureServer();
  await ensurePage();
  // Pauses of its own garbage collection would be counted as the server's.
  const node = ['--initial-old-space-size=1000', '--import', 'tsx'];
  process.exitCode = await runInOurPlace(process.execPath, [...node, `load-tests/${name}.ts`, ...options], {
    MEDIASOUP_WORKER_BIN: worker,
    CHROMIUM_PATH: chromium,
  });
});
