/**
 * What captions need to understand English, and to know when somebody speaks: two models that lie in npm
 * packages. The packages are not installed, only these files are taken out of them; they are kept per user.
 * Without them everything runs but captions, so a machine that can't have them is told so and goes on.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { at, cache } from './places.mjs';
import { run, say } from './report.mjs';

/** From which package, with the hash of the package as npm knows it, and of each file. src/recording/captions/engine-setting.ts looks for the same names. */
const sources = [
  {
    what: 'the speech model for English (Moonshine tiny, 22 MB)',
    name: '@moonshine-ai/moonshine-js@0.1.29',
    integrity: 'sha512-Gx1B3mJcbM68ihSy/LyJEuEkGq7sYMqTb04zNdcIeidU0URVlSmXP0GyiQOTTAqDZQXlIC7k+bky+FdXk0UPlg==',
    files: {
      'moonshine-tiny-en/encoder_model.onnx': 'dist/model/tiny/quantized/encoder_model.onnx',
      'moonshine-tiny-en/decoder_model_merged.onnx': 'dist/model/tiny/quantized/decoder_model_merged.onnx',
      'moonshine-tiny-en/LICENSE': 'LICENSE',
    },
  },
  {
    what: 'the detector of voices (Silero, 6 MB)',
    name: '@ricky0123/vad-web@0.0.31',
    integrity: 'sha512-ePVq8TvB21sdHSxVMZOEIf9JVa7MAYpaIaNXeGgsPOiMCN8xbPCdF2LS5aYj7VRR3ZxzutedgV9ZplV65IA1Fg==',
    files: { 'silero_vad_v5.onnx': 'dist/silero_vad_v5.onnx' },
  },
];
const tokens = 'moonshine-tiny-en/tokens.txt';
const patience = 300_000;

/** Fetches what is missing. Never throws: captions are told to be missing, and why. */
export async function trySpeech() {
  const folder = speechFolder();
  try {
    for (const source of sources) await ensureSource(folder, source);
    await ensureTokens(folder);
  } catch (error) {
    say(`Captions won't be available: ${error.message.split('\n')[0]} Everything else works; the next start tries again.`);
  }
}

function speechFolder() {
  const dotEnv = existsSync(at('.env')) ? parseEnv(readFileSync(at('.env'), 'utf8')) : {};
  return process.env.CAUSEWAY_CAPTIONS_FOLDER || dotEnv.CAUSEWAY_CAPTIONS_FOLDER || path.join(cache, 'speech');
}

async function ensureSource(folder, { what, name, integrity, files }) {
  // Which package they came from is written beside them, so that another version is fetched anew.
  const stamp = path.join(folder, `${Object.keys(files)[0].replaceAll('/', '-')}.from`);
  const complete = Object.keys(files).every((file) => existsSync(path.join(folder, file)));
  if (complete && existsSync(stamp) && readFileSync(stamp, 'utf8') === integrity) return;
  say(`Fetching ${what}, once for this user`);
  const work = path.join(folder, `work-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    const npm = process.env.npm_execpath;
    const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
    await run(
      `npm pack ${name}`,
      command,
      [...first, 'pack', name, '--ignore-scripts', '--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--pack-destination', work],
      {
        cwd: work,
        timeout: patience,
      },
    );
    const tarball = path.join(
      work,
      `${name
        .replace(/^@/, '')
        .replace('/', '-')
        .replace(/@(?=[^@]*$)/, '-')}.tgz`,
    );
    const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
    if (found !== integrity) throw new Error(`${name} is not the package that it was (${found}).`);
    const wanted = Object.values(files).map((file) => `package/${file}`);
    await run(`tar ${name}`, 'tar', ['-xzf', tarball, '-C', work, ...wanted]);
    for (const [place, file] of Object.entries(files)) keep(path.join(work, 'package', file), path.join(folder, place));
    writeFileSync(stamp, integrity);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Somebody else may be reading: a file is there whole, or not. */
function keep(from, place) {
  mkdirSync(path.dirname(place), { recursive: true });
  copyFileSync(from, `${place}.${process.pid}`);
  renameSync(`${place}.${process.pid}`, place);
}

async function ensureTokens(folder) {
  const place = path.join(folder, tokens);
  if (existsSync(place)) return;
  const made = spawnSync(process.execPath, [at('scripts/speech/make-moonshine-tokens.mjs'), `${place}.${process.pid}`], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`its list of tokens can't be made (${made.stderr.trim().split('\n').at(-1)}).`);
  renameSync(`${place}.${process.pid}`, place);
}
