/**
 * Previews of pictures. Decoders are where bad files do harm: only the five formats of the web are
 * read, by their bytes, one picture at a time, within bounds of size, pixels and time. What can't be
 * read is a file without a preview.
 */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';

export interface Preview {
  /** WebP, at most 480 by 480. */
  readonly bytes: Uint8Array;
  /** Of the picture itself, as it is to be seen. */
  readonly width: number;
  readonly height: number;
}

const readable: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']);
const mostBytes = 50 * 1_048_576;
/** A photograph of 50 megapixels; as much as 200 MB of memory. */
const mostPixels = 51_000_000;
const mostSeconds = 20;
const edge = 480;
/** Pictures that wait. Those beyond get no preview. */
const mostWaiting = 200;

// The library looks at the bytes again and would read SVG, TIFF and more.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
});
// Memory for the next picture is worth more than the last one.
sharp.cache(false);
sharp.concurrency(1);

export class Pictures {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  mayHavePreview(type: string, size: number): boolean {
    return readable.has(type) && size <= mostBytes;
  }

  /** Null: it can't be read, or too many wait. `open` is called when it is this picture's turn. */
  async preview(open: () => Promise<Readable | null>): Promise<Preview | null> {
    if (this.#waiting >= mostWaiting) return null;
    this.#waiting += 1;
    const work = this.#last.then(async () => {
      const content = await open();
      return content && draw(await buffer(content));
    });
    this.#last = work.catch(() => undefined);
    try {
      return await work;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Waits for the picture that is being drawn. */
  async close(): Promise<void> {
    this.#waiting = mostWaiting;
    await this.#last;
  }
}

async function draw(content: Uint8Array): Promise<Preview | null> {
  try {
    const picture = sharp(content, { limitInputPixels: mostPixels, failOn: 'error', sequentialRead: true, pages: 1 });
    const { autoOrient } = await picture.metadata();
    // Nothing of the file but its pixels goes on: no place, no camera, no thumbnail of what was cut off.
    const bytes = await picture
      .autoOrient()
      .resize(edge, edge, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 75 })
      .timeout({ seconds: mostSeconds })
      .toBuffer();
    return { bytes, width: autoOrient.width, height: autoOrient.height };
  } catch {
    return null;
  }
}
