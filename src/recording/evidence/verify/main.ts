/**
 * `npm run verify -- <folder or ZIP> ...`: whether evidence of recordings is as it was signed. `--key` pins
 * the key: a fingerprint, or a file with the public key. `--json` prints the same for programs. Exit status:
 * 0 whole, 1 altered, 2 it could not be checked.
 */
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fingerprintOf } from '../keys.js';
import { NotChecked, openSource, quoted, said, Wrong } from './source.js';
import { type Verified, verifyEvidence, verifyTogether } from './verify.js';

type Result =
  | { readonly place: string; readonly whole: true; readonly verified: Verified }
  | { readonly place: string; readonly whole: false; readonly wrong: Wrong }
  | { readonly place: string; readonly whole: null; readonly because: string };

const usage = 'npm run verify -- <folder or ZIP> ... [--key FINGERPRINT or FILE] [--json]';

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${said(error)}.\n`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { key: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  if (positionals.length === 0) throw new NotChecked(usage);
  const keyId = values.key === undefined ? null : await pinnedKey(values.key);
  const results: Result[] = [];
  for (const place of positionals) results.push(await check(place, keyId));
  const together = checkTogether(results);
  if (together) results.push(together);
  if (values.json) process.stdout.write(`${JSON.stringify(results.map(face), null, 2)}\n`);
  else process.stdout.write(`${results.map((result) => sentence(result, keyId !== null)).join('\n')}\n`);
  if (results.some(({ whole }) => whole === false)) return 1;
  return results.some(({ whole }) => whole === null) ? 2 : 0;
}

async function check(place: string, keyId: string | null): Promise<Result> {
  try {
    const source = await openSource(fromWhereItWasCalled(place));
    try {
      return { place, whole: true, verified: await verifyEvidence(source, keyId) };
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof Wrong) return { place, whole: false, wrong: error };
    return { place, whole: null, because: said(error) };
  }
}

function checkTogether(results: readonly Result[]): Result | null {
  try {
    verifyTogether(results.flatMap((result) => (result.whole ? result.verified : [])));
    return null;
  } catch (error) {
    if (error instanceof Wrong) return { place: 'together', whole: false, wrong: error };
    throw error;
  }
}

/** The fingerprint of a file with a public key, or one that was written out. */
async function pinnedKey(wish: string): Promise<string> {
  const fingerprint = wish.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return fingerprint;
  try {
    return fingerprintOf(createPublicKey(await readFile(fromWhereItWasCalled(wish))));
  } catch (error) {
    throw new NotChecked(`--key wants a fingerprint (64 hexadecimal digits) or a file with a public key: ${said(error)}`);
  }
}

/** npm runs scripts in the folder of the package. */
function fromWhereItWasCalled(place: string): string {
  return path.resolve(process.env.INIT_CWD ?? process.cwd(), place);
}

function sentence(result: Result, isPinned: boolean): string {
  const { place } = result;
  if (result.whole === null) return `NOT CHECKED ${place}: ${result.because}.`;
  if (!result.whole) return `ALTERED ${place}: ${result.wrong.message}`;
  const { manifest, link, hash, keyId, files, bytes } = result.verified;
  const { recording, organisation, missing } = manifest;
  const lines = [
    `WHOLE ${place}: ${quoted(recording.title)} of ${quoted(organisation.name)}, begun ${recording.startedAt}, version ${recording.version} (${recording.reason}).`,
    `  ${files} files with ${bytes} bytes are as they were signed at ${manifest.signedAt}.`,
  ];
  if (missing.length > 0) lines.push(`  ${missing.length} things were missing already then; the manifest names them.`);
  lines.push(`  Number ${link.number} of the chain, hash ${hash}.`, `  Key ${keyId}${isPinned ? ', as pinned.' : '.'}`);
  if (!isPinned)
    lines.push(
      '  Whoever made it could have brought a key of his own: compare it with what the organisation told you, or give that with --key.',
    );
  return lines.join('\n');
}

function face(result: Result) {
  const { place, whole } = result;
  if (result.whole === null) return { place, whole, because: result.because };
  if (!result.whole) return { place, whole, wrong: { what: result.wrong.what, path: result.wrong.path, sentence: result.wrong.message } };
  const { manifest, link, hash, keyId, files, bytes } = result.verified;
  return {
    place,
    whole,
    organisation: manifest.organisation,
    recording: manifest.recording,
    signedAt: manifest.signedAt,
    number: link.number,
    hash,
    key: keyId,
    files,
    bytes,
    missing: manifest.missing,
  };
}
