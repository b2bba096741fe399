/** The latest sound of a voice, by position: samples since its beginning. */
export class PcmTail {
  readonly #samples: Float32Array;
  /** Position of the first sample that is still here. */
  #from = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#samples = new Float32Array(capacity);
  }

  get end(): number {
    return this.#from + this.#length;
  }

  /** What no longer fits in front is forgotten. */
  append(samples: Float32Array): void {
    const over = this.#length + samples.length - this.#samples.length;
    if (over > 0) this.forgetBefore(this.#from + over);
    this.#samples.set(samples, this.#length);
    this.#length += samples.length;
  }

  forgetBefore(position: number): void {
    const gone = Math.min(this.#length, Math.max(0, position - this.#from));
    if (gone === 0) return;
    this.#samples.copyWithin(0, gone, this.#length);
    this.#from += gone;
    this.#length -= gone;
  }

  /** A copy; what is not here any more, or not yet, is left out. */
  slice(from: number, to: number): Float32Array {
    return this.#samples.slice(Math.max(0, from - this.#from), Math.max(0, Math.min(this.#length, to - this.#from)));
  }
}
