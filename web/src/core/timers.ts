/** What is to be done in a moment, by name: put off anew, it waits anew and is done once. Closed, nothing is done any more. */
export class Timers {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #closed = false;

  get isClosed(): boolean {
    return this.#closed;
  }

  later(name: string, ms: number, run: () => void): void {
    if (this.#closed) return;
    clearTimeout(this.#timers.get(name));
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        run();
      }, ms),
    );
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
