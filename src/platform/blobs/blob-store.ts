/**
 * Bytes under a key. A folder, or any S3-compatible store; `tests/integration/platform/blobs.test.ts`
 * holds both to the same contract.
 *
 * Keys are `/`-separated segments of letters, digits, `.`, `_`, `-`; no segment begins with a dot.
 * A key is never the folder of another: where there is `a/b`, there is no `a`.
 */
import type { Readable } from 'node:stream';

export interface BlobStore {
  /** Stores all of the stream or nothing; a key that exists is replaced at once. */
  put(key: string, content: Readable | Uint8Array): Promise<BlobInfo>;
  /** The bytes, or the part from `start` to `end` inclusive, as far as there are any. Null: no such key. Read it or destroy it. */
  get(key: string, range?: { start: number; end?: number }): Promise<Readable | null>;
  stat(key: string): Promise<BlobInfo | null>;
  /** Harmless when there is no such key. */
  delete(key: string): Promise<void>;
  /** Keys that begin with the prefix, in order. */
  list(prefix: string): AsyncIterable<BlobInfo>;
  /** Resolves true when the store can be written to. */
  healthy(): Promise<boolean>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface BlobInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}
