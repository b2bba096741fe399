/** `npm run verify -- <folder or ZIP> ...`: checks that evidence of recordings is as it was signed. Options: --key FINGERPRINT or FILE, --json. */
import { runInOurPlace } from './lib/children.mjs';
import { at } from './lib/places.mjs';
import { main, SetupError } from './lib/report.mjs';
import { checkNode, isInstalled } from './lib/setup.mjs';

await main(async () => {
  checkNode();
  if (!isInstalled()) throw new SetupError('The npm packages are not installed. `npm start` (or `npm run build`) installs them.');
  process.exitCode = await runInOurPlace(process.execPath, [
    at('node_modules/tsx/dist/cli.mjs'),
    'src/recording/evidence/verify/main.ts',
    ...process.argv.slice(2),
  ]);
});
