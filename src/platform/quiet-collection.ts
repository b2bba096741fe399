/**
 * Garbage that is let grow under load (main.ts) stays when the load ends, because V8 collects when memory is asked
 * for, and then nobody asks. So it is collected when nothing goes on: the pause, 60 ms for 80 MB, meets nobody, and
 * the system has the memory back.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is looked at, and done; a test has its own. */
export interface Heap {
  /** Part of the time since the last call in which the process did something, 0 to 1. */
  busy(): number;
  usedBytes(): number;
  collect(): void;
}

/** Looks in a row at which nothing went on. */
const quietLooks = 2;
const quietBelow = 0.05;
/** Less is not worth the pause. */
const worthBytes = 16 * 1_024 * 1_024;
const lookMs = 10_000;

export class QuietCollection {
  readonly #heap: Heap;
  #quiet = 0;
  /** What was left last time. */
  #leftBytes = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  look(): void {
    this.#quiet = this.#heap.busy() < quietBelow ? this.#quiet + 1 : 0;
    if (this.#quiet < quietLooks || this.#heap.usedBytes() - this.#leftBytes < worthBytes) return;
    this.#quiet = 0;
    this.#heap.collect();
    this.#leftBytes = this.#heap.usedBytes();
  }
}

/** For as long as the process runs. */
export function collectWhenQuiet(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  let last = performance.eventLoopUtilization();
  const collection = new QuietCollection({
    busy: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
    usedBytes: () => process.memoryUsage().heapUsed,
    collect,
  });
  setInterval(() => collection.look(), lookMs).unref();
}
