import { describe, expect, test } from 'vitest';
import { priorityOf } from '../../../src/media/priorities.js';

describe('priorityOf', () => {
  test('puts a screen before every picture, whatever its size', () => {
    expect(priorityOf('screen', { width: 320, height: 180 })).toBe(255);
    expect(priorityOf('screen', undefined)).toBe(255);
    expect(priorityOf('camera', { width: 7680, height: 4320 })).toBeLessThan(255);
  });

  test('gives a picture the share of the area in which it is seen', () => {
    const of = (width: number, height: number) => priorityOf('camera', { width, height });
    expect([of(160, 90), of(320, 180), of(640, 360), of(1280, 720)]).toEqual([1, 1, 4, 16]);
    expect(of(360, 640)).toBe(of(640, 360));
  });

  test('stays in the bounds of mediasoup', () => {
    expect(priorityOf('camera', { width: 0, height: 0 })).toBe(1);
    expect(priorityOf('camera', undefined)).toBe(1);
  });
});
