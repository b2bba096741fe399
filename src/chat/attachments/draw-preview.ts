/** The drawing of a preview, apart from the rest because its library is native code that some machine may not load. */
import sharp from 'sharp';

export interface Preview {
  /** WebP, at most 480 by 480. */
  readonly bytes: Uint8Array;
  /** Of the picture itself, as it is to be seen. */
  readonly width: number;
  readonly height: number;
}

/** A photograph of 50 megapixels; as much as 200 MB of memory. */
const mostPixels = 51_000_000;
const mostSeconds = 20;
const edge = 480;

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

/** Null: it can't be read. */
export async function drawPreview(content: Uint8Array): Promise<Preview | null> {
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
