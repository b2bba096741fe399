import { describe, expect, it } from 'vitest';
import { mediaCodecs } from '../../../../src/media/codecs.js';
import { cameraEncodings, chooseCodec, demandedEncodings, videoCodecs } from '../../../../web/src/core/media-encodings';

describe('the layers of a camera', () => {
  it('are three from 960x540 up, two at 640x360 and one below', () => {
    expect(cameraEncodings(1280, 720)).toHaveLength(3);
    expect(cameraEncodings(960, 540)).toHaveLength(3);
    expect(cameraEncodings(640, 360)).toHaveLength(2);
    expect(cameraEncodings(640, 480)).toHaveLength(2);
    expect(cameraEncodings(320, 180)).toHaveLength(1);
  });

  it('are the same for a phone held upright', () => {
    expect(cameraEncodings(720, 1280)).toEqual(cameraEncodings(1280, 720));
  });

  it('rise in size and bitrate and stay under what one participant may send', () => {
    const layers = cameraEncodings(1280, 720);
    const rates = layers.map((layer) => layer.maxBitrate ?? 0);
    expect([...rates].sort((a, b) => a - b)).toEqual(rates);
    expect(rates.reduce((sum, rate) => sum + rate, 0)).toBeLessThan(3_500_000);
    expect(layers.at(-1)?.scaleResolutionDownBy).toBe(1);
  });

  it('are streams of their own in H264, without layers in time', () => {
    const layers = cameraEncodings(1280, 720, 'h264');
    expect(layers.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([4, 2, 1]);
    expect(new Set(layers.map(({ scalabilityMode }) => scalabilityMode))).toEqual(new Set(['L1T1']));
  });

  it('are all in one stream in VP9', () => {
    expect(cameraEncodings(1280, 720, 'vp9')).toMatchObject([{ scalabilityMode: 'L3T3_KEY' }]);
    expect(cameraEncodings(640, 360, 'vp9')).toMatchObject([{ scalabilityMode: 'L2T3_KEY' }]);
    expect(cameraEncodings(320, 180, 'vp9')).toMatchObject([{ scalabilityMode: 'L1T3' }]);
  });

  it('are layers in time alone in AV1', () => {
    for (const [width, height] of [
      [1280, 720],
      [640, 360],
      [320, 180],
    ] as const)
      expect(cameraEncodings(width, height, 'av1')).toMatchObject([{ scalabilityMode: 'L1T3' }]);
  });
});

describe('what is sent of what is asked for', () => {
  const active = (max: number, ...size: Parameters<typeof cameraEncodings>) =>
    demandedEncodings(cameraEncodings(...size), max).map((encoding) => encoding.active);

  it('is every layer up to the highest that somebody receives', () => {
    expect(active(2, 1280, 720)).toEqual([true, true, true]);
    expect(active(1, 1280, 720)).toEqual([true, true, false]);
    expect(active(0, 1280, 720)).toEqual([true, false, false]);
  });

  it('is nothing when nobody receives it', () => {
    for (const codec of videoCodecs) expect(active(-1, 1280, 720, codec).some(Boolean)).toBe(false);
    expect(demandedEncodings([{ maxBitrate: 1 }], -1)).toEqual([{ active: false }]);
  });

  it('is everything again, as it was', () => {
    for (const codec of videoCodecs) {
      const full = cameraEncodings(1280, 720, codec);
      const again = demandedEncodings(full, Number.MAX_SAFE_INTEGER).map((demanded, at) => ({ ...full[at], ...demanded }));
      expect(again).toMatchObject(full.map((encoding) => ({ ...encoding, active: true })));
    }
  });

  it('has fewer layers in the one stream of VP9, whose sizes stay as they are', () => {
    const full = cameraEncodings(1280, 720, 'vp9');
    expect(demandedEncodings(full, 0)).toMatchObject([{ scalabilityMode: 'L1T3', scaleResolutionDownBy: 4 }]);
    expect(demandedEncodings(full, 1)).toMatchObject([{ scalabilityMode: 'L2T3_KEY', scaleResolutionDownBy: 2 }]);
    const rates = [0, 1, 2].map((max) => demandedEncodings(full, max)[0]?.maxBitrate ?? 0);
    expect([...rates].sort((a, b) => a - b)).toEqual(rates);
    expect(rates[2]).toBe(full[0]?.maxBitrate);
  });
});

describe('the codec of a camera', () => {
  const capabilities = {
    codecs: mediaCodecs.map(({ kind, mimeType, clockRate }) => ({
      kind,
      mimeType,
      clockRate,
      preferredPayloadType: 100,
      rtcpFeedback: [],
    })),
  };
  const able = { capabilities, canScale: async () => true, canSendH264Layers: true };

  it('is the one that the person prefers', async () => {
    for (const codec of videoCodecs) expect(await chooseCodec(codec, able)).toBe(codec);
  });

  it('is VP8 where the other side has no other', async () => {
    const onlyVp8 = { codecs: capabilities.codecs.filter((codec) => codec.mimeType === 'video/VP8') };
    for (const codec of videoCodecs) expect(await chooseCodec(codec, { ...able, capabilities: onlyVp8 })).toBe('vp8');
  });

  it('is VP8 where the browser can not make layers of the other', async () => {
    expect(await chooseCodec('h264', { ...able, canSendH264Layers: false })).toBe('vp8');
    expect(await chooseCodec('vp9', { ...able, canScale: async () => false })).toBe('vp8');
    expect(await chooseCodec('av1', { ...able, canScale: async () => false })).toBe('vp8');
  });
});
