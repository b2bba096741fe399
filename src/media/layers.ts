/**
 * Which layer of a picture a peer gets, by the size in which it shows it. Pure.
 *
 * A producer does not say how large its layers are, so a ladder is taken for granted that the
 * page keeps to: the lowest layer has 180 lines, and each next one twice as many.
 */
import { type types as mediasoup, parseScalabilityMode } from 'mediasoup';

export interface Layered {
  readonly type: mediasoup.ProducerType;
  readonly encodings: readonly Pick<mediasoup.RtpEncodingParameters, 'scalabilityMode'>[];
}

/** Device pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Layers {
  readonly spatialLayer: number;
  readonly temporalLayer: number;
}

const lowestLayerLines = 180;
/** A layer may be stretched this far before the next one is worth its bits. */
const stretchBeforeUp = 1.3;
/** A lower layer is taken only when it would be stretched less than this; the band between the two keeps a dragged window from flapping. */
const stretchBeforeDown = 1.1;
/** Below this many lines half the frame rate is as good to look at. */
const thumbnailLines = 120;

/**
 * The layers that suit the size shown; undefined where the producer has only one.
 *
 * @param current what was preferred before, for hysteresis.
 */
export function preferredLayers(producer: Layered, size: Size, current: Layers | undefined): Layers | undefined {
  const highest = highestLayers(producer);
  if (!highest) return undefined;
  const lines = linesOf(size);
  return {
    spatialLayer: spatialLayer(lines, highest.spatialLayer, current?.spatialLayer),
    temporalLayer: lines < thumbnailLines ? Math.min(1, highest.temporalLayer) : highest.temporalLayer,
  };
}

/** The best that the producer has: for screens, whose text must stay readable at any size. Undefined where it has only one layer. */
export function highestLayers(producer: Layered): Layers | undefined {
  if (producer.type === 'simple') return undefined;
  const mode = parseScalabilityMode(producer.encodings.find((encoding) => encoding.scalabilityMode)?.scalabilityMode);
  const spatialLayers = producer.encodings.length > 1 ? producer.encodings.length : mode.spatialLayers;
  return { spatialLayer: spatialLayers - 1, temporalLayer: mode.temporalLayers - 1 };
}

function spatialLayer(lines: number, highest: number, current: number | undefined): number {
  const enough = lowestEnough(lines, highest, stretchBeforeUp);
  if (current === undefined || enough >= current) return enough;
  return Math.min(current, lowestEnough(lines, highest, stretchBeforeDown));
}

function lowestEnough(lines: number, highest: number, stretch: number): number {
  let layer = 0;
  while (layer < highest && lines > lowestLayerLines * 2 ** layer * stretch) layer += 1;
  return layer;
}

/** Lines of the 16:9 picture that has the same area: portrait tiles and letterboxes count for what they show. */
function linesOf({ width, height }: Size): number {
  return Math.sqrt((width * height * 9) / 16);
}
