/** The export of a version with everything that shows what it is: for a court, an auditor, or the archive of a client. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlobStore } from '../../platform/blobs/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { Offer, RecordingAccess } from '../ports.js';
import type { Recording } from '../recording.js';
import { blobOf } from './gather.js';
import { filesOf, type Manifest, manifestSchema, ownFiles } from './manifest.js';
import type { Manifests, SignedManifest } from './manifests.js';
import { type ZipEntry, zipPart, zipSize, zipStream } from './zip-stream.js';

export interface ExportsDeps {
  readonly blobs: BlobStore;
  readonly access: RecordingAccess;
  readonly manifests: Manifests;
}

export class Exports {
  readonly #deps: ExportsDeps;

  constructor(deps: ExportsDeps) {
    this.#deps = deps;
  }

  /** @throws RECORDING_NOT_READY */
  async signed(recording: Recording): Promise<SignedManifest> {
    const { manifests } = this.#deps;
    // While another version is being made, what this one names may be half gone: consent may have been withdrawn.
    const signed = recording.state === 'ready' ? await manifests.of(recording, recording.version) : null;
    if (!signed) throw new CausewayError('RECORDING_NOT_READY');
    return signed;
  }

  /** The ZIP, made while it is sent. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_NOT_READY */
  async offer(by: Principal, id: string): Promise<Offer> {
    const { access } = this.#deps;
    const recording = await access.assert(by, id, 'govern');
    const signed = await this.signed(recording);
    const manifest = manifestSchema.parse(JSON.parse(signed.manifest));
    const files = await this.#files(recording, manifest);
    const entries = [...proofs(signed), ...files];
    const at = new Date(manifest.signedAt);
    return {
      recording,
      what: 'evidence',
      saveAs: `causeway-recording-${recording.id}-v${recording.version}.zip`,
      mediaType: 'application/zip',
      bytes: zipSize(entries, at),
      // Of what it is made of: the same makes the same bytes.
      sha256: createHash('sha256')
        .update(JSON.stringify([signed.signature.toString('base64'), manifest.signedAt, entries.map(({ path, bytes }) => [path, bytes])]))
        .digest('hex'),
      read: async (range) => (range ? zipPart(entries, at, range) : zipStream(entries, at)),
      entry: {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.evidence-taken',
        subject: { recording: recording.id },
        detail: { version: recording.version, number: signed.number, files: files.length },
      },
    };
  }

  /** What the store has lost is not in the ZIP, and what it has altered is as it has it; who checks it is told so. */
  async #files(recording: Recording, manifest: Manifest): Promise<ZipEntry[]> {
    const { blobs } = this.#deps;
    const there = new Map<string, number>();
    for (const folder of ['tracks/', 'files/'])
      for await (const { key, size } of blobs.list(blobOf(recording, recording.version, folder))) there.set(key, size);
    return filesOf(manifest).flatMap(({ path }) => {
      const key = blobOf(recording, recording.version, path);
      const bytes = there.get(key);
      if (bytes === undefined) return [];
      const open = async () => {
        const content = await blobs.get(key);
        if (!content) throw new Error(`The blob ${key} was deleted while it was exported.`);
        return content;
      };
      return [{ path, bytes, open }];
    });
  }
}

function proofs({ manifest, link, signature, publicKey, previous }: SignedManifest): ZipEntry[] {
  const files: [path: string, content: string | Buffer][] = [
    [ownFiles.manifest, manifest],
    [ownFiles.link, link],
    [ownFiles.signature, signature],
    [ownFiles.publicKey, publicKey],
  ];
  if (previous) files.push([ownFiles.previous, previous.link], [ownFiles.previousSignature, previous.signature]);
  return files.map(([path, content]) => {
    const bytes = Buffer.from(content);
    return { path, bytes: bytes.length, open: async () => Readable.from([bytes]) };
  });
}
