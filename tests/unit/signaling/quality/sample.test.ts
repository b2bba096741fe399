import { describe, expect, test } from 'vitest';
import { causeway } from '#proto';
import { CausewayError } from '../../../../src/platform/errors.js';
import { pack, parseSample, unpack } from '../../../../src/signaling/quality/sample.js';

/** Ten seconds of an ordinary call with nine pictures. */
const ordinary = {
  durationMs: 10_004,
  packetsReceived: 4_812,
  packetsLost: 13,
  packetsSent: 1_904,
  sentPacketsLost: 4,
  roundTripMs: 38,
  jitterMs: 7,
  freezes: 1,
  freezesMs: 310,
  concealedPermille: 4,
  width: 1_280,
  height: 720,
  framesPerSecond: 30,
  bitsPerSecondIn: 3_214_112,
  bitsPerSecondOut: 1_512_040,
  limit: causeway.QualitySample.Limit.LIMIT_BANDWIDTH,
  starved: 1,
  relayed: true,
};
const decoded = (sample: object) => causeway.QualitySample.decode(causeway.QualitySample.encode(sample).finish());

describe('What a page reports', () => {
  test('is taken as it came over the wire, with what was left out as 0', () => {
    expect(parseSample(decoded(ordinary))).toEqual(ordinary);
    expect(parseSample(decoded({ durationMs: 10_000 }))).toMatchObject({ durationMs: 10_000, packetsLost: 0, limit: 0, relayed: false });
  });

  test.each<[string, object]>([
    ['durationMs', { durationMs: 0 }],
    ['durationMs', { durationMs: 60_001 }],
    ['packetsReceived', { packetsReceived: 4_000_000_000 }],
    ['roundTripMs', { roundTripMs: 60_001 }],
    ['jitterMs', { jitterMs: 4_294_967_295 }],
    ['freezesMs', { freezesMs: 3_000_000 }],
    ['concealedPermille', { concealedPermille: 1_001 }],
    ['width', { width: 100_000 }],
    ['framesPerSecond', { framesPerSecond: 241 }],
    ['limit', { limit: 9 }],
    ['starved', { starved: 1_001 }],
  ])('is refused, and not bent, when it can’t be: %s', (field, wrong) => {
    const parse = () => parseSample(decoded({ ...ordinary, ...wrong }));
    expect(parse).toThrow(CausewayError);
    expect(parse).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID', field: `sample.${field}` }));
  });

  test('is refused when there is none', () => {
    expect(() => parseSample(undefined)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID', field: 'sample' }));
    expect(() => parseSample(null)).toThrow(CausewayError);
  });
});

describe('A block of samples', () => {
  const since = Date.parse('2026-03-02T09:00:00Z');

  test('gives back each sample and its time, to the second', () => {
    const samples = [0, 10_000, 20_400].map((later) => ({ at: since + later, sample: { ...ordinary, packetsLost: later } }));
    const block = Buffer.concat(samples.map((sample) => pack(sample, since)));
    expect([...unpack(block, since)].map(({ at, sample }) => ({ at, sample: parseSample(sample) }))).toEqual([
      samples[0],
      samples[1],
      { at: since + 20_000, sample: samples[2]?.sample },
    ]);
  });

  test('takes less than 60 bytes for a sample that has something in every field', () => {
    expect(pack({ at: since + 50_000, sample: ordinary }, since).length).toBeLessThan(60);
  });

  test('of nothing has nothing', () => {
    expect([...unpack(new Uint8Array(), since)]).toEqual([]);
  });
});
