/**
 * The media worker: a native program that the npm package "mediasoup" does not carry.
 *
 * Looked for in this order: MEDIASOUP_WORKER_BIN, the per-user cache, the place where the
 * package puts a download, upstream's download, and last a build from the package's own
 * source. One that is new here has to make a real DTLS handshake before it enters the cache
 * (docs/decisions/0001-worker-built-from-source.md).
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { hashOf } from './hash.mjs';
import { ensurePackages } from './packages.mjs';
import { at, cache } from './places.mjs';
import { run, SetupError, say } from './report.mjs';

const program = process.platform === 'win32' ? 'mediasoup-worker.exe' : 'mediasoup-worker';
const recipe = at('scripts/mediasoup-worker');
const buildScript = path.join(recipe, 'build-worker.sh');

/** The worker that the settings or the per-user cache have for the installed mediasoup; null when there is none that runs. */
export function findWorker() {
  const given = givenWorker();
  if (given !== null) return given;
  if (!existsSync(at('node_modules/mediasoup/package.json'))) return null;
  const cached = cachedPath();
  return runs(cached) ? cached : null;
}

/** Finds, fetches or builds a worker that works, and gives its path. */
export async function ensureWorker() {
  const given = givenWorker();
  if (given !== null && !runs(given)) {
    throw new SetupError(
      `MEDIASOUP_WORKER_BIN is ${given}, which does not run as a mediasoup-worker. Correct it, or remove the setting to get one built.`,
    );
  }
  return findWorker() ?? (await fromPackage()) ?? (await fromUpstream()) ?? (await fromSource());
}

/** Another version of mediasoup, another recipe or another machine type has another worker. */
export function cachedPath() {
  const { version } = JSON.parse(readFileSync(at('node_modules/mediasoup/package.json'), 'utf8'));
  const key = hashOf(recipe, ['build-worker.sh', 'subprojects-shims']).slice(0, 12);
  return path.join(cache, 'mediasoup-worker', `${version}-${process.platform}-${process.arch}-${key}`, program);
}

function givenWorker() {
  const dotEnv = existsSync(at('.env')) ? parseEnv(readFileSync(at('.env'), 'utf8')) : {};
  return process.env.MEDIASOUP_WORKER_BIN || dotEnv.MEDIASOUP_WORKER_BIN || null;
}

/** Started without the environment that mediasoup gives it, a worker says so and exits with 41; mediasoup's installer checks the same. */
function runs(binary) {
  return existsSync(binary) && spawnSync(binary, { env: {}, stdio: 'ignore', timeout: 10_000 }).status === 41;
}

function packagedPath() {
  return at('node_modules/mediasoup/worker/out/Release', program);
}

async function fromPackage() {
  return runs(packagedPath()) ? keep(packagedPath(), 'The media worker in node_modules') : null;
}

async function fromUpstream() {
  if (!(await isDownloadable())) return null;
  say("Downloading upstream's media worker");
  try {
    // When its download fails, the package turns to Python for a build that downloads much more: give it none.
    const env = { MEDIASOUP_WORKER_BIN: '', MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD: '', PYTHON: 'no-python-wanted' };
    await run("Download of upstream's media worker", process.execPath, ['npm-scripts.mjs', 'postinstall'], {
      cwd: at('node_modules/mediasoup'),
      env,
      timeout: 180_000,
    });
    return await keep(packagedPath(), "Upstream's media worker");
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say("Upstream's media worker can't be used here");
    return null;
  }
}

/** Whether upstream has a worker for this machine and it can be reached: known in seconds, where the package would wait for minutes. */
async function isDownloadable() {
  const { version, repository } = JSON.parse(readFileSync(at('node_modules/mediasoup/package.json'), 'utf8'));
  const named = spawnSync(process.execPath, ['npm-scripts.mjs', 'worker:prebuild-name'], {
    cwd: at('node_modules/mediasoup'),
    encoding: 'utf8',
  });
  const tar = /workerPrebuildTarName:([^\]]+)\]/.exec(`${named.stdout}${named.stderr}`)?.[1];
  if (tar === undefined) return false;
  const releases = `${repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`;
  try {
    const url = `${process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ?? releases}/${version}/${tar}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(6_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function fromSource() {
  const packages = spawnSync('bash', [buildScript, '--packages'], { encoding: 'utf8' }).stdout?.trim().split(/\s+/) ?? [];
  const instead =
    "On a machine that reaches GitHub, upstream's own build is used. Or build mediasoup-worker as upstream describes, and set MEDIASOUP_WORKER_BIN to it.";
  await ensurePackages('The build of the media worker', packages, instead);
  say("Building the media worker from mediasoup's source: 5 to 10 minutes on 2 cores, once for this user");
  const output = `${cachedPath()}.built`;
  const work = path.join(cache, `build-${process.pid}`);
  const progress = reportProgress();
  const clean = () => {
    for (const place of [work, output]) rmSync(place, { recursive: true, force: true, maxRetries: 3 });
  };
  // Also when it is interrupted.
  process.once('exit', clean);
  try {
    const env = { MEDIASOUP_DIR: at('node_modules/mediasoup'), WORK: work };
    await run('Build of the media worker', 'bash', [buildScript, output], { env, onLine: progress.line });
    return await keep(output, 'The media worker that was built');
  } finally {
    progress.end();
    process.off('exit', clean);
    clean();
  }
}

/** Says once a minute how far the compiler is. */
function reportProgress() {
  const begun = Date.now();
  let last = '';
  const timer = setInterval(() => say(`  ${Math.round((Date.now() - begun) / 60_000)} min${last}`), 60_000);
  return {
    line(text) {
      const step = /^\[(\d+)\/(\d+)\]/.exec(text);
      if (step !== null) last = `, ${step[1]} of ${step[2]} files`;
    },
    end: () => clearInterval(timer),
  };
}

/** Lets a worker into the cache after it has shown that it works. */
async function keep(binary, what) {
  await run(`${what}: check by a DTLS handshake`, process.execPath, [path.join(recipe, 'check-worker.mjs')], {
    env: { MEDIASOUP_WORKER_BIN: binary },
    timeout: 60_000,
  });
  const place = cachedPath();
  mkdirSync(path.dirname(place), { recursive: true });
  // Under another name first: somebody else may start the worker at any moment.
  const unready = `${place}.${process.pid}`;
  copyFileSync(binary, unready);
  renameSync(unready, place);
  say(`${what} works (DTLS, SCTP and SRTP checked)`);
  return place;
}
