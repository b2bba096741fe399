/** `npm run build`: everything that `npm start` makes, without starting it. */
import { main } from './lib/report.mjs';
import { checkNode, ensureDependencies, ensurePage, ensureProtocol, ensureServer } from './lib/setup.mjs';
import { trySpeech } from './lib/speech.mjs';
import { ensureWorker } from './lib/worker.mjs';

await main(async () => {
  checkNode();
  await ensureDependencies();
  await ensureWorker();
  await trySpeech();
  await ensureProtocol();
  await ensureServer();
  await ensurePage();
});
