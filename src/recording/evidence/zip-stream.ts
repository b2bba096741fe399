/** One ZIP out of streams that are opened one after the other, while somebody reads it: memory stays the same whatever its size. */
import { PassThrough, type Readable } from 'node:stream';
import yazl from 'yazl';

export interface ZipEntry {
  readonly path: string;
  readonly bytes: number;
  /** Pictures and sound don't get smaller. */
  readonly compress: boolean;
  open(): Promise<Readable>;
}

/** Larger files take the longer form of the format, which has to be said before. */
const longFrom = 0xf000_0000;

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
  for (const { path, bytes, compress, open } of entries)
    zip.addReadStreamLazy(path, { mtime: at, compress, forceZip64Format: bytes > longFrom }, (give) => {
      open().then(
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
