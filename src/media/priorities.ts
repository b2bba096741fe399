/**
 * Whose picture comes first where the bandwidth is not enough for all. Pure.
 *
 * The worker first gives every picture its lowest layer, in the order of priority; what is left it
 * deals out in rounds, and in each round a picture of priority n may rise n layers. So a priority
 * is a share, and the share that suits a picture is the area in which it is seen: the speaker, the
 * pinned and the spotlighted are large because the page makes them so.
 */
import type { Size } from './layers.js';
import type { Source } from './media.js';

/** The highest of mediasoup. Text that is not readable is worth nothing, a face that is blurred is. */
const screenPriority = 255;
const highestOfPictures = 200;
/** A picture of the lowest layer's own size: 320x180. */
const unitPixels = 320 * 180;

export function priorityOf(source: Source, size: Size | undefined): number {
  if (source === 'screen') return screenPriority;
  if (!size) return 1;
  return Math.min(highestOfPictures, Math.max(1, Math.round((size.width * size.height) / unitPixels)));
}
