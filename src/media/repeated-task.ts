/**
 * A task that brings something up to date, however often it is asked for: one run is under way
 * and one is waiting, at most. Who asks gets the promise of a run that begins after the asking.
 */
export class RepeatedTask {
  readonly #task: () => Promise<void>;
  #current: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  /** @param task must not reject. */
  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  run(): Promise<void> {
    this.#waiting ??= this.#current.then(() => {
      this.#current = this.#waiting ?? Promise.resolve();
      this.#waiting = undefined;
      return this.#task();
    });
    return this.#waiting;
  }
}
