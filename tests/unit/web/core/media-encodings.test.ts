import { describe, expect, it } from 'vitest';
import { cameraEncodings } from '../../../../web/src/core/media-encodings';

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
});
