/**
 * `npm start`: from a fresh clone to a running server.
 *
 * Needs nothing but Node, because it is what installs the rest. What is up to date is skipped,
 * so every start but the first takes seconds.
 */
import { runInOurPlace } from './lib/children.mjs';
import { main } from './lib/report.mjs';
import { checkNode, ensureDependencies, ensurePage, ensureProtocol, ensureServer } from './lib/setup.mjs';
import { trySpeech } from './lib/speech.mjs';
import { ensureWorker } from './lib/worker.mjs';

const beforeTheServer = [
  // A connection is an open file, and the soft limit is often 1,024. Node can't raise it, a shell
  // can. More than a million helps nobody, and some systems allow more than programs can handle.
  'hard=$(ulimit -H -n)',
  '{ [ "$hard" != unlimited ] && [ "$hard" -le 1048576 ]; } || hard=1048576',
  'ulimit -S -n "$hard"',
  // The server is in a process group of its own: where Linux can tell it that we were killed, it drains.
  'setpriv --pdeathsig TERM true 2>/dev/null && exec setpriv --pdeathsig TERM "$0" "$@"',
  'exec "$0" "$@"',
].join('; ');

await main(async () => {
  checkNode();
  await ensureDependencies();
  const worker = await ensureWorker();
  await trySpeech();
  await ensureProtocol();
  await ensureServer();
  await ensurePage();

  const server = [process.execPath, '--enable-source-maps', 'dist/main.js', ...process.argv.slice(2)];
  const onWindows = process.platform === 'win32';
  const [command, ...args] = onWindows ? server : ['sh', '-c', beforeTheServer, ...server];
  process.exitCode = await runInOurPlace(command, args, { MEDIASOUP_WORKER_BIN: worker }, { ownGroup: !onWindows });
});
