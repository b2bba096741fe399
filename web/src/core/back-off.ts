/** How long to wait before the next attempt: doubling, capped, and spread so that pages don't come back all at once. */

export interface BackOffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly random?: () => number;
}

export function backOff(attempt: number, { firstMs, maxMs, random = Math.random }: BackOffOptions): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * (0.5 + random() / 2));
}
