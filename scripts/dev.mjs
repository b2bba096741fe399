/** `npm run dev`: the server restarts when its source changes, and Vite serves the page with hot reload. */
import { runTogether } from './lib/children.mjs';
import { at } from './lib/places.mjs';
import { main } from './lib/report.mjs';
import { checkNode, ensureDependencies, ensurePage, ensureProtocol } from './lib/setup.mjs';
import { trySpeech } from './lib/speech.mjs';
import { ensureWorker } from './lib/worker.mjs';

await main(async () => {
  checkNode();
  await ensureDependencies();
  const worker = await ensureWorker();
  await trySpeech();
  await ensureProtocol();
  await ensurePage();
  process.exitCode = await runTogether([
    [
      process.execPath,
      [at('node_modules/tsx/dist/cli.mjs'), 'watch', '--clear-screen=false', 'src/main.ts'],
      { MEDIASOUP_WORKER_BIN: worker },
    ],
    [process.execPath, [at('node_modules/vite/bin/vite.js'), 'web']],
  ]);
});
