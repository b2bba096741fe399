/** Packages of the operating system: installed without asking when that is possible, else the exact command is shown. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { run, SetupError, say } from './report.mjs';

/** What /etc/os-release says; `debian` also for Ubuntu and others that are made from Debian. */
export function system() {
  const release = existsSync('/etc/os-release') ? parseEnv(readFileSync('/etc/os-release', 'utf8')) : {};
  const id = release.ID ?? process.platform;
  return {
    id,
    name: release.PRETTY_NAME ?? process.platform,
    debian: [id, ...(release.ID_LIKE ?? '').split(' ')].includes('debian') && onPath('apt-get') !== null,
  };
}

/**
 * Makes sure that Debian packages are there.
 *
 * @param purpose Who needs them, as the beginning of a sentence: "The build of the media worker".
 * @param instead What to do on a system without these packages.
 */
export async function ensurePackages(purpose, packages, instead) {
  const { debian, name } = system();
  if (!debian)
    throw new SetupError(`${purpose} needs ${packages.join(', ')}, and this system (${name}) does not have Debian's packages. ${instead}`);
  const missing = packages.filter((one) => !isInstalled(one));
  if (missing.length === 0) return;
  if (process.getuid() !== 0) {
    throw new SetupError(
      `${purpose} needs packages that are not installed. Install them, then run this again:\n\n` +
        `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}\n`,
    );
  }
  say(`Installing Debian packages: ${missing.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const patient = ['-q', '-o', 'DPkg::Lock::Timeout=600'];
  await run('apt-get update', 'apt-get', [...patient, 'update'], { env });
  await run('apt-get install', 'apt-get', [...patient, 'install', '-y', '--no-install-recommends', ...missing], { env });
}

/** The path of a program, or null. */
export function onPath(program) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, program);
    if (folder !== '' && existsSync(file)) return file;
  }
  return null;
}

function isInstalled(name) {
  const { stdout } = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' });
  return /^Status: \S+ ok installed$/m.test(stdout ?? '');
}
