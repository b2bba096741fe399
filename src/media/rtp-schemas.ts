/**
 * Checks the JSON texts in which pages send mediasoup's objects.
 *
 * mediasoup validates on its own, but loosely, and speaks of its insides. Here every field has a
 * bound, so that what reaches a worker, which is C++ and shared by many rooms, is well-formed.
 */
import type { types as mediasoup } from 'mediasoup';
import { z } from 'zod';
import { CausewayError, type ErrorCode } from '../platform/errors.js';

/** Characters of one text. What browsers send has 2,000 to 12,000. */
const textLimit = 65_536;

const kind = z.enum(['audio', 'video']);
const mimeType = z
  .string()
  .max(64)
  .regex(/^(audio|video)\/[\w.+-]+$/i, 'must be like audio/opus or video/VP8');
/** RFC 3550 section 5.1: seven bits. */
const payloadType = z.int().min(0).max(127);
const ssrc = z.int().min(1).max(0xffff_ffff);
const clockRate = z.int().min(1).max(1_000_000);
const channels = z.int().min(1).max(8);
const parameters = z
  .record(z.string().max(64), z.union([z.string().max(512), z.number().min(-0x8000_0000).max(0x7fff_ffff)]))
  .refine((record) => Object.keys(record).length <= 32, 'has too many parameters');
const rtcpFeedback = z.array(z.object({ type: z.string().max(64), parameter: z.string().max(64).exactOptional() })).max(32);

const extensionUris = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  'urn:3gpp:video-orientation',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  'urn:ietf:params:rtp-hdrext:toffset',
  'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  'urn:mediasoup:params:rtp-hdrext:packet-id',
] as const satisfies readonly mediasoup.RtpHeaderExtensionUri[];
const extensionUri = z.string().max(256);
/** RFC 8285 section 4.3: one byte, 0 is padding. */
const extensionId = z.int().min(1).max(255);

/** Extensions that the worker does not know are left out, as RFC 8285 section 5 lets a receiver do; mediasoup would refuse the whole. */
function known<Extension extends { readonly uri: string }>(extensions: readonly Extension[]) {
  return extensions.flatMap((extension) => {
    const uri = extensionUris.find((name) => name === extension.uri);
    return uri ? [{ ...extension, uri }] : [];
  });
}

const rtpCapabilities = z.object({
  codecs: z
    .array(
      z.object({
        kind,
        mimeType,
        preferredPayloadType: payloadType,
        clockRate,
        channels: channels.exactOptional(),
        parameters: parameters.exactOptional(),
        rtcpFeedback: rtcpFeedback.exactOptional(),
      }),
    )
    .min(1)
    .max(128)
    .refine(
      (codecs) => codecs.every((codec) => codec.mimeType.toLowerCase().startsWith(codec.kind)),
      'has a codec whose kind is not that of its type',
    ),
  headerExtensions: z
    .array(
      z.object({
        kind,
        uri: extensionUri,
        preferredId: extensionId,
        preferredEncrypt: z.boolean().exactOptional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).exactOptional(),
      }),
    )
    .max(64)
    .transform(known)
    .exactOptional(),
});

const encoding = z.object({
  ssrc: ssrc.exactOptional(),
  // RFC 8851 section 10: letters, digits, - and _.
  rid: z
    .string()
    .regex(/^[\w-]{1,16}$/)
    .exactOptional(),
  codecPayloadType: payloadType.exactOptional(),
  rtx: z.object({ ssrc }).exactOptional(),
  dtx: z.boolean().exactOptional(),
  scalabilityMode: z
    .string()
    .regex(/^[LS][1-4]T[1-4](_KEY|_KEY_SHIFT|h)?$/)
    .exactOptional(),
  maxBitrate: z.int().min(0).max(0xffff_ffff).exactOptional(),
});

const rtpParameters = z.object({
  mid: z
    .string()
    .regex(/^[\w.+-]{1,16}$/)
    .exactOptional(),
  codecs: z
    .array(
      z.object({
        mimeType,
        payloadType,
        clockRate,
        channels: channels.exactOptional(),
        parameters: parameters.exactOptional(),
        rtcpFeedback: rtcpFeedback.exactOptional(),
      }),
    )
    .min(1)
    .max(16)
    .refine((codecs) => new Set(codecs.map((codec) => codec.mimeType.split('/')[0]?.toLowerCase())).size === 1, 'mixes audio and video')
    .refine((codecs) => !/\/rtx$/i.test(codecs[0]?.mimeType ?? ''), 'must begin with a media codec'),
  headerExtensions: z
    .array(z.object({ uri: extensionUri, id: extensionId, encrypt: z.boolean().exactOptional(), parameters: parameters.exactOptional() }))
    .max(32)
    .transform(known)
    .exactOptional(),
  encodings: z.array(encoding).max(4).exactOptional(),
  rtcp: z.object({ cname: z.string().max(255).exactOptional(), reducedSize: z.boolean().exactOptional() }).exactOptional(),
  msid: z.string().max(256).exactOptional(),
});

/** Hexadecimal bytes with colons (RFC 8122 section 5): 20 of SHA-1 to 64 of SHA-512. */
const fingerprint = z.string().regex(/^[\dA-F]{2}(:[\dA-F]{2}){19,63}$/i);

const dtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).exactOptional(),
  fingerprints: z
    .array(z.object({ algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']), value: fingerprint }))
    .min(1)
    .max(8),
});

/** @throws MEDIA_BAD_CAPABILITIES */
export function parseRtpCapabilities(json: string): mediasoup.RtpCapabilities {
  return parse(rtpCapabilities, json, 'MEDIA_BAD_CAPABILITIES');
}

/** @throws MEDIA_BAD_PARAMETERS */
export function parseRtpParameters(json: string): mediasoup.RtpParameters {
  return parse(rtpParameters, json, 'MEDIA_BAD_PARAMETERS');
}

/** @throws MEDIA_BAD_PARAMETERS */
export function parseDtlsParameters(json: string): mediasoup.DtlsParameters {
  return parse(dtlsParameters, json, 'MEDIA_BAD_PARAMETERS');
}

function parse<Schema extends z.ZodType>(schema: Schema, json: string, code: ErrorCode): z.output<Schema> {
  const refuse = (detail: string, cause?: unknown) => new CausewayError(code, { fill: { detail }, cause });
  if (json.length > textLimit) throw refuse(`the text is longer than ${textLimit} characters`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw refuse('the text is not JSON', cause);
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw refuse(`${issue?.path.join('.') || 'the text'}: ${issue?.message ?? 'not valid'}`, result.error);
  }
  return result.data;
}
