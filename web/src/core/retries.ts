/** How often in a row the server could not answer: whoever asks again waits the longer, whatever it was that failed. */
import { type BackOffOptions, backOff } from './back-off';

export class Retries {
  #failed = 0;

  /** It failed once more; the milliseconds to wait before the next attempt. */
  failed(options: BackOffOptions): number {
    const wait = backOff(this.#failed, options);
    this.#failed += 1;
    return wait;
  }

  succeeded(): void {
    this.#failed = 0;
  }
}
