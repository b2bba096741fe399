/** Where evidence lies that is to be checked: a folder, or a ZIP that nobody unpacks. */
import { createReadStream } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { type Entry, openPromise, type ZipFile } from 'yauzl';

/** Something is wrong with the evidence itself: a sentence for people, and which file. */
export class Wrong extends Error {
  override readonly name = 'Wrong';

  constructor(
    readonly what: 'missing' | 'extra' | 'altered' | 'signature' | 'chain' | 'key' | 'damaged',
    sentence: string,
    readonly path: string | null = null,
  ) {
    super(sentence);
  }
}

/** Nothing can be said about it: it is not there, or is no evidence. */
export class NotChecked extends Error {
  override readonly name = 'NotChecked';
}

export interface EvidenceSource {
  /** Bytes of each file, by path with `/`. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Of a file of `sizes`. */
  open(path: string): Promise<Readable>;
  close(): Promise<void>;
}

/** @throws NotChecked, Wrong */
export async function openSource(place: string): Promise<EvidenceSource> {
  const found = await stat(place).catch(() => null);
  if (!found) throw new NotChecked(`There is nothing at ${place}.`);
  if (found.isDirectory()) return FolderSource.open(place);
  if (found.isFile()) return ZipSource.open(place);
  throw new NotChecked(`${place} is neither a folder nor a ZIP.`);
}

class FolderSource implements EvidenceSource {
  readonly sizes = new Map<string, number>();
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(root: string): Promise<FolderSource> {
    const source = new FolderSource(root);
    await source.#read('');
    return source;
  }

  async open(name: string): Promise<Readable> {
    return createReadStream(path.join(this.#root, ...name.split('/')));
  }

  async close(): Promise<void> {}

  async #read(folder: string): Promise<void> {
    const entries = await readdir(path.join(this.#root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await this.#read(name);
      else if (entry.isFile()) this.sizes.set(name, (await lstat(path.join(this.#root, name))).size);
      // A link could lead to a file that is right today and another one tomorrow.
      else throw new Wrong('extra', `${quoted(name)} is a link or a device, no file: it was added afterwards.`, name);
    }
  }
}

class ZipSource implements EvidenceSource {
  readonly sizes = new Map<string, number>();
  readonly #entries = new Map<string, Entry>();
  readonly #zip: ZipFile;

  private constructor(zip: ZipFile) {
    this.#zip = zip;
  }

  static async open(file: string): Promise<ZipSource> {
    // Backslashes are no folders to us, but they are to some who unpack: refused, as all that leads out.
    const zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true }).catch((error: unknown) => {
      throw new NotChecked(`${file} can't be read as a ZIP: ${said(error)}.`);
    });
    const source = new ZipSource(zip);
    try {
      for await (const entry of zip.eachEntry()) source.#add(entry);
    } catch (error) {
      zip.close();
      throw error instanceof Wrong ? error : new Wrong('damaged', `The list of files of the ZIP was altered: ${said(error)}.`);
    }
    return source;
  }

  async open(name: string): Promise<Readable> {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`${name} is not in the ZIP.`);
    try {
      return await this.#zip.openReadStreamPromise(entry);
    } catch (error) {
      throw new Wrong('damaged', `${quoted(name)} was altered: it can't be read from the ZIP (${said(error)}).`, name);
    }
  }

  async close(): Promise<void> {
    this.#zip.close();
  }

  #add(entry: Entry): void {
    const name = entry.fileName;
    if (name.endsWith('/') && entry.uncompressedSize === 0) return;
    if (this.#entries.has(name)) throw new Wrong('extra', `${quoted(name)} is in the ZIP twice: one of them was added afterwards.`, name);
    this.#entries.set(name, entry);
    this.sizes.set(name, entry.uncompressedSize);
  }
}

/** For a terminal: whatever the name holds, it stays on its line. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name).replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function said(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/[.\s]+$/, '').replace(/[\p{Cc}]/gu, '?');
}
