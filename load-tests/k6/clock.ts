/** One clock for all virtual users of a run: nothing is measured across machines. */
import exec from 'k6/execution';

/** Milliseconds since the run began, with fractions; `Date.now()` has none. */
export function now(): number {
  return exec.instance.currentTestRunDuration;
}

/** The moment of that clock at which it is so late after the scenario's beginning; the same for all. */
export function afterBeginning(ms: number): number {
  return now() + (exec.scenario.startTime + ms - Date.now());
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms));
  });
}

export function until(moment: number): Promise<void> {
  return wait(moment - now());
}
