/**
 * Samples by the million: counted in classes that are exact up to 2,047 and a thousandth wide above.
 * Histograms of several processes add up.
 */
import { type Distribution, round, type Unit } from './figure.js';

const exactBits = 11;
const exact = 1 << exactBits;
const perOctave = exact / 2;
/** Up to 2^27: two minutes in microseconds. */
const octaves = 16;
const plotPoints = 2_000;
const classes = exact + octaves * perOctave;

export class Histogram {
  readonly unit: Unit;
  readonly counts = new Uint32Array(classes);

  constructor(unit: Unit) {
    this.unit = unit;
  }

  /** Whole numbers from 0; what is larger than the last class counts as that. */
  add(value: number): void {
    const at = classOf(value);
    this.counts[at] = this.counts[at]! + 1;
  }

  merge(counts: Uint32Array): void {
    for (let at = 0; at < classes; at += 1) this.counts[at] = this.counts[at]! + counts[at]!;
  }

  clear(): void {
    this.counts.fill(0);
  }

  get count(): number {
    let count = 0;
    for (const one of this.counts) count += one;
    return count;
  }

  /** By nearest rank; the middle of the class that holds it. */
  percentile(share: number): number {
    const total = this.count;
    if (total === 0) throw new RangeError('A percentile of nothing.');
    const rank = Math.max(1, Math.ceil(share * total));
    let seen = 0;
    for (let at = 0; at < classes; at += 1) {
      seen += this.counts[at]!;
      if (seen >= rank) return middleOf(at);
    }
    return middleOf(classes - 1);
  }

  distribution(): Distribution {
    const at = (share: number): number => round(this.percentile(share));
    return { unit: this.unit, n: this.count, p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: at(1) };
  }

  /** Smallest first: so many of all, evenly spread, as a plot needs. */
  plotted(): number[] {
    const total = this.count;
    const points = Math.min(total, plotPoints);
    const values: number[] = [];
    let seen = 0;
    let next = 0;
    for (let at = 0; at < classes && values.length < points; at += 1) {
      seen += this.counts[at]!;
      while (next < points && ((next + 1) / points) * total <= seen) {
        values.push(middleOf(at));
        next += 1;
      }
    }
    return values;
  }
}

function classOf(value: number): number {
  const whole = value < 0 ? 0 : Math.floor(value);
  if (whole < exact) return whole;
  const octave = Math.floor(Math.log2(whole)) - exactBits;
  if (octave >= octaves) return classes - 1;
  return exact + octave * perOctave + (Math.floor(whole / 2 ** (octave + 1)) - perOctave);
}

function middleOf(at: number): number {
  if (at < exact) return at;
  const octave = Math.floor((at - exact) / perOctave);
  const width = 2 ** (octave + 1);
  return (((at - exact) % perOctave) + perOctave) * width + (width - 1) / 2;
}
