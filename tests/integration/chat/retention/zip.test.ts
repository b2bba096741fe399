import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import yauzl from 'yauzl';
import { putMetered, writeZip, type ZipEntry } from '../../../../src/chat/retention/zip.js';
import { type BlobStore, openBlobs } from '../../../../src/platform/blobs/index.js';
import { type S3Server, startS3, type TemporaryFolder, temporaryFolder, testConfig, testLog } from '../../../support/index.js';

const at = new Date('2026-01-05T08:00:00Z');
const manifest = { path: 'manifest.json', content: (digests: ReadonlyMap<string, { size: number }>) => Buffer.from(String(digests.size)) };

let s3: S3Server;
let folder: TemporaryFolder;
let blobs: BlobStore;

beforeAll(async () => {
  s3 = await startS3();
});
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await blobs.close();
  await folder.remove();
});
afterAll(() => s3.stop());

const entry = (path: string, open: () => Promise<Readable>, compress = false): ZipEntry => ({ path, size: 0, compress, open });
const never = new AbortController().signal;
let buckets = 0;

/** Something, and then nothing more, but no end either. */
function stuck(begun: () => void): Readable {
  let given = false;
  return new Readable({
    read() {
      if (given) return;
      given = true;
      this.push(Buffer.alloc(1_000));
      begun();
    },
  });
}

async function entriesOf(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await yauzl.fromBufferPromise(bytes);
  const files = new Map<string, Buffer>();
  for await (const one of zip.eachEntry()) files.set(one.fileName, await buffer(await zip.openReadStreamPromise(one)));
  return files;
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of blobs.list('')) found.push(key);
  return found;
}

describe.each([
  { name: 'a folder', open: () => openBlobs(testConfig({ DATA_DIR: folder.path }), testLog()) },
  {
    name: 'an S3 store',
    open: () => {
      buckets += 1;
      return openBlobs(testConfig({ ...s3.settings, S3_BUCKET: `zips-${buckets}` }), testLog());
    },
  },
])('A ZIP in $name', ({ open }) => {
  beforeEach(async () => {
    blobs = await open();
  });

  it('has what its streams gave, in order, hashed, and the last file that knows of them', async () => {
    const large = randomBytes(12 * 1_048_576);
    const opened: string[] = [];
    const from = (path: string, content: Buffer, compress: boolean) =>
      entry(
        path,
        async () => Readable.from([content.subarray(0, 7), content.subarray(7)]).once('resume', () => opened.push(path)),
        compress,
      );
    const digest = await writeZip(
      blobs,
      'exports/1',
      [from('words.txt', Buffer.from('words '.repeat(10_000)), true), from('large', large, false), from('empty', Buffer.alloc(0), true)],
      manifest,
      { at, signal: never },
    );
    const bytes = await buffer((await blobs.get('exports/1')) ?? Readable.from([]));
    expect(digest).toEqual({ size: bytes.length, sha256: createHash('sha256').update(bytes).digest() });
    const files = await entriesOf(bytes);
    expect([...files.keys()]).toEqual(['words.txt', 'large', 'empty', 'manifest.json']);
    expect(files.get('large')?.equals(large)).toBe(true);
    expect(files.get('words.txt')?.length).toBe(60_000);
    expect(files.get('manifest.json')?.toString()).toBe('3');
    expect(bytes.length, 'words are compressed').toBeLessThan(large.length + 10_000);
  });

  it('is not there when a stream breaks, or cannot be opened', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(1_000);
        throw new Error('the disk broke');
      })(),
    );
    await expect(writeZip(blobs, 'a', [entry('x', async () => broken)], manifest, { at, signal: never })).rejects.toThrow('the disk broke');
    const gone = entry('x', () => Promise.reject(new Error('no such blob')));
    await expect(writeZip(blobs, 'a', [gone, gone], manifest, { at, signal: never })).rejects.toThrow('no such blob');
    expect(await keys()).toEqual([]);
  });

  it('is given up at once when it is told to, and what was being read for it too', async () => {
    const abort = new AbortController();
    const reading = stuck(() => abort.abort(new Error('The server stops.')));
    const writing = writeZip(blobs, 'a', [entry('x', async () => reading)], manifest, { at, signal: abort.signal });
    await expect(writing).rejects.toThrow('The server stops.');
    expect(reading.destroyed).toBe(true);
    await expect(writeZip(blobs, 'a', [], manifest, { at, signal: abort.signal })).rejects.toThrow('The server stops.');
    expect(await keys()).toEqual([]);
  });

  it('has parts that are there whole or not at all', async () => {
    const part = async function* (breaks: boolean) {
      yield '好'.repeat(1_000);
      if (breaks) throw new Error('the database went away');
    };
    await expect(putMetered(blobs, 'part', part(true))).rejects.toThrow('the database went away');
    expect(await keys()).toEqual([]);
    expect((await putMetered(blobs, 'part', part(false))).size).toBe(3_000);
  });
});
