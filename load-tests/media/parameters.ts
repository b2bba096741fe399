/** What the generator says it can send and receive, in mediasoup's words. */
import { randomInt } from 'node:crypto';
import type { types as mediasoup } from 'mediasoup';
import { extensions } from './wire/rtp.js';

export const payloadTypes = { opus: 111, vp8: 96 } as const;
export const clockRates = { opus: 48_000, vp8: 90_000 } as const;

/** No retransmission and no feedback of bandwidth: what is lost stays lost and is counted. */
export const rtpCapabilities: mediasoup.RtpCapabilities = {
  codecs: [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: payloadTypes.opus,
      clockRate: clockRates.opus,
      channels: 2,
      parameters: {},
      rtcpFeedback: [],
    },
    {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: payloadTypes.vp8,
      clockRate: clockRates.vp8,
      parameters: {},
      rtcpFeedback: [
        { type: 'nack', parameter: 'pli' },
        { type: 'ccm', parameter: 'fir' },
      ],
    },
  ],
  headerExtensions: (['audio', 'video'] as const).map((kind) => ({
    kind,
    uri: extensions.sentAt.uri,
    preferredId: extensions.sentAt.id,
    preferredEncrypt: false,
    direction: 'sendrecv',
  })),
};

export function newSsrc(): number {
  return randomInt(0x1_0000, 0xffff_ffff);
}

export function microphoneParameters(ssrc: number): mediasoup.RtpParameters {
  return {
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: payloadTypes.opus,
        clockRate: clockRates.opus,
        channels: 2,
        parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 },
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [extensions.audioLevel, extensions.sentAt].map(({ uri, id }) => ({ uri, id, encrypt: false, parameters: {} })),
    encodings: [{ ssrc, dtx: true }],
    rtcp: { cname: `load-${ssrc}`, reducedSize: true },
  };
}

/** Several streams are simulcast, the smallest picture first. */
export function cameraParameters(layers: readonly { readonly ssrc: number; readonly bitsPerSecond: number }[]): mediasoup.RtpParameters {
  return {
    codecs: [
      {
        mimeType: 'video/VP8',
        payloadType: payloadTypes.vp8,
        clockRate: clockRates.vp8,
        parameters: {},
        rtcpFeedback: [
          { type: 'nack', parameter: 'pli' },
          { type: 'ccm', parameter: 'fir' },
        ],
      },
    ],
    headerExtensions: [{ uri: extensions.sentAt.uri, id: extensions.sentAt.id, encrypt: false, parameters: {} }],
    encodings: layers.map(({ ssrc, bitsPerSecond }) => ({
      ssrc,
      ...(layers.length > 1 && { scalabilityMode: 'L1T1', maxBitrate: Math.round(bitsPerSecond) }),
    })),
    rtcp: { cname: `load-${layers[0]?.ssrc ?? 0}`, reducedSize: true },
  };
}
