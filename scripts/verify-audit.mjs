/** `npm run verify-audit`: checks that the audit log is as it was written. Options: --json, --known ORGANISATION:NUMBER:HASH. */
import { runInOurPlace } from './lib/children.mjs';
import { at } from './lib/places.mjs';
import { main, SetupError } from './lib/report.mjs';
import { checkNode, isInstalled } from './lib/setup.mjs';

await main(async () => {
  checkNode();
  if (!isInstalled()) throw new SetupError('The npm packages are not installed. `npm start` (or `npm run build`) installs them.');
  process.exitCode = await runInOurPlace(process.execPath, [
    at('node_modules/tsx/dist/cli.mjs'),
    'src/services/audit/verify-audit.ts',
    ...process.argv.slice(2),
  ]);
});
