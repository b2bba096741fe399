import { describe, expect, it } from 'vitest';
import { percentile, round, Samples } from '../../../load-tests/lib/figure.js';

describe('figures of benchmarks', () => {
  it('tell percentiles that were measured, by nearest rank', () => {
    const samples = new Samples('ms');
    samples.add(...Array.from({ length: 20 }, (_, at) => 20 - at));
    expect(samples.distribution()).toEqual({ unit: 'ms', n: 20, p50: 10, p95: 19, p99: 20, p999: 20, max: 20 });
  });

  it('have no percentile of nothing, and take numbers only', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    expect(() => new Samples('ms').add(Number.NaN)).toThrow(RangeError);
  });

  it('keep as many digits as mean something', () => {
    expect([0, 0.0123456, 1.23456, 45.678, 1_234.56].map(round)).toEqual([0, 0.01235, 1.235, 45.68, 1_234.6]);
  });
});
