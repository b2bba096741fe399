/** What Chromium sends through mediasoup-client, made smaller, with SSRCs that never meet twice. */
import type { types as mediasoup } from 'mediasoup';

let nextSsrc = 1_000;
let nextMid = 0;

const audioLevel = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 6, encrypt: false, parameters: {} } as const;
const mid = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1, encrypt: false, parameters: {} } as const;
const rid = { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 2, encrypt: false, parameters: {} } as const;
const transportCc = {
  uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  id: 5,
  encrypt: false,
  parameters: {},
} as const;

const feedback = [
  { type: 'nack' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'goog-remb' },
  { type: 'transport-cc' },
];

export function microphoneParameters(): mediasoup.RtpParameters {
  return {
    mid: String(nextMid++),
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: 111,
        clockRate: 48_000,
        channels: 2,
        parameters: { minptime: 10, useinbandfec: 1 },
        rtcpFeedback: [{ type: 'transport-cc' }],
      },
    ],
    headerExtensions: [mid, audioLevel, transportCc],
    encodings: [{ ssrc: nextSsrc++, dtx: true }],
    rtcp: { cname: 'page', reducedSize: true },
  };
}

export function screenParameters(codec: 'VP8' | 'VP9' | 'H264' = 'VP8'): mediasoup.RtpParameters {
  return {
    mid: String(nextMid++),
    codecs: [videoCodec(codec), { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 }, rtcpFeedback: [] }],
    headerExtensions: [mid, transportCc],
    encodings: [{ ssrc: nextSsrc++, rtx: { ssrc: nextSsrc++ } }],
    rtcp: { cname: 'page', reducedSize: true },
  };
}

/** Three layers. */
export function cameraParameters(): mediasoup.RtpParameters {
  return {
    ...screenParameters(),
    headerExtensions: [mid, rid, transportCc],
    encodings: ['r0', 'r1', 'r2'].map((name, index) => ({
      rid: name,
      scalabilityMode: 'L1T3',
      maxBitrate: 150_000 * 4 ** index,
      dtx: false,
    })),
  };
}

export function dtlsParameters(): mediasoup.DtlsParameters {
  const value = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase().padStart(2, '0')).join(':');
  return { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] };
}

/** A page that decodes only these. */
export function capabilitiesWith(all: mediasoup.RtpCapabilities, ...mimeTypes: string[]): mediasoup.RtpCapabilities {
  return { ...all, codecs: (all.codecs ?? []).filter((codec) => mimeTypes.includes(codec.mimeType)) };
}

function videoCodec(name: 'VP8' | 'VP9' | 'H264'): mediasoup.RtpCodecParameters {
  const parameters = {
    VP8: {},
    VP9: { 'profile-id': 0 },
    H264: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  }[name];
  return { mimeType: `video/${name}`, payloadType: 96, clockRate: 90_000, parameters, rtcpFeedback: feedback };
}
