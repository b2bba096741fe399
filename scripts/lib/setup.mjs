/** The steps between a fresh clone and something that runs. Each is skipped when it is up to date. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { at } from './places.mjs';
import { run, runTool, SetupError, say } from './report.mjs';
import { whenChanged } from './stamp.mjs';

/** The oldest Node that all packages load on; `engines` in package.json says the same. */
const oldestNode = [20, 19];

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new SetupError(
      `Causeway needs Node ${oldestNode.join('.')} or later; this is ${process.versions.node}. Install a current one from https://nodejs.org and run this again.`,
    );
  }
}

/** Installs exactly what package-lock.json says, unless it is there already. */
export async function ensureDependencies() {
  if (isInstalled()) return;
  say('Installing npm packages: about a minute');
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  // The packages that build Causeway are development dependencies: they are wanted also where NODE_ENV is production.
  // mediasoup's own installer would download or compile; ensureWorker() does that with more care.
  await run('npm ci', command, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier'], {
    env: { MEDIASOUP_WORKER_BIN: 'later' },
  });
}

/** Protocol code from proto/. */
export async function ensureProtocol() {
  await whenChanged({ name: 'protocol', inputs: ['proto'], outputs: ['generated/causeway.js', 'generated/causeway.d.ts'] }, async () => {
    say('Generating the protocol code');
    mkdirSync(at('generated'), { recursive: true });
    const options = ['-t', 'static-module', '-w', 'es6', '--es6', '--no-delimited', '--no-verify', '--force-number'];
    await runTool('pbjs', 'protobufjs-cli/bin/pbjs', [
      '-p',
      'proto',
      ...options,
      '-o',
      'generated/causeway.js',
      'proto/causeway/frame.proto',
    ]);
    await runTool('pbts', 'protobufjs-cli/bin/pbts', ['-o', 'generated/causeway.d.ts', 'generated/causeway.js']);
  });
}

/** The server, compiled to dist/. */
export async function ensureServer() {
  await whenChanged({ name: 'server', inputs: ['src', 'proto', 'tsconfig.json'], outputs: ['dist/main.js'] }, async () => {
    say('Compiling the server');
    rmSync(at('dist'), { recursive: true, force: true });
    await runTool('tsc', 'typescript/bin/tsc', ['-p', '.']);
  });
}

/** The page, built to web/dist/. */
export async function ensurePage() {
  // What the page shares with the server (.dependency-cruiser.cjs lets it import nothing else from there).
  const shared = readdirSync(at('src'), { recursive: true })
    .filter((file) => ['schema.ts', 'meeting-state.ts', 'errors.ts', 'han-script.ts'].includes(path.basename(file)))
    .map((file) => path.join('src', file));
  await whenChanged({ name: 'page', inputs: ['web', 'proto', ...shared.sort()], outputs: ['web/dist/index.html'] }, async () => {
    say('Building the page');
    await runTool('vite build', 'vite/bin/vite.js', ['build', 'web']);
  });
}

/** Compares what npm wrote down about node_modules with the lock file. */
export function isInstalled() {
  const installed = at('node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
  const want = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(([place, entry]) => {
    if (place === '') return true;
    const there = have[place];
    // An optional package may be for another system.
    return there === undefined
      ? entry.optional === true || entry.devOptional === true
      : there.version === entry.version && there.integrity === entry.integrity;
  });
}
