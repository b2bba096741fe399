/** Figures for Prometheus. Each server has its own registry, so that tests run side by side. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What every figure says about itself. Names begin with `causeway_` and end with their unit. */
export interface Figure<Label extends string> {
  readonly name: `causeway_${string}`;
  readonly help: string;
  readonly labels?: readonly Label[];
}

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const shared = <Label extends string>(figure: Figure<Label>) => ({
    name: figure.name,
    help: figure.help,
    labelNames: figure.labels ?? [],
    registers: [registry],
  });
  return {
    registry,

    counter<Label extends string = never>(figure: Figure<Label>): Counter<Label> {
      return new Counter({ ...shared(figure) });
    },

    /** With `read`, the value is asked for at each scrape. */
    gauge<Label extends string = never>(figure: Figure<Label>, read?: (gauge: Gauge<Label>) => void | Promise<void>): Gauge<Label> {
      if (!read) return new Gauge({ ...shared(figure) });
      return new Gauge({
        ...shared(figure),
        collect() {
          return read(this);
        },
      });
    },

    /** Durations are in seconds, as Prometheus wants them. */
    histogram<Label extends string = never>(figure: Figure<Label> & { readonly buckets: readonly number[] }): Histogram<Label> {
      return new Histogram({ ...shared(figure), buckets: [...figure.buckets] });
    },
  };
}
