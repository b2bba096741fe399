/**
 * Lets so many through at once; others wait in line, first come, first served. A crowd that is let
 * loose on the database and the workers makes everybody wait there, also those who want something else.
 */
export class Turnstile {
  readonly #width: number;
  readonly #line: (() => void)[] = [];
  #inside = 0;

  constructor(width: number) {
    this.#width = width;
  }

  async pass<Result>(act: () => Promise<Result>): Promise<Result> {
    if (this.#inside < this.#width) this.#inside += 1;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
    try {
      return await act();
    } finally {
      // Whoever leaves gives his place to the next in line.
      const next = this.#line.shift();
      if (next) next();
      else this.#inside -= 1;
    }
  }
}
