/** What every router can route, in the order in which a page should choose. */
import { type types as mediasoup, ortc } from 'mediasoup';

export const mediaCodecs: mediasoup.RouterRtpCodecCapability[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    // In-band FEC hides single losses; DTX saves the packets of those who are silent (RFC 7587 sections 3.1.3 and 6.1).
    parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 },
  },
  // First of the video codecs: the only one whose simulcast every browser sends and receives.
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    // Constrained baseline, level 3.1 (RFC 6184 section 8.1): what Safari and hardware encoders have in common.
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90_000 },
];

/**
 * A browser that may say how its camera is turned leaves the turning to who shows the picture
 * (3GPP TS 26.114 section 7.4.5), and what is recorded of a phone lies on its side. One that may not turns it itself.
 */
const orientation = 'urn:3gpp:video-orientation';

/** The capabilities of every router: they follow from the codecs alone. */
export function routerCapabilities(): mediasoup.RtpCapabilities {
  const { codecs = [], headerExtensions = [] } = ortc.generateRouterRtpCapabilities(structuredClone(mediaCodecs));
  return { codecs, headerExtensions: headerExtensions.filter(({ uri }) => uri !== orientation) };
}
