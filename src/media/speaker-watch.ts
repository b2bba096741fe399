/**
 * Who speaks now, from mediasoup's two observers.
 *
 * The active speaker observer is quick and steady, but always names somebody, also in silence;
 * the audio level observer knows silence. So the first one chooses, and the second one says
 * whether there is anything to choose.
 */
export interface SpeakerWatchOptions {
  /** Called when it changes; null when nobody speaks. */
  readonly onChange: (peerId: string | null) => void;
  /** A pause in speech that is no silence yet, milliseconds. */
  readonly pauseMs?: number;
}

/** A speaker who is missing from this many level reports in a row has stopped, although others make a noise. */
const reportsWithout = 3;

export class SpeakerWatch {
  readonly #onChange: (peerId: string | null) => void;
  readonly #pauseMs: number;
  #speaker: string | null = null;
  #dominant: string | null = null;
  #missed = 0;
  #pause: NodeJS.Timeout | undefined;

  constructor({ onChange, pauseMs = 1_000 }: SpeakerWatchOptions) {
    this.#onChange = onChange;
    this.#pauseMs = pauseMs;
  }

  dominant(peerId: string): void {
    this.#dominant = peerId;
    // In silence it is only a guess.
    if (this.#speaker !== null && !this.#pause) this.#become(peerId);
  }

  /** @param loudest those above the threshold, loudest first. */
  heard(loudest: readonly string[]): void {
    this.#endPause();
    if (this.#speaker !== null && loudest.includes(this.#speaker)) {
      this.#missed = 0;
      return;
    }
    this.#missed += 1;
    if (this.#speaker !== null && this.#missed < reportsWithout) return;
    const next = this.#dominant !== null && loudest.includes(this.#dominant) ? this.#dominant : (loudest[0] ?? null);
    this.#become(next);
  }

  silence(): void {
    if (this.#speaker === null || this.#pause) return;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#become(null);
    }, this.#pauseMs).unref();
  }

  /** The microphone is gone, or muted. */
  gone(peerId: string): void {
    if (this.#dominant === peerId) this.#dominant = null;
    if (this.#speaker === peerId) {
      this.#endPause();
      this.#become(null);
    }
  }

  close(): void {
    this.#endPause();
  }

  #become(peerId: string | null): void {
    this.#missed = 0;
    if (peerId === this.#speaker) return;
    this.#speaker = peerId;
    this.#onChange(peerId);
  }

  #endPause(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }
}
