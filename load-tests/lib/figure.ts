/** One measured thing: either many samples, told as a distribution, or a single value. */

export type Unit = 'ms' | 'us' | 'ratio' | 'count' | 'bytes' | 'per_second' | 'percent';

export interface Distribution {
  readonly unit: Unit;
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface Value {
  readonly unit: Unit;
  readonly value: number;
}

export class Samples {
  readonly unit: Unit;
  readonly #values: number[] = [];

  constructor(unit: Unit) {
    this.unit = unit;
  }

  add(...values: readonly number[]): void {
    for (const value of values) {
      if (!Number.isFinite(value)) throw new RangeError(`A sample must be a number, not ${value}.`);
      this.#values.push(value);
    }
  }

  get count(): number {
    return this.#values.length;
  }

  /** Smallest first. */
  sorted(): readonly number[] {
    return [...this.#values].sort((a, b) => a - b);
  }

  plotted(): readonly number[] {
    return this.sorted();
  }

  distribution(): Distribution {
    const sorted = this.sorted();
    const at = (share: number): number => round(percentile(sorted, share));
    return { unit: this.unit, n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: at(1) };
  }
}

/** By nearest rank: always a value that was measured. With few samples the high percentiles are the maximum. */
export function percentile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new RangeError('A percentile of nothing.');
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1]!;
}

/** Four significant digits and no less than a tenth: more would be noise. */
export function round(value: number): number {
  if (value === 0) return 0;
  const digits = Math.max(1, 3 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 6)));
}
