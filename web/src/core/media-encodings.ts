/** How pictures and sound are encoded, as mediasoup-client wants it. */
import type { types } from 'mediasoup-client';

type Encoding = types.RtpEncodingParameters;

/** Codecs for one's own picture; `vp8` is what every browser sends in layers and shows. */
export const videoCodecs = ['vp8', 'h264', 'vp9', 'av1'] as const;
export type VideoCodec = (typeof videoCodecs)[number];

export interface CodecFacts {
  /** What both this browser and the server can do. */
  readonly capabilities: types.RtpCapabilities;
  /** Whether this browser encodes several layers of one size or more in one stream. */
  readonly canScale: (mimeType: string, scalabilityMode: string) => Promise<boolean>;
  /** Firefox sends H264 in one size only. */
  readonly canSendH264Layers: boolean;
}

/** The rate of each size, the smallest first; see `layersOf`. */
const ladder: readonly (readonly number[])[] = [[300_000], [180_000, 700_000], [150_000, 500_000, 1_700_000]];

/**
 * How many sizes of a camera's picture are sent. Chromium drops the full-size one without a word when
 * it is asked for three sizes of a picture below 960x540, therefore small pictures get fewer.
 */
export function layersOf(width: number, height: number): number {
  const pixels = width * height;
  if (pixels >= 960 * 540) return 3;
  return pixels >= 480 * 270 ? 2 : 1;
}

/**
 * The encodings of a camera, the smallest first.
 *
 * VP8 and H264: one stream for each size. VP9: one stream that holds all sizes, of which upper ones
 * need the lower ones at key frames only; mediasoup refuses several. AV1: one size, three rates of
 * frames, because upper sizes are never decoded behind mediasoup.
 */
export function cameraEncodings(width: number, height: number, codec: VideoCodec = 'vp8'): Encoding[] {
  const layers = layersOf(width, height);
  const rates = ratesOf(layers);
  const total = sumOf(rates);
  if (codec === 'av1') return [{ maxBitrate: rates.at(-1) ?? total, scalabilityMode: 'L1T3' }];
  if (codec === 'vp9') return [{ maxBitrate: total, scalabilityMode: modeOf(layers) }];
  if (layers === 1) return [{ maxBitrate: total }];
  // Encoders of H264 in hardware know no layers in time.
  const scalabilityMode = codec === 'h264' ? 'L1T1' : 'L1T3';
  return rates.map((maxBitrate, at) => ({ scaleResolutionDownBy: 2 ** (layers - 1 - at), maxBitrate, scalabilityMode }));
}

/** Text must stay sharp; the rate may fall. */
export const screenEncodings: Encoding[] = [{ maxBitrate: 2_500_000 }];

/** What an encoding becomes when not all of it is wanted. */
export type DemandedEncoding = Pick<Encoding, 'active' | 'maxBitrate' | 'scalabilityMode' | 'scaleResolutionDownBy'>;

/** What is left of the encodings when nobody wants more than this layer; -1: nobody wants anything. */
export function demandedEncodings(full: readonly Encoding[], maxSpatialLayer: number): DemandedEncoding[] {
  const [only] = full;
  if (full.length !== 1 || !only) return full.map((_, at) => ({ active: at <= maxSpatialLayer }));
  const active = maxSpatialLayer >= 0;
  const layers = Number(/^L(\d)/.exec(only.scalabilityMode ?? 'L1')?.[1] ?? 1);
  if (layers === 1) return [{ active }];
  // One stream with all sizes in it. Kept at three layers and a lower rate it would be filled up with padding.
  const wanted = active ? Math.min(layers, maxSpatialLayer + 1) : layers;
  const maxBitrate = sumOf(ratesOf(layers).slice(0, wanted));
  return [{ active, maxBitrate, scalabilityMode: modeOf(wanted), scaleResolutionDownBy: 2 ** (layers - wanted) }];
}

/** The codec that the person prefers, where this browser and the server can send it in layers; else VP8. */
export async function chooseCodec(preferred: VideoCodec, { capabilities, canScale, canSendH264Layers }: CodecFacts): Promise<VideoCodec> {
  const mimeType = mimeTypeOf(preferred);
  if (!findCodec(capabilities, mimeType)) return 'vp8';
  if (preferred === 'h264') return canSendH264Layers ? 'h264' : 'vp8';
  if (preferred === 'vp9') return (await canScale(mimeType, 'L3T3_KEY')) ? 'vp9' : 'vp8';
  if (preferred === 'av1') return (await canScale(mimeType, 'L1T3')) ? 'av1' : 'vp8';
  return 'vp8';
}

/** Asks the browser, which answers without opening an encoder. */
export async function canScale(mimeType: string, scalabilityMode: string): Promise<boolean> {
  try {
    const video = { contentType: mimeType, width: 1280, height: 720, bitrate: 2_000_000, framerate: 30, scalabilityMode };
    return (await navigator.mediaCapabilities.encodingInfo({ type: 'webrtc', video })).supported;
  } catch {
    return false;
  }
}

/**
 * Chromium guesses that it may send 300 kbit/s when it begins, and lets the first key frames wait
 * in line for a third of a second; it finds out soon enough when even this is too much.
 */
const pictureOptions: types.ProducerCodecOptions = { videoGoogleStartBitrate: 1_000 };
/** DTX: silence costs next to nothing. FEC: a lost packet is heard less. */
const speechOptions: types.ProducerCodecOptions = { opusDtx: true, opusFec: true, opusStereo: false };
const programSoundOptions: types.ProducerCodecOptions = { opusDtx: false, opusFec: true, opusStereo: true, opusMaxAverageBitrate: 96_000 };

/** By what is sent. */
export const codecOptions = {
  microphone: speechOptions,
  camera: pictureOptions,
  screen: pictureOptions,
  screenSound: programSoundOptions,
} as const;

export function findCodec(capabilities: types.RtpCapabilities, mimeType: string): types.RtpCodecCapability | undefined {
  return capabilities.codecs?.find((codec) => codec.mimeType.toLowerCase() === mimeType);
}

export function mimeTypeOf(codec: VideoCodec): string {
  return `video/${codec}`;
}

export function isVideoCodec(value: unknown): value is VideoCodec {
  return videoCodecs.some((codec) => codec === value);
}

function ratesOf(layers: number): readonly number[] {
  return ladder[layers - 1] ?? [];
}

/** Of one stream with several sizes in it. */
function modeOf(layers: number): string {
  return layers === 1 ? 'L1T3' : `L${layers}T3_KEY`;
}

function sumOf(rates: readonly number[]): number {
  return rates.reduce((sum, rate) => sum + rate, 0);
}
