/** `npm run bench:<name>`: builds, then runs load-tests/<name>.ts. Options go to the benchmark: --json FILE, --html FILE. */
import { runInOurPlace } from './lib/children.mjs';
import { at } from './lib/places.mjs';
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
  process.exitCode = await runInOurPlace(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), `load-tests/${name}.ts`, ...options], {
    MEDIASOUP_WORKER_BIN: worker,
    CHROMIUM_PATH: chromium,
  });
});
