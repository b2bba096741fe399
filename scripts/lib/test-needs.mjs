/** What tests and benchmarks need beside the product: a real browser and a real Redis. PostgreSQL comes by npm. */
import { ensurePackages, onPath } from './packages.mjs';
import { SetupError } from './report.mjs';

/** The path of a Chromium: CHROMIUM_PATH, one on PATH, or Debian's. */
export async function ensureChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return given;
  const find = () => ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(onPath).find((path) => path !== null);
  return (
    find() ??
    (await installed('Chromium', ['chromium'], find, 'Install Chromium or Chrome, and set CHROMIUM_PATH to it when it is not on PATH.'))
  );
}

/** The path of a redis-server. Valkey speaks the same protocol. */
export async function ensureRedis() {
  const given = process.env.REDIS_SERVER_PATH;
  if (given) return given;
  const find = () => ['redis-server', 'valkey-server'].map(onPath).find((path) => path !== null);
  return find() ?? (await installed('Redis', ['redis-server'], find, 'Install Redis, so that redis-server is on PATH.'));
}

async function installed(name, packages, find, instead) {
  await ensurePackages('The test suite', packages, instead);
  const found = find();
  if (found === undefined) throw new SetupError(`${name} is installed and not on PATH. ${instead}`);
  return found;
}
