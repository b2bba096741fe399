/** `npm run load -- SCENARIO [options]`: builds what is needed, finds k6, and runs load-tests/k6/load.ts. `--help` lists the options. */
import { runInOurPlace } from './lib/children.mjs';
import { ensureK6 } from './lib/k6.mjs';
import { at } from './lib/places.mjs';
import { main } from './lib/report.mjs';
import { checkNode, ensureDependencies, ensurePage, ensureProtocol, ensureServer } from './lib/setup.mjs';
import { ensureWorker } from './lib/worker.mjs';

await main(async () => {
  const options = process.argv.slice(2);
  const needs = (name) => options.some((option) => option === name || option.startsWith(`${name}=`));
  checkNode();
  await ensureDependencies();
  await ensureProtocol();
  const env = {};
  if (!needs('--help') && !needs('-h')) {
    env.K6_PATH = await ensureK6();
    // A server that is there already needs nothing of ours.
    if (!needs('--url')) {
      env.MEDIASOUP_WORKER_BIN = await ensureWorker();
      await ensureServer();
      await ensurePage();
    }
  }
  process.exitCode = await runInOurPlace(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), 'load-tests/k6/load.ts', ...options], env);
});
