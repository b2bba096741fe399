import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { routerCapabilities } from '../../../src/media/codecs.js';
import { parseDtlsParameters, parseRtpCapabilities, parseRtpParameters } from '../../../src/media/index.js';
import { CausewayError } from '../../../src/platform/errors.js';
import { cameraParameters, dtlsParameters, microphoneParameters, screenParameters } from './parameters.js';

const json = JSON.stringify;
const refusal = (act: () => unknown): CausewayError => {
  try {
    act();
  } catch (error) {
    if (error instanceof CausewayError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('what mediasoup and mediasoup-client write is taken as it is', () => {
  test('capabilities of a router', () => {
    expect(parseRtpCapabilities(json(routerCapabilities()))).toEqual(routerCapabilities());
  });

  test.each([
    ['a microphone', microphoneParameters()],
    ['a camera with three layers', cameraParameters()],
    ['a screen in H264', screenParameters('H264')],
  ])('parameters of %s', (_, parameters) => {
    expect(parseRtpParameters(json(parameters))).toEqual(parameters);
  });

  test('DTLS parameters', () => {
    expect(parseDtlsParameters(json(dtlsParameters()))).toEqual(dtlsParameters());
  });
});

describe('what mediasoup does not know is left out', () => {
  test('fields', () => {
    expect(parseRtpParameters(json({ ...microphoneParameters(), extra: 1 }))).not.toHaveProperty('extra');
  });

  test('header extensions', () => {
    const parameters = microphoneParameters();
    const parsed = parseRtpParameters(
      json({ ...parameters, headerExtensions: [{ uri: 'urn:example:unknown', id: 9 }, ...(parameters.headerExtensions ?? [])] }),
    );
    expect(parsed.headerExtensions).toEqual(parameters.headerExtensions);
  });
});

describe('refusals', () => {
  const good = cameraParameters();
  const [vp8, rtx] = good.codecs;

  test.each<[string, unknown, RegExp]>([
    ['a payload type of eight bits', { ...good, codecs: [{ ...vp8, payloadType: 128 }] }, /codecs\.0\.payloadType/],
    ['five encodings', { ...good, encodings: Array.from({ length: 5 }, (_, i) => ({ rid: `r${i}` })) }, /encodings/],
    ['an SSRC of 33 bits', { ...good, encodings: [{ ssrc: 2 ** 32 }] }, /encodings\.0\.ssrc/],
    ['an SSRC that is no whole number', { ...good, encodings: [{ ssrc: 1.5 }] }, /encodings\.0\.ssrc/],
    ['a RID with other letters than RFC 8851 allows', { ...good, encodings: [{ rid: 'a b' }] }, /encodings\.0\.rid/],
    ['sound and picture in one producer', { ...good, codecs: [vp8, { ...vp8, mimeType: 'audio/opus' }] }, /mixes audio and video/],
    ['retransmission of nothing', { ...good, codecs: [rtx] }, /must begin with a media codec/],
    ['no codec', { ...good, codecs: [] }, /codecs/],
    ['an extension id of 0', { ...good, headerExtensions: [{ uri: 'urn:3gpp:video-orientation', id: 0 }] }, /headerExtensions\.0\.id/],
    ['a nested codec parameter', { ...good, codecs: [{ ...vp8, parameters: { x: {} } }] }, /codecs\.0\.parameters/],
    ['an array', [], /expected object/],
  ])('parameters with %s', (_, parameters, detail) => {
    const error = refusal(() => parseRtpParameters(json(parameters)));
    expect(error.code).toBe('MEDIA_BAD_PARAMETERS');
    expect(error.message).toMatch(detail);
  });

  test('capabilities whose kind is not that of the type', () => {
    const codec = { kind: 'audio', mimeType: 'video/VP8', preferredPayloadType: 96, clockRate: 90_000 };
    expect(refusal(() => parseRtpCapabilities(json({ codecs: [codec] }))).code).toBe('MEDIA_BAD_CAPABILITIES');
  });

  test('capabilities of a page that can receive nothing', () => {
    expect(refusal(() => parseRtpCapabilities(json({ codecs: [] }))).code).toBe('MEDIA_BAD_CAPABILITIES');
  });

  test('a DTLS fingerprint that is none', () => {
    const error = refusal(() => parseDtlsParameters(json({ fingerprints: [{ algorithm: 'sha-256', value: 'zz' }] })));
    expect(error.message).toMatch(/fingerprints\.0\.value/);
  });

  test('a text that is no JSON, and one that is too long', () => {
    expect(refusal(() => parseRtpParameters('{')).message).toMatch(/not JSON/);
    expect(refusal(() => parseRtpParameters(json({ mid: 'x'.repeat(70_000) }))).message).toMatch(/longer than/);
    expect(refusal(() => parseRtpParameters('['.repeat(60_000))).message).toMatch(/not JSON/);
  });

  test('anything else at all, with a code and never another error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const parse of [parseRtpCapabilities, parseRtpParameters, parseDtlsParameters])
          expect(refusal(() => parse(text)).code).toMatch(/^MEDIA_BAD_/);
      }),
    );
  });
});
