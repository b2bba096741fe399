import { describe, expect, it } from 'vitest';
import { type ClockPoint, fitClock } from '../../../../src/recording/compose/clock-line.js';

/** The same on every run, -1 to 1. */
const noise = (index: number): number => {
  const value = Math.sin(index * 78.233) * 43_758.5453;
  return (value - Math.floor(value)) * 2 - 1;
};
const seen = (count: number, stepMs: number, y: (x: number) => number, noiseMs = 0): ClockPoint[] =>
  Array.from({ length: count }, (_, index) => ({ x: index * stepMs, y: y(index * stepMs) + noise(index) * noiseMs }));

describe('a line between two clocks', () => {
  it('is none where nothing was seen', () => {
    expect(fitClock([])).toBeNull();
  });

  it('runs at the same speed while less than a minute was seen, by the median', () => {
    const points = [...seen(10, 5_000, (x) => x + 100, 3), { x: 12_000, y: 99_999 }];
    expect(fitClock(points)?.(20_000)).toBeCloseTo(20_100, -1);
  });

  it('follows a clock that runs off, to a millisecond through noise of ten', () => {
    const line = fitClock(seen(500, 1_000, (x) => x * 1.0002 + 7, 10));
    expect(Math.abs((line?.(250_000) ?? 0) - (250_000 * 1.0002 + 7))).toBeLessThan(1.5);
  });

  it('is not drawn away by reports that are wrong', () => {
    const points = seen(100, 1_000, (x) => x * 1.0001, 1).map((point, index) =>
      index % 17 === 3 ? { ...point, y: point.y + 4_000 } : point,
    );
    expect(Math.abs((fitClock(points)?.(50_000) ?? 0) - 50_005)).toBeLessThan(2);
  });

  it('bends with a clock that does not run off evenly through four hours', () => {
    const hour = 3_600_000;
    const warm = (x: number) => x + 80 * Math.sin((x / (2 * hour)) * Math.PI);
    const line = fitClock(seen(2_880, 5_000, warm, 2));
    for (let x = 0; x <= 4 * hour; x += hour / 7) expect(Math.abs((line?.(x) ?? 0) - warm(x))).toBeLessThan(10);
  });

  it('takes a slope that no clock has for wrong points', () => {
    const line = fitClock(seen(100, 1_000, (x) => x * 3));
    expect(((line?.(20_000) ?? 0) - (line?.(10_000) ?? 0)) / 10_000).toBeCloseTo(1);
  });
});
