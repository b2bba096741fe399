/** `npm run doctor`: looks at this machine and says what is wrong and what to do. Options: --json. */
import { runInOurPlace } from './lib/children.mjs';
import { at } from './lib/places.mjs';
import { main, SetupError } from './lib/report.mjs';
import { checkNode, isInstalled } from './lib/setup.mjs';
import { findWorker } from './lib/worker.mjs';

await main(async () => {
  checkNode();
  if (!isInstalled())
    throw new SetupError('The npm packages are not installed. `npm start` (or `npm run build`) installs them; then ask the doctor again.');
  const worker = findWorker();
  process.exitCode = await runInOurPlace(
    process.execPath,
    [at('node_modules/tsx/dist/cli.mjs'), 'src/doctor/doctor.ts', ...process.argv.slice(2)],
    worker === null ? {} : { MEDIASOUP_WORKER_BIN: worker },
  );
});
