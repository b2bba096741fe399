/**
 * The media worker: a native program that the npm package "mediasoup" does not carry.
 *
 * Looked for in this order: MEDIASOUP_WORKER_BIN, the per-user cache, the place where the
 * package puts a download, upstream's download, and last a build from the package's own
 * source. One that is new here has to make a real DTLS handshake before it enters the cache
 * (docs/decisions/0001-worker-built-from-source.md).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { hashOf } from './hash.mjs';
import { at, cache } from './places.mjs';

const program = process.platform === 'win32' ? 'mediasoup-worker.exe' : 'mediasoup-worker';

/** The worker that the environment or the per-user cache has for the installed mediasoup; null when there is none that runs. */
export function findWorker() {
  const given = process.env.MEDIASOUP_WORKER_BIN;
  if (given) return given;
  if (!existsSync(at('node_modules/mediasoup/package.json'))) return null;
  const cached = cachedPath();
  return runs(cached) ? cached : null;
}

/** Another version of mediasoup, another recipe or another machine type has another worker. */
export function cachedPath() {
  const { version } = JSON.parse(readFileSync(at('node_modules/mediasoup/package.json'), 'utf8'));
  const recipe = hashOf(at('scripts/mediasoup-worker'), ['build-worker.sh', 'subprojects-shims']).slice(0, 12);
  return path.join(cache, 'mediasoup-worker', `${version}-${process.platform}-${process.arch}-${recipe}`, program);
}

/** Started without the environment that mediasoup gives it, a worker says so and exits with 41; mediasoup's installer checks the same. */
export function runs(binary) {
  return existsSync(binary) && spawnSync(binary, { env: {}, stdio: 'ignore', timeout: 10_000 }).status === 41;
}
