import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, Samples } from '../../../load-tests/lib/figure.js';
import { Histogram } from '../../../load-tests/lib/histogram.js';

describe('histograms', () => {
  it('tell the percentiles of the samples within a thousandth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100_000_000 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const histogram = new Histogram('us');
          for (const value of values) histogram.add(value);
          const exact = percentile(
            [...values].sort((a, b) => a - b),
            share,
          );
          expect(Math.abs(histogram.percentile(share) - exact)).toBeLessThanOrEqual(exact / 1_000);
        },
      ),
    );
  });

  it('add up', () => {
    const samples = new Samples('us');
    const [all, part] = [new Histogram('us'), new Histogram('us')];
    for (let value = 1; value <= 1_000; value += 1) {
      samples.add(value);
      (value % 2 ? all : part).add(value);
    }
    all.merge(part.counts);
    expect(all.distribution()).toEqual(samples.distribution());
  });

  it('give a plot as many points as it needs, of the smallest and the largest alike', () => {
    const histogram = new Histogram('us');
    for (let value = 0; value < 10_000; value += 1) histogram.add(value % 100);
    const points = histogram.plotted();
    expect(points).toHaveLength(2_000);
    expect([points[0], points.at(-1)]).toEqual([0, 99]);
    histogram.clear();
    expect(histogram.plotted()).toEqual([]);
    expect(() => histogram.percentile(0.5)).toThrow(RangeError);
  });
});
