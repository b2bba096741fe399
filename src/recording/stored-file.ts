/** A file of a recording in the blob store. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import type { BlobStore } from '../platform/blobs/index.js';
import type { NewFile } from './ports.js';

export interface StoredFile extends Omit<NewFile, 'path'> {
  readonly blobKey: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** Stores a file of this machine, and gives what was stored. */
export async function storeFile(blobs: BlobStore, blobKey: string, path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const source = createReadStream(path);
  source.on('error', (error) => counted.destroy(error));
  await blobs.put(blobKey, source.pipe(counted));
  return { bytes, sha256: hash.digest('hex') };
}
