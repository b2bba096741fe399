import { randomBytes } from 'node:crypto';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BlobStore, openBlobs } from '../../../src/platform/blobs/index.js';
import { freePort, type S3Server, startS3, type TemporaryFolder, temporaryFolder, testConfig, testLog } from '../../support/index.js';

let s3: S3Server;
let folder: TemporaryFolder;
let buckets = 0;

beforeAll(async () => {
  s3 = await startS3();
});
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());
afterAll(() => s3.stop());

const openFolder = () => openBlobs(testConfig({ DATA_DIR: folder.path }), testLog());
const openS3 = () => {
  buckets += 1;
  return openBlobs(testConfig({ ...s3.settings, S3_BUCKET: `bucket-${buckets}` }), testLog());
};

async function read(blobs: BlobStore, key: string, range?: { start: number; end?: number }): Promise<string | null> {
  const stream = await blobs.get(key, range);
  return stream && (await buffer(stream)).toString('latin1');
}

async function keys(blobs: BlobStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of blobs.list(prefix)) found.push(key);
  return found;
}

/** Gives some bytes, then breaks. */
function broken(bytes: number): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.alloc(bytes);
      throw new Error('the sender went away');
    })(),
  );
}

describe.each([
  { name: 'a folder', open: openFolder },
  { name: 'an S3 store', open: openS3 },
])('blobs in $name', ({ open }) => {
  it('come back as they were put, from bytes and from a stream', async () => {
    const blobs = await open();
    const bytes = randomBytes(300_000);
    await blobs.put('a/bytes.bin', bytes);
    await blobs.put('a/stream.bin', Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]));
    expect(await read(blobs, 'a/bytes.bin')).toBe(bytes.toString('latin1'));
    expect(await read(blobs, 'a/stream.bin')).toBe(bytes.toString('latin1'));
  });

  it('of more than one part come back as they were put', async () => {
    const blobs = await open();
    const bytes = randomBytes(18_000_001);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) => bytes.subarray(i * 65_536, (i + 1) * 65_536));
    expect(await blobs.put('big.bin', Readable.from(chunks))).toMatchObject({ key: 'big.bin', size: bytes.length });
    const stream = await blobs.get('big.bin');
    expect(stream && bytes.equals(await buffer(stream))).toBe(true);
  });

  it('may be empty', async () => {
    const blobs = await open();
    expect(await blobs.put('none', new Uint8Array())).toMatchObject({ size: 0 });
    expect(await blobs.put('none-either', Readable.from([]))).toMatchObject({ size: 0 });
    expect(await read(blobs, 'none')).toBe('');
  });

  it('say their size and the time of writing', async () => {
    const blobs = await open();
    const before = Date.now();
    const put = await blobs.put('a', Buffer.from('hello'));
    expect(put).toEqual(await blobs.stat('a'));
    expect(put.size).toBe(5);
    // S3 counts in whole seconds.
    expect(put.modifiedAt.getTime()).toBeGreaterThanOrEqual(before - 2_000);
  });

  it('are replaced by another put', async () => {
    const blobs = await open();
    await blobs.put('a', Buffer.from('one, and long'));
    await blobs.put('a', Buffer.from('two'));
    expect(await read(blobs, 'a')).toBe('two');
  });

  it('can be read in part', async () => {
    const blobs = await open();
    await blobs.put('a', Buffer.from('0123456789'));
    expect(await read(blobs, 'a', { start: 3 })).toBe('3456789');
    expect(await read(blobs, 'a', { start: 3, end: 5 })).toBe('345');
    expect(await read(blobs, 'a', { start: 9, end: 99 })).toBe('9');
    expect(await read(blobs, 'a', { start: 10 })).toBe('');
    expect(await read(blobs, 'a', { start: 5, end: 4 })).toBe('');
  });

  it('that are not there are null', async () => {
    const blobs = await open();
    await blobs.put('folder/file', Buffer.from('x'));
    for (const key of ['a', 'folder/other', 'folder']) {
      expect(await blobs.get(key)).toBeNull();
      expect(await blobs.get(key, { start: 5, end: 4 })).toBeNull();
      expect(await blobs.stat(key)).toBeNull();
    }
  });

  it('that are deleted are gone, and deleting again is harmless', async () => {
    const blobs = await open();
    await blobs.put('a/b', Buffer.from('x'));
    await blobs.delete('a');
    expect(await read(blobs, 'a/b')).toBe('x');
    await blobs.delete('a/b');
    await blobs.delete('a/b');
    expect(await blobs.stat('a/b')).toBeNull();
    expect(await keys(blobs, '')).toEqual([]);
    await blobs.put('a', Buffer.from('now a file'));
    expect(await read(blobs, 'a')).toBe('now a file');
  });

  it('whose stream breaks leave nothing behind, and the one before stays', async () => {
    const blobs = await open();
    await blobs.put('old', Buffer.from('old'));
    for (const bytes of [10, 20_000_000]) {
      await expect(blobs.put('old', broken(bytes))).rejects.toThrow('the sender went away');
      await expect(blobs.put('new', broken(bytes))).rejects.toThrow('the sender went away');
    }
    expect(await read(blobs, 'old')).toBe('old');
    expect(await keys(blobs, '')).toEqual(['old']);
  });

  it('are listed by prefix, in the order of their keys', async () => {
    const blobs = await open();
    const all = ['a/b/1', 'a/b/10', 'a/b/2', 'a/c', 'ab', 'B', 'a_b', 'a0'];
    for (const key of all) await blobs.put(key, Buffer.from(key));
    expect(await keys(blobs, '')).toEqual([...all].sort());
    expect(await keys(blobs, 'a/')).toEqual(['a/b/1', 'a/b/10', 'a/b/2', 'a/c']);
    expect(await keys(blobs, 'a/b/1')).toEqual(['a/b/1', 'a/b/10']);
    expect(await keys(blobs, 'a/b')).toEqual(['a/b/1', 'a/b/10', 'a/b/2']);
    expect(await keys(blobs, 'nothing/here')).toEqual([]);
    for await (const info of blobs.list('a/c')) expect(info).toEqual(await blobs.stat('a/c'));
  });

  const wrong = [
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    '../a',
    'a/../b',
    'a/..',
    '.a',
    'a/.b',
    'a\\b',
    'a b',
    'a\0b',
    'a%2e',
    'é',
    'a'.repeat(201),
    'a/'.repeat(600),
    '.incoming/a',
  ];
  it.each(wrong)('never have a key like %j', async (key) => {
    const blobs = await open();
    await expect(blobs.put(key, Buffer.from('x'))).rejects.toThrow('not a key');
    await expect(blobs.get(key)).rejects.toThrow('not a key');
    await expect(blobs.stat(key)).rejects.toThrow('not a key');
    await expect(blobs.delete(key)).rejects.toThrow('not a key');
  });

  it('are not listed by a prefix that leads elsewhere', async () => {
    const blobs = await open();
    for (const prefix of ['../', '/', 'a/../', '.incoming/']) await expect(keys(blobs, prefix)).rejects.toThrow('not a key');
  });

  it('are healthy, and close twice without harm', async () => {
    const blobs = await open();
    expect(await blobs.healthy()).toBe(true);
    await blobs.close();
    await blobs.close();
  });
});

describe('a folder of blobs', () => {
  // As S3 itself does; the local server of the tests does not.
  it('lists in the order of bytes also around the folder sign', async () => {
    const blobs = await openFolder();
    for (const key of ['a/b', 'a-b', 'a.b', 'a0']) await blobs.put(key, Buffer.from(key));
    expect(await keys(blobs, '')).toEqual(['a-b', 'a.b', 'a/b', 'a0']);
  });

  it('ends as one of those that were written to one key at once', async () => {
    const blobs = await openFolder();
    const contents = ['one', 'two', 'three'].map((word) => word.repeat(50_000));
    await Promise.all(contents.map((content) => blobs.put('a/b/c', Buffer.from(content))));
    expect(contents).toContain(await read(blobs, 'a/b/c'));
  });

  it('gives an empty part of an empty blob', async () => {
    const blobs = await openFolder();
    await blobs.put('none', new Uint8Array());
    expect(await read(blobs, 'none', { start: 0 })).toBe('');
  });

  it('is closed to other users', async () => {
    const blobs = await openFolder();
    await blobs.put('a/b', Buffer.from('x'));
    const root = path.join(folder.path, 'blobs');
    expect((await stat(root)).mode & 0o077).toBe(0);
    expect((await stat(path.join(root, 'a', 'b'))).mode & 0o077).toBe(0);
  });

  it('forgets at the next start what a crash broke off long ago, and leaves alone what is being written', async () => {
    const incoming = path.join(folder.path, 'blobs', '.incoming');
    await mkdir(incoming, { recursive: true });
    await writeFile(path.join(incoming, 'old'), 'half');
    await writeFile(path.join(incoming, 'young'), 'half');
    const old = new Date(Date.now() - 48 * 3_600_000);
    await utimes(path.join(incoming, 'old'), old, old);
    await openFolder();
    expect(await readdir(incoming)).toEqual(['young']);
  });

  it('survives writing and deleting in the same folder at once', async () => {
    const blobs = await openFolder();
    const round = async (name: string) => {
      for (let i = 0; i < 40; i += 1) {
        await blobs.put(`a/b/${name}`, Buffer.from(name));
        await blobs.delete(`a/b/${name}`);
      }
    };
    await Promise.all(['1', '2', '3', '4'].map(round));
    expect(await keys(blobs, '')).toEqual([]);
  });

  it('is not healthy when it is gone', async () => {
    const blobs = await openFolder();
    await folder.remove();
    expect(await blobs.healthy()).toBe(false);
  });
});

describe('an S3 store', () => {
  it('that does not answer refuses the start with a sentence', async () => {
    const config = testConfig({ ...s3.settings, S3_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
    await expect(openBlobs(config, testLog())).rejects.toThrow(
      /^The bucket "causeway-test" at 127\.0\.0\.1:\d+ can't be used: .*Check the CAUSEWAY_S3_ settings\.$/,
    );
  });

  it('that refuses our key refuses the start with a sentence', async () => {
    const config = testConfig({ ...s3.settings, S3_ACCESS_KEY: 'NOBODY' });
    await expect(openBlobs(config, testLog())).rejects.toThrow("can't be used");
  });
});
