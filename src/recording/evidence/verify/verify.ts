/**
 * Checks an export of evidence with nothing but itself: no server, no database. Each file is read once, as a
 * stream. The first thing that is not as it was signed is thrown, in words.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { canonical, storable } from '../../../platform/canonical-json.js';
import { fingerprintOf } from '../keys.js';
import { filesOf, formatVersion, genesis, type Link, linkSchema, type Manifest, manifestSchema, ownFiles, sha256Of } from '../manifest.js';
import { type EvidenceSource, NotChecked, quoted, said, Wrong } from './source.js';

/** What was found to be whole. */
export interface Verified {
  readonly manifest: Manifest;
  readonly link: Link;
  /** SHA-256 of the link, hex: the head of the chain as far as this goes. */
  readonly hash: string;
  /** Fingerprint. */
  readonly keyId: string;
  /** Files that the manifest names, and their bytes. */
  readonly files: number;
  readonly bytes: number;
}

/** An hour of a meeting of ten has a manifest of 2 MB. */
const manifestBytes = 268_435_456;
const smallBytes = 65_536;

/** `keyId`: the fingerprint that the key must have; null: any. @throws Wrong, NotChecked */
export async function verifyEvidence(source: EvidenceSource, keyId: string | null): Promise<Verified> {
  if (!Object.values(ownFiles).some((name) => source.sizes.has(name)))
    throw new NotChecked(`This is no evidence of Causeway: it has no ${ownFiles.manifest}`);
  const manifestText = await readWhole(source, ownFiles.manifest, manifestBytes);
  const linkText = await readWhole(source, ownFiles.link, smallBytes);
  const signature = await readWhole(source, ownFiles.signature, smallBytes);
  const key = readKey(await readWhole(source, ownFiles.publicKey, smallBytes));
  const fingerprint = fingerprintOf(key);
  if (keyId !== null && fingerprint !== keyId)
    throw new Wrong('key', `It was signed with another key: its fingerprint is ${fingerprint}, not ${keyId}.`, ownFiles.publicKey);
  if (!verify(null, linkText, key, signature))
    throw new Wrong(
      'signature',
      `The signature is not one of ${ownFiles.publicKey} over ${ownFiles.link}: one of ${ownFiles.link}, ${ownFiles.signature} and ${ownFiles.publicKey} was altered.`,
      ownFiles.signature,
    );
  const link = read(linkSchema, linkText, ownFiles.link);
  if (sha256Of(manifestText) !== link.manifest)
    throw new Wrong('altered', `${ownFiles.manifest} was altered: its SHA-256 is not the one that was signed.`, ownFiles.manifest);
  await checkPrevious(source, link, key);
  const manifest = read(manifestSchema, manifestText, ownFiles.manifest);
  if (manifest.organisation.id !== link.organisation)
    throw new Wrong('chain', `${ownFiles.manifest} and ${ownFiles.link} are of two organisations.`, ownFiles.manifest);
  checkConsent(manifest);
  const checked = await checkFiles(source, manifest);
  checkNothingElse(source, manifest, link);
  return { manifest, link, hash: sha256Of(linkText), keyId: fingerprint, ...checked };
}

/** Several exports of one organisation must be of one chain. @throws Wrong */
export function verifyTogether(all: readonly Verified[]): void {
  for (const one of all)
    for (const other of all) {
      if (one.link.organisation !== other.link.organisation) continue;
      const { number } = one.link;
      const isBroken =
        (number === other.link.number && one.hash !== other.hash) || (number + 1 === other.link.number && one.hash !== other.link.previous);
      if (isBroken)
        throw new Wrong('chain', `Numbers ${number} and ${other.link.number} of the chain do not fit together: one was replaced.`);
    }
}

async function checkPrevious(source: EvidenceSource, link: Link, key: KeyObject): Promise<void> {
  if (link.number === 1) {
    if (link.previous !== genesis)
      throw new Wrong('chain', `${ownFiles.link} is the first of its chain, and names one before it.`, ownFiles.link);
    return;
  }
  const text = await readWhole(source, ownFiles.previous, smallBytes);
  const signature = await readWhole(source, ownFiles.previousSignature, smallBytes);
  if (sha256Of(text) !== link.previous)
    throw new Wrong('chain', `The chain is broken: ${ownFiles.previous} is not the link that ${ownFiles.link} follows.`, ownFiles.previous);
  if (!verify(null, text, key, signature))
    throw new Wrong(
      'signature',
      `${ownFiles.previousSignature} was altered: it is no signature of ${ownFiles.previous}.`,
      ownFiles.previousSignature,
    );
  const previous = read(linkSchema, text, ownFiles.previous);
  if (previous.number !== link.number - 1 || previous.organisation !== link.organisation)
    throw new Wrong('chain', `The chain is broken: ${ownFiles.previous} is not number ${link.number - 1} of it.`, ownFiles.previous);
}

/** What was put into the database by another way than the ledger's shows here. */
function checkConsent({ consent: { entries, notices } }: Manifest): void {
  for (const { hash, texts } of notices)
    if (sha256Of(canonical(storable(texts))) !== hash)
      throw new Wrong('altered', `A notice of consent was altered before it was signed: its words are not those of its hash ${hash}.`);
  const known = new Set(notices.map(({ hash }) => hash));
  for (const [index, { number, noticeHash }] of entries.entries()) {
    if (number !== index + 1) throw new Wrong('missing', `Row ${index + 1} of the ledger of consent was missing when it was signed.`);
    if (!known.has(noticeHash)) throw new Wrong('missing', `The notice that row ${number} of the ledger of consent names is missing.`);
  }
}

async function checkFiles(source: EvidenceSource, manifest: Manifest): Promise<{ files: number; bytes: number }> {
  const gone = new Set(manifest.missing.flatMap(({ path }) => path ?? []));
  const seen = new Set<string>();
  let bytes = 0;
  for (const file of filesOf(manifest)) {
    if (seen.has(file.path)) throw new Wrong('altered', `${ownFiles.manifest} names ${quoted(file.path)} twice.`, file.path);
    seen.add(file.path);
    // It was not there, or not whole, when this was signed: nothing can be said about it.
    if (gone.has(file.path)) continue;
    const size = source.sizes.get(file.path);
    if (size === undefined) throw new Wrong('missing', `${quoted(file.path)} is missing.`, file.path);
    if (size !== file.bytes)
      throw new Wrong(
        'altered',
        `${quoted(file.path)} was altered: it has ${size} bytes, and had ${file.bytes} when it was signed.`,
        file.path,
      );
    if ((await hashOf(source, file.path, file.bytes)) !== file.sha256)
      throw new Wrong('altered', `${quoted(file.path)} was altered: its SHA-256 is not the one that was signed.`, file.path);
    bytes += file.bytes;
  }
  return { files: seen.size - gone.size, bytes };
}

function checkNothingElse(source: EvidenceSource, manifest: Manifest, link: Link): void {
  const known = new Set<string>(filesOf(manifest).map(({ path }) => path));
  for (const name of Object.values(ownFiles)) known.add(name);
  if (link.number === 1) for (const name of [ownFiles.previous, ownFiles.previousSignature]) known.delete(name);
  for (const path of source.sizes.keys())
    if (!known.has(path)) throw new Wrong('extra', `${quoted(path)} was added afterwards: nothing that was signed names it.`, path);
}

function readKey(pem: Buffer): KeyObject {
  const altered = (why: string) => new Wrong('key', `${ownFiles.publicKey} was altered: ${why}.`, ownFiles.publicKey);
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (error) {
    throw altered(`it is no public key (${said(error)})`);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw altered('it is no key of Ed25519');
  // The same key can be written in other ways; it was written in this one.
  if (key.export({ type: 'spki', format: 'pem' }).toString() !== pem.toString('latin1')) throw altered('it is not written as it was');
  return key;
}

function read<Schema extends z.ZodType>(schema: Schema, text: Buffer, name: string): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text.toString());
  } catch {
    throw new NotChecked(`${name} was signed, but is no JSON`);
  }
  const version = z.object({ formatVersion: z.number() }).safeParse(json);
  if (version.data && version.data.formatVersion > formatVersion)
    throw new NotChecked(`${name} was written by a newer Causeway: check it with that one`);
  const result = schema.safeParse(json);
  if (!result.success)
    throw new NotChecked(`${name} was signed, but does not have the form of Causeway (${result.error.issues[0]?.path.join('.')})`);
  return result.data;
}

async function readWhole(source: EvidenceSource, name: string, bytesAtMost: number): Promise<Buffer> {
  const size = source.sizes.get(name);
  if (size === undefined) throw new Wrong('missing', `${name} is missing.`, name);
  if (size > bytesAtMost) throw new Wrong('altered', `${name} was altered: it has ${size} bytes, more than it can have.`, name);
  const chunks: Buffer[] = [];
  await readBytes(source, name, size, (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}

async function hashOf(source: EvidenceSource, name: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  await readBytes(source, name, bytes, (chunk) => void hash.update(chunk));
  return hash.digest('hex');
}

/** What unpacks to more than it says is not read to its end. */
async function readBytes(source: EvidenceSource, name: string, bytesAtMost: number, take: (chunk: Buffer) => void): Promise<void> {
  let bytes = 0;
  try {
    await pipeline(await source.open(name), async (content: AsyncIterable<Buffer>) => {
      for await (const chunk of content) {
        bytes += chunk.length;
        if (bytes > bytesAtMost) throw new Error('it has more bytes than it says');
        take(chunk);
      }
    });
  } catch (error) {
    if (error instanceof Wrong) throw error;
    throw new Wrong('altered', `${quoted(name)} was altered: it can't be read (${said(error)}).`, name);
  }
}
