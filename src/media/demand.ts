/**
 * How much of a picture anybody wants: what its publisher is told to send. More is wanted at once,
 * less only after a while, because a window that is dragged should not stop and start an encoder.
 */

/** The highest layer, from 0; -1: nothing at all. */
export type WantedLayer = number;

export interface DemandOptions {
  /** Layers of the picture; what is not said otherwise is wanted whole. */
  readonly layers: number;
  readonly onChange: (layer: WantedLayer) => void;
  readonly calmMs?: number;
}

/** Less is told only when it stays less for this long, milliseconds. */
const defaultCalmMs = 5_000;

export class Demand {
  readonly #options: DemandOptions;
  /** By who wants it: a node. */
  readonly #wanted = new Map<string, WantedLayer>();
  #told: WantedLayer;
  #least: WantedLayer = -1;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DemandOptions) {
    this.#options = options;
    this.#told = options.layers - 1;
    this.#look();
  }

  get told(): WantedLayer {
    return this.#told;
  }

  want(who: string, layer: WantedLayer): void {
    this.#wanted.set(who, layer);
    this.#look();
  }

  forget(who: string): void {
    if (this.#wanted.delete(who)) this.#look();
  }

  /** 0: the lowest layer flows in any case, so that it is there when somebody looks. -1: not even that. */
  setLeast(least: WantedLayer): void {
    if (least === this.#least) return;
    this.#least = least;
    this.#look();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const wanted = Math.min(this.#options.layers - 1, Math.max(this.#least, ...this.#wanted.values()));
    if (wanted >= this.#told) {
      this.#calm();
      if (wanted > this.#told) this.#tell(wanted);
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const now = Math.min(this.#options.layers - 1, Math.max(this.#least, ...this.#wanted.values()));
      if (now < this.#told) this.#tell(now);
    }, this.#options.calmMs ?? defaultCalmMs).unref();
  }

  #calm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(layer: WantedLayer): void {
    this.#told = layer;
    this.#options.onChange(layer);
  }
}
