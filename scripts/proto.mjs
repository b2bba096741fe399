/** `npm run proto`: the protocol code from proto/, when it changed. */
import { main } from './lib/report.mjs';
import { checkNode, ensureDependencies, ensureProtocol } from './lib/setup.mjs';

await main(async () => {
  checkNode();
  await ensureDependencies();
  await ensureProtocol();
});
