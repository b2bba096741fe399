/** Blobs as files in a folder, each under its key. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { BlobInfo, BlobStore } from './blob-store.js';
import { checkKey, checkPrefix } from './keys.js';

/** Begins with a dot, so it is never part of a key. */
const incomingName = '.incoming';
/** What was being written this long ago was broken off by a crash, milliseconds. */
const staleMs = 24 * 3_600_000;

export class FolderBlobs implements BlobStore {
  readonly #root: string;
  readonly #incoming: string;

  private constructor(root: string) {
    this.#root = root;
    this.#incoming = path.join(root, incomingName);
  }

  static async open(root: string): Promise<FolderBlobs> {
    const blobs = new FolderBlobs(root);
    await mkdir(blobs.#incoming, { recursive: true, mode: 0o700 });
    await blobs.#removeStale();
    return blobs;
  }

  async put(key: string, content: Readable | Uint8Array): Promise<BlobInfo> {
    checkKey(key);
    const half = path.join(this.#incoming, randomUUID());
    try {
      await writeDurably(half, content);
      await this.#move(half, this.#file(key));
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
    const info = await this.stat(key);
    if (!info) throw new Error(`The blob ${key} was deleted while it was written.`);
    return info;
  }

  async get(key: string, range?: { start: number; end?: number }): Promise<Readable | null> {
    checkKey(key);
    const handle = await openFile(this.#file(key));
    if (!handle) return null;
    try {
      const { size } = await handle.stat();
      if (!range) return handle.createReadStream();
      if (range.start >= size || (range.end ?? size) < range.start) {
        await handle.close();
        return Readable.from([]);
      }
      return handle.createReadStream(range);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async stat(key: string): Promise<BlobInfo | null> {
    checkKey(key);
    return this.#info(key);
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    const file = this.#file(key);
    // A folder of other blobs is no blob: nothing to delete.
    if (!(await this.#info(key))) return;
    await rm(file, { force: true });
    await this.#removeEmpty(path.dirname(file));
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    checkPrefix(prefix);
    const folder = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/') + 1) : '';
    for await (const key of this.#keysBelow(folder)) {
      if (!key.startsWith(prefix)) continue;
      // It may have been deleted since.
      const info = await this.#info(key);
      if (info) yield info;
    }
  }

  async healthy(): Promise<boolean> {
    const probe = path.join(this.#incoming, randomUUID());
    try {
      await (await open(probe, 'wx', 0o600)).close();
      await rm(probe);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {}

  #file(key: string): string {
    return path.join(this.#root, ...key.split('/'));
  }

  async #info(key: string): Promise<BlobInfo | null> {
    try {
      const found = await stat(this.#file(key));
      return found.isFile() ? { key, size: found.size, modifiedAt: found.mtime } : null;
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  /** Puts the finished file in its place. Its folder may be removed as empty at the same moment, then it is made again. */
  async #move(from: string, to: string): Promise<void> {
    const folder = path.dirname(to);
    for (let tries = 0; ; tries += 1) {
      let made: string | undefined;
      try {
        made = await mkdir(folder, { recursive: true, mode: 0o700 });
        await rename(from, to);
      } catch (error) {
        if (tries < 20 && hasCode(error, 'ENOENT')) continue;
        throw error;
      }
      await syncFolders(folder, made ? path.dirname(made) : folder);
      return;
    }
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (let current = folder; current !== this.#root; current = path.dirname(current)) {
      try {
        await rmdir(current);
      } catch {
        return;
      }
    }
  }

  /** In the order of the keys, which a store of objects keeps as well: `a-b` before `a/b`. */
  async *#keysBelow(folder: string): AsyncIterable<string> {
    const entries = await readdir(this.#file(folder || '.'), { withFileTypes: true }).catch((error: unknown) => {
      if (isAbsent(error)) return [];
      throw error;
    });
    const names = entries
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      if (name.endsWith('/')) yield* this.#keysBelow(folder + name);
      else yield folder + name;
    }
  }

  async #removeStale(): Promise<void> {
    for (const name of await readdir(this.#incoming)) {
      const file = path.join(this.#incoming, name);
      const found = await stat(file).catch(() => null);
      if (found && Date.now() - found.mtimeMs > staleMs) await rm(file, { force: true });
    }
  }
}

async function writeDurably(file: string, content: Readable | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await writeFile(handle, content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A name is safe from a power cut once its folder is written, and that one's name in the folder above. */
async function syncFolders(from: string, upTo: string): Promise<void> {
  for (let folder = from; folder.length >= upTo.length; folder = path.dirname(folder)) {
    // Removed as empty meanwhile: somebody deleted the blob.
    const handle = await open(folder, 'r').catch(() => null);
    await handle?.sync();
    await handle?.close();
  }
}

async function openFile(file: string): Promise<FileHandle | null> {
  try {
    const handle = await open(file, 'r');
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
