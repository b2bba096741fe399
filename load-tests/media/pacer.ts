/** Lets sources send when they are due; one timer for all of a process. */
import { nowUs } from './clock.js';

export interface PacedSource {
  /** When it wants to run next, microseconds; Infinity: not before something happens. */
  readonly due: number;
  run(now: number): void;
}

const longestSleepMs = 20;

export class Pacer {
  readonly #sources = new Set<PacedSource>();
  #timer: NodeJS.Timeout | undefined;

  add(source: PacedSource): void {
    this.#sources.add(source);
    this.#timer ??= setTimeout(() => this.#turn(), 1);
  }

  remove(source: PacedSource): void {
    this.#sources.delete(source);
  }

  close(): void {
    this.#sources.clear();
    clearTimeout(this.#timer);
  }

  #turn(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const source of this.#sources) {
      if (source.due <= nowUs()) source.run(nowUs());
      next = Math.min(next, source.due);
    }
    const sleepMs = Math.min(longestSleepMs, Math.max(1, Math.floor((next - nowUs()) / 1_000)));
    this.#timer = this.#sources.size > 0 ? setTimeout(() => this.#turn(), sleepMs) : undefined;
  }
}
