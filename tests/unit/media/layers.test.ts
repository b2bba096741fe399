import { describe, expect, test } from 'vitest';
import { highestLayers, type Layered, preferredLayers } from '../../../src/media/layers.js';

const simulcast = (count: number): Layered => ({
  type: 'simulcast',
  encodings: Array.from({ length: count }, () => ({ scalabilityMode: 'L1T3' })),
});
const three = simulcast(3);
const spatial = (lines: number, current?: number) =>
  preferredLayers(
    three,
    { width: (lines * 16) / 9, height: lines },
    current === undefined ? undefined : { spatialLayer: current, temporalLayer: 2 },
  )?.spatialLayer;

describe('preferredLayers', () => {
  test('gives the smallest layer that fills the size shown', () => {
    expect([90, 180, 360, 720, 2160].map((lines) => spatial(lines))).toEqual([0, 0, 1, 2, 2]);
  });

  test('halves the frame rate of thumbnails only', () => {
    expect(preferredLayers(three, { width: 160, height: 90 }, undefined)).toEqual({ spatialLayer: 0, temporalLayer: 1 });
    expect(preferredLayers(three, { width: 320, height: 180 }, undefined)).toEqual({ spatialLayer: 0, temporalLayer: 2 });
  });

  test('does not flap while a window is dragged around the border of two layers', () => {
    const border = 180 * 1.2;
    expect(spatial(border, 0)).toBe(0);
    expect(spatial(border, 1)).toBe(1);
    expect(spatial(180 * 1.35, 0)).toBe(1);
    expect(spatial(180 * 1.05, 1)).toBe(0);
  });

  test('falls several layers at once when a large picture becomes a thumbnail', () => {
    expect(spatial(90, 2)).toBe(0);
  });

  test('takes the area for a portrait tile', () => {
    expect(preferredLayers(three, { width: 360, height: 640 }, undefined)?.spatialLayer).toBe(1);
  });

  test('never asks for a layer that the producer does not have', () => {
    expect(preferredLayers(simulcast(2), { width: 3840, height: 2160 }, undefined)?.spatialLayer).toBe(1);
    expect(preferredLayers({ type: 'svc', encodings: [{ scalabilityMode: 'L1T3' }] }, { width: 3840, height: 2160 }, undefined)).toEqual({
      spatialLayer: 0,
      temporalLayer: 2,
    });
  });

  test('leaves a producer with one layer alone', () => {
    expect(preferredLayers({ type: 'simple', encodings: [{}] }, { width: 640, height: 360 }, undefined)).toBeUndefined();
  });

  test('takes a size of nothing for a thumbnail', () => {
    expect(preferredLayers(three, { width: 0, height: 0 }, undefined)?.spatialLayer).toBe(0);
  });
});

describe('highestLayers', () => {
  test('counts encodings in simulcast and reads the mode of a scalable stream', () => {
    expect(highestLayers(three)).toEqual({ spatialLayer: 2, temporalLayer: 2 });
    expect(highestLayers({ type: 'svc', encodings: [{ scalabilityMode: 'L3T2_KEY' }] })).toEqual({ spatialLayer: 2, temporalLayer: 1 });
  });
});
