/** The export of a version with everything that shows what it is: for a court, an auditor, or the archive of a client. */
import { Readable } from 'node:stream';
import type { Audit } from '../../platform/audit.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { Recording } from '../recording.js';
import { blobOf } from './gather.js';
import { filesOf, manifestSchema, ownFiles } from './manifest.js';
import type { Manifests, SignedManifest } from './manifests.js';
import { type ZipEntry, zipStream } from './zip-stream.js';

export interface ExportsDeps {
  readonly blobs: BlobStore;
  readonly audit: Audit;
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

  /** The ZIP, as it is made. @throws RECORDING_NOT_READY */
  async open(by: Principal, recording: Recording): Promise<Readable> {
    const { audit, blobs } = this.#deps;
    const signed = await this.signed(recording);
    const manifest = manifestSchema.parse(JSON.parse(signed.manifest));
    const there = new Set<string>();
    for await (const { key } of blobs.list(`${blobOf(recording, recording.version, 'tracks/')}`)) there.add(key);
    for await (const { key } of blobs.list(`${blobOf(recording, recording.version, 'files/')}`)) there.add(key);
    const entries = filesOf(manifest)
      .map((file) => ({ ...file, key: blobOf(recording, recording.version, file.path) }))
      // What the store has lost is not in the ZIP; who checks it is told so.
      .filter(({ key }) => there.has(key))
      .map(
        ({ path, bytes, key }): ZipEntry => ({
          path,
          bytes,
          compress: /\.(?:html|json|vtt|srt|txt)$/.test(path),
          open: async () => {
            const content = await blobs.get(key);
            if (!content) throw new Error(`The blob ${key} was deleted while it was exported.`);
            return content;
          },
        }),
      );
    await audit.recordAlone({
      orgId: recording.orgId,
      actor: { id: by.personId, name: by.name },
      action: 'recording.evidence-taken',
      subject: { recording: recording.id },
      detail: { version: recording.version, number: signed.number, files: entries.length },
    });
    return zipStream([...proofs(signed), ...entries], new Date(manifest.signedAt));
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
    return { path, bytes: bytes.length, compress: true, open: async () => Readable.from([bytes]) };
  });
}
