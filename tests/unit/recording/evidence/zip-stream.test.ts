import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { type ZipEntry, zipPart, zipSize, zipStream } from '../../../../src/recording/evidence/zip-stream.js';
import { waitFor } from '../../../support/wait-for.js';

const at = new Date(0);
const entry = (path: string, open: () => Readable | Promise<Readable>, bytes = 0): ZipEntry => ({
  path,
  bytes,
  open: async () => open(),
});
/** Zeros without end; counts what was taken of it. */
function endless(): { readonly stream: Readable; taken: number } {
  const source = {
    taken: 0,
    stream: new Readable({
      read() {
        source.taken += 65_536;
        this.push(Buffer.alloc(65_536));
      },
    }),
  };
  return source;
}

describe('A ZIP that is made while it is read', () => {
  it('has its entries in order, each opened when the one before is through', async () => {
    const opened: string[] = [];
    const made = await buffer(
      zipStream(
        ['a.txt', 'b/c.bin', 'empty'].map((path) =>
          entry(
            path,
            () => {
              opened.push(path);
              return Readable.from(path === 'empty' ? [] : [Buffer.from(`of ${path}`)]);
            },
            path === 'empty' ? 0 : `of ${path}`.length,
          ),
        ),
        at,
      ),
    );
    const zip = await fromBufferPromise(made, { lazyEntries: true });
    const found: [string, string][] = [];
    for await (const one of zip.eachEntry()) found.push([one.fileName, (await buffer(await zip.openReadStreamPromise(one))).toString()]);
    expect(found).toEqual([
      ['a.txt', 'of a.txt'],
      ['b/c.bin', 'of b/c.bin'],
      ['empty', ''],
    ]);
    expect(opened).toEqual(['a.txt', 'b/c.bin', 'empty']);
  });

  it('takes no more than is read, however large an entry is', async () => {
    const source = endless();
    const zip = zipStream([entry('large', () => source.stream, 2 ** 40)], at);
    let read = 0;
    for await (const chunk of zip) {
      read += chunk.length;
      expect(source.taken - read).toBeLessThan(1_048_576);
      if (read > 20_000_000) break;
    }
    await waitFor(() => source.stream.destroyed, 'the entry to be let go');
  });

  it('lets go of what it reads when its reader goes away, and opens nothing more', async () => {
    const source = endless();
    const opened: string[] = [];
    const second = entry('second', () => {
      opened.push('second');
      return Readable.from([]);
    });
    const zip = zipStream([entry('first', () => source.stream), second], at);
    await once(zip, 'readable');
    zip.destroy();
    await waitFor(() => source.stream.destroyed, 'the entry to be let go');
    expect(opened).toEqual([]);
  });

  it('ends with the failure of an entry, while it is opened or read', async () => {
    const broken = new Readable({
      read() {
        this.push(Buffer.from('half'));
        this.destroy(new Error('the store is away'));
      },
    });
    await expect(buffer(zipStream([entry('a', () => broken)], at))).rejects.toThrow('the store is away');
    const gone = entry('a', () => Promise.reject(new Error('the blob is gone')));
    await expect(buffer(zipStream([gone], at))).rejects.toThrow('the blob is gone');
  });

  it('is as long as was said before anything of it was made, and its parts are those of the whole', async () => {
    const contents = ['', 'words', '會議'.repeat(40_000)].map((text) => Buffer.from(text));
    const entries = contents.map((bytes, index) => entry(`文件/${index}.txt`, () => Readable.from([bytes]), bytes.length));
    const whole = await buffer(zipStream(entries, at));
    expect(zipSize(entries, at)).toBe(whole.length);
    for (const [start, end] of [
      [0, 0],
      [0, whole.length - 1],
      [70, 90_000],
      [whole.length - 30, whole.length - 1],
    ] as const)
      expect((await buffer(zipPart(entries, at, { start, end }))).equals(whole.subarray(start, end + 1))).toBe(true);
    expect((await buffer(zipStream(entries, at))).equals(whole)).toBe(true);
  });

  it('lets go of what it reads when a part of it is through, or its reader goes away', async () => {
    const [first, second] = [endless(), endless()];
    await buffer(zipPart([entry('first', () => first.stream, 2 ** 40)], at, { start: 1_000_000, end: 1_000_010 }));
    await waitFor(() => first.stream.destroyed, 'the entry to be let go');
    const part = zipPart([entry('second', () => second.stream, 2 ** 40)], at, { start: 1_000, end: 2 ** 39 });
    await once(part, 'readable');
    part.destroy();
    await waitFor(() => second.stream.destroyed, 'the entry to be let go');
  });

  it('fails when an entry is not as long as was said', async () => {
    await expect(buffer(zipStream([entry('a', () => Readable.from([Buffer.from('longer')]), 3)], at))).rejects.toThrow(
      'unexpected number of bytes',
    );
  });
});
