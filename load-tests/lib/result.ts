/** What a benchmark found, in the form in which it is kept (docs/performance.md). */
import { type Distribution, round, type Unit, type Value } from './figure.js';
import type { Machine } from './machine.js';

export type Setting = string | number | boolean;

export interface Result {
  readonly name: string;
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  readonly settings: Readonly<Record<string, Setting>>;
  readonly figures: Readonly<Record<string, Distribution | Value>>;
  readonly not_measured: readonly string[];
}

/** Many samples, however they are kept. */
export interface Measured {
  readonly unit: Unit;
  readonly count: number;
  distribution(): Distribution;
  /** Smallest first, evenly spread. */
  plotted(): readonly number[];
}

/** A figure as it was collected, with the sentence that says what it means. */
export interface Figure {
  readonly name: string;
  readonly meaning: string;
  readonly measured: Measured | Value;
}

export interface Report {
  readonly result: Result;
  readonly figures: readonly Figure[];
}

export function makeReport(result: Omit<Result, 'figures'>, figures: readonly Figure[]): Report {
  const told = figures
    .filter(({ measured }) => !isDistribution(measured) || measured.count > 0)
    .map(
      ({ name, measured }) =>
        [name, isDistribution(measured) ? measured.distribution() : { ...measured, value: round(measured.value) }] as const,
    );
  return { result: { ...result, figures: Object.fromEntries(told) }, figures };
}

export function isDistribution(measured: Figure['measured']): measured is Measured {
  return 'distribution' in measured;
}
