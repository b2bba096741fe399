/** One ZIP out of streams that are opened one after the other, while somebody reads it: memory stays the same whatever its size. */
import { PassThrough, Readable } from 'node:stream';
import yazl from 'yazl';

export interface ZipEntry {
  readonly path: string;
  readonly bytes: number;
  open(): Promise<Readable>;
}

/** Larger files take the longer form of the format, which has to be said before. */
const longFrom = 0xf000_0000;

declare module 'yazl' {
  interface ZipFile {
    /** Missing from its types: how long all of it will be. */
    end(options: EndOptions, size: (bytes: number) => void): void;
  }
}

const plainEnd: yazl.EndOptions = { forceZip64Format: false, comment: '' };

/**
 * How long the ZIP of these will be. Known before anything of it is made, because nothing in it is compressed:
 * pictures and sound don't get smaller, and a browser says how long it takes, and goes on after a break.
 */
export function zipSize(entries: readonly ZipEntry[], at: Date): number {
  const zip = new yazl.ZipFile();
  for (const entry of entries) zip.addReadStreamLazy(entry.path, optionsOf(entry, at), () => undefined);
  let size = 0;
  zip.end(plainEnd, (bytes) => {
    size = bytes;
  });
  return size;
}

/** A part of it, both ends inclusive. What comes before is made all the same, and thrown away: the checksums at its end are of all of it. */
export function zipPart(entries: readonly ZipEntry[], at: Date, { start, end }: { start: number; end: number }): Readable {
  async function* part() {
    let place = 0;
    for await (const chunk of zipStream(entries, at)) {
      const bytes: Buffer = chunk;
      const [from, to] = [Math.max(0, start - place), Math.min(bytes.length, end + 1 - place)];
      if (to > from) yield bytes.subarray(from, to);
      place += bytes.length;
      if (place > end) return;
    }
  }
  return Readable.from(part(), { objectMode: false });
}

/** A failure ends the stream with it; when the reader goes away, what is being read is let go. */
export function zipStream(entries: readonly ZipEntry[], at: Date): Readable {
  const zip = new yazl.ZipFile();
  const whole = new PassThrough();
  const fail = (error: unknown) => whole.destroy(error instanceof Error ? error : new Error(String(error)));
  let reading: Readable | null = null;
  zip.on('error', fail);
  zip.outputStream.on('error', fail);
  whole.on('close', () => {
    reading?.destroy();
    zip.outputStream.unpipe(whole);
  });
  for (const entry of entries)
    zip.addReadStreamLazy(entry.path, optionsOf(entry, at), (give) => {
      entry.open().then(
        (content) => {
          reading = content;
          content.on('error', fail);
          if (whole.destroyed) content.destroy();
          give(null, content);
        },
        // The ZIP says so by its own event, too: one that nobody reads any more has nobody to tell.
        (error: unknown) => {
          fail(error);
          give(error, new PassThrough());
        },
      );
    });
  zip.end();
  zip.outputStream.pipe(whole);
  return whole;
}

function optionsOf({ bytes }: ZipEntry, at: Date): Partial<yazl.ReadStreamOptions> {
  return { mtime: at, compress: false, size: bytes, forceZip64Format: bytes > longFrom };
}
