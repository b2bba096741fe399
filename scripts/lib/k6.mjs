/** k6, which runs the load tests: no npm or Debian package carries it, and Go can build it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { onPath } from './packages.mjs';
import { cache } from './places.mjs';
import { run, SetupError, say } from './report.mjs';

/** The version that is built where there is none. An older one has no k6/websockets. */
const version = '1.8.1';
const oldestMajor = 1;
const program = process.platform === 'win32' ? 'k6.exe' : 'k6';

/** The path of a k6 that is here: K6_PATH, one on PATH, or the one in the per-user cache; null when there is none. */
export function findK6() {
  return [process.env.K6_PATH, onPath(program), cachedPath()].find((place) => place && isUsable(place)) ?? null;
}

/** Finds or builds one. */
export async function ensureK6() {
  const found = findK6();
  if (found !== null) return found;
  if (onPath('go') === null) {
    throw new SetupError(
      `The load tests need k6 ${oldestMajor}.0 or later, and there is none. Install it (https://grafana.com/docs/k6/latest/set-up/install-k6/), ` +
        'or Go, with which it is built here; set K6_PATH to it when it is not on PATH. `npm run bench:chat` gives the same figures of chat without it.',
    );
  }
  say(`Building k6 ${version} by Go: 2 to 10 minutes on 2 cores, once for this user`);
  const place = cachedPath();
  const work = path.join(cache, 'k6', `build-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    await run('Build of k6', 'go', ['install', `go.k6.io/k6@v${version}`], { env: { GOBIN: work, CGO_ENABLED: '0' } });
    mkdirSync(path.dirname(place), { recursive: true });
    renameSync(path.join(work, program), place);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (!isUsable(place)) throw new SetupError(`${place} was built and does not run.`);
  return place;
}

function cachedPath() {
  return path.join(cache, 'k6', `v${version}`, program);
}

function isUsable(place) {
  if (!existsSync(place)) return false;
  const said = spawnSync(place, ['version'], { encoding: 'utf8' });
  const major = /k6(?:\.exe)? v(\d+)\./.exec(said.stdout ?? '')?.[1];
  return major !== undefined && Number(major) >= oldestMajor;
}
