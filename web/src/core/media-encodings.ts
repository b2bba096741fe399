/** How pictures and sound are encoded, as mediasoup-client wants it. */
import type { types } from 'mediasoup-client';

type Encoding = types.RtpEncodingParameters;

/**
 * The layers of a camera. Chromium drops the full-size one without a word when it is asked for
 * three layers of a picture below 960x540, therefore small pictures get fewer.
 */
export function cameraEncodings(width: number, height: number): Encoding[] {
  const pixels = width * height;
  if (pixels >= 960 * 540) {
    return [
      { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T3' },
      { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T3' },
      { scaleResolutionDownBy: 1, maxBitrate: 1_700_000, scalabilityMode: 'L1T3' },
    ];
  }
  if (pixels >= 480 * 270) {
    return [
      { scaleResolutionDownBy: 2, maxBitrate: 180_000, scalabilityMode: 'L1T3' },
      { scaleResolutionDownBy: 1, maxBitrate: 700_000, scalabilityMode: 'L1T3' },
    ];
  }
  return [{ maxBitrate: 300_000 }];
}

/** Text must stay sharp; the rate may fall. */
export const screenEncodings: Encoding[] = [{ maxBitrate: 2_500_000 }];

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
