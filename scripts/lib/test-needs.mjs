/** What tests and benchmarks need beside the product: a real browser and a real Redis. PostgreSQL comes by npm. */
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { ensurePackages, onPath, system } from './packages.mjs';
import { cache } from './places.mjs';
import { SetupError, say } from './report.mjs';

/** The path of a Chromium: CHROMIUM_PATH, one on PATH, or Debian's. */
export async function ensureChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return given;
  const find = () => ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(onPath).find((place) => place !== null);
  return (
    find() ??
    (await installed('Chromium', ['chromium'], find, 'Install Chromium or Chrome, and set CHROMIUM_PATH to it when it is not on PATH.'))
  );
}

/**
 * Makes sure that there is a `redis-server`, and gives the PATH on which it is.
 *
 * Debian's package redis-server starts a service, which nobody asked for. The program itself is
 * in redis-tools: it is one program under several names, and is a server when it is called so.
 */
export async function ensureRedis() {
  const present = process.env.PATH ?? '';
  if (onPath('redis-server') !== null) return present;
  const find = () => onPath('redis-check-rdb') ?? undefined;
  const program = find() ?? (await installed('Redis', ['redis-tools'], find, 'Install Redis, so that redis-server is on PATH.'));
  const folder = path.join(cache, 'bin');
  mkdirSync(folder, { recursive: true });
  rmSync(path.join(folder, 'redis-server'), { force: true });
  symlinkSync(program, path.join(folder, 'redis-server'));
  return `${folder}${path.delimiter}${present}`;
}

/**
 * Tries to have a TURN server; where there is none its tests are skipped, and say so. Debian's
 * package starts a service, so it is installed only where nothing starts services: in a container.
 */
export async function tryTurnServer() {
  if (onPath('turnserver') !== null) return;
  const quiet = system().debian && process.getuid() === 0 && !existsSync('/run/systemd/system');
  try {
    if (quiet) await ensurePackages('The test suite', ['coturn'], 'Install coturn.');
  } catch (error) {
    say(error.message);
  }
  if (onPath('turnserver') === null) say('There is no turnserver (coturn): tests that need a TURN server are skipped.');
}

async function installed(name, packages, find, instead) {
  await ensurePackages('The test suite', packages, instead);
  const found = find();
  if (found === undefined) throw new SetupError(`${name} is installed and not on PATH. ${instead}`);
  return found;
}
