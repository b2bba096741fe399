/** One ZIP out of streams that are opened one after the other, into the blob store as it is made. */
import { createHash } from 'node:crypto';
import { PassThrough, Readable, Transform } from 'node:stream';
import yazl from 'yazl';
import type { BlobStore } from '../../platform/blobs/index.js';

export interface ZipEntry {
  readonly path: string;
  /** Bytes, as far as they are known before. */
  readonly size: number;
  /** Pictures and the like don't get smaller. */
  readonly compress: boolean;
  open(): Promise<Readable>;
}

export interface Digest {
  readonly size: number;
  readonly sha256: Buffer;
}

/** Larger files take the longer form of the format, which has to be said before. */
const longFrom = 0xf000_0000;

/**
 * Writes the ZIP under the key, all or nothing. `last` is asked for its content when all others are in,
 * with what was read of each. Stops with what `signal` was aborted for.
 */
export async function writeZip(
  blobs: BlobStore,
  key: string,
  entries: readonly ZipEntry[],
  last: { readonly path: string; content(digests: ReadonlyMap<string, Digest>): Buffer },
  { at, signal }: { at: Date; signal: AbortSignal },
): Promise<Digest> {
  const zip = new yazl.ZipFile();
  const whole = new Metered();
  const digests = new Map<string, Digest>();
  const fail = (error: unknown) => whole.destroy(error instanceof Error ? error : new Error(String(error)));
  const abort = () => fail(signal.reason);
  let reading: Readable | undefined;
  signal.addEventListener('abort', abort, { once: true });
  zip.on('error', fail);
  zip.outputStream.on('error', fail);
  for (const entry of entries) {
    const options = { mtime: at, compress: entry.compress, forceZip64Format: entry.size > longFrom };
    zip.addReadStreamLazy(entry.path, options, (give) => {
      const metered = new Metered();
      metered.on('end', () => digests.set(entry.path, metered.digest()));
      metered.on('error', fail);
      entry.open().then(
        (content) => {
          content.on('error', (error) => metered.destroy(error));
          reading = content;
          // The ZIP was given up while this was opened.
          if (whole.destroyed) content.destroy();
          give(null, content.pipe(metered));
        },
        (error: unknown) => {
          fail(error);
          give(error, metered);
        },
      );
    });
  }
  zip.addReadStreamLazy(last.path, { mtime: at }, (give) => {
    const content = new PassThrough();
    give(null, content);
    content.end(last.content(digests));
  });
  zip.end();
  zip.outputStream.pipe(whole);
  try {
    if (signal.aborted) throw signal.reason;
    await blobs.put(key, whole);
  } finally {
    signal.removeEventListener('abort', abort);
    whole.destroy();
    reading?.destroy();
  }
  return whole.digest();
}

/** Stores what is generated, and says what it was. */
export async function putMetered(blobs: BlobStore, key: string, content: AsyncIterable<string>): Promise<Digest> {
  const metered = new Metered();
  const source = Readable.from(content);
  source.on('error', (error) => metered.destroy(error));
  try {
    await blobs.put(key, source.pipe(metered));
  } finally {
    source.destroy();
    metered.destroy();
  }
  return metered.digest();
}

/** Counts and hashes what passes. */
class Metered extends Transform {
  readonly #hash = createHash('sha256');
  #size = 0;

  constructor() {
    super();
    // Whoever reads it hears of an error. Nobody may read it yet, or any more; that must not end the process.
    this.on('error', () => undefined);
  }

  override _transform(chunk: Buffer | string, encoding: BufferEncoding, done: (error: Error | null, chunk: Buffer) => void): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    this.#hash.update(bytes);
    this.#size += bytes.length;
    done(null, bytes);
  }

  digest(): Digest {
    return { size: this.#size, sha256: this.#hash.copy().digest() };
  }
}
