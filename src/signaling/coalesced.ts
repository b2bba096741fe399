/**
 * Something that is done at once, and not again for a while: what is asked for meanwhile is done
 * once at the end of that time. So the last state is always told, and a crowd does not cause a flood.
 */
export class Coalesced {
  readonly #act: () => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #asked = false;
  #closed = false;

  constructor(act: () => void, everyMs: number) {
    this.#act = act;
    this.#everyMs = everyMs;
  }

  ask(): void {
    if (this.#closed) return;
    if (this.#timer) {
      this.#asked = true;
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#asked) return;
      this.#asked = false;
      this.ask();
    }, this.#everyMs).unref();
    this.#act();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
