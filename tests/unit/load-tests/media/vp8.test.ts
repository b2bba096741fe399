import { describe, expect, it } from 'vitest';
import { Vp8RtpPayload } from 'werift';
import { vp8FrameHead, vp8Payloads } from '../../../../load-tests/media/wire/vp8.js';

describe('VP8 in RTP', () => {
  it('is read by another implementation, key frames as such', () => {
    for (const key of [true, false]) {
      const frame = Buffer.concat([vp8FrameHead(key, 640, 360), Buffer.alloc(2_500, 1)]);
      const parts = vp8Payloads(frame, 0x1234, 1_100).map((payload) => Vp8RtpPayload.deSerialize(payload));
      expect(parts).toHaveLength(3);
      expect(parts.map(({ sBit }) => sBit)).toEqual([1, 0, 0]);
      expect(parts.map(({ pictureId }) => pictureId)).toEqual([0x1234, 0x1234, 0x1234]);
      expect(parts[0]?.isKeyframe).toBe(key);
      expect(Buffer.concat(parts.map(({ payload }) => payload))).toEqual(frame);
    }
  });

  it('has packets of about the same size, and one for a small frame', () => {
    expect(vp8Payloads(Buffer.alloc(16), 1, 1_100)).toHaveLength(1);
    const sizes = vp8Payloads(Buffer.alloc(2_201), 1, 1_100).map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
});
