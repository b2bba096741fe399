/** A stream of bytes cut into pieces that are streams themselves. What came before a break is kept. */
import { Readable } from 'node:stream';

export class Incoming {
  readonly #source: AsyncIterator<unknown>;
  #left: number;
  #chunk: Uint8Array | null = null;
  #failure: unknown;

  /** @param mostBytes of the stream are taken; `overfull` says whether there were more. */
  constructor(source: Readable, mostBytes: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#left = mostBytes;
  }

  /** The next piece, or null at the end. Read it to its end before asking for the next. */
  async next(mostBytes: number): Promise<Readable | null> {
    if (this.#left === 0 || !(await this.#fill())) return null;
    return Readable.from(this.#piece(Math.min(mostBytes, this.#left)), { objectMode: false });
  }

  /**
   * Waits until so many bytes are here, and tells how many there are: fewer only at the end of the stream,
   * or where it broke. They stay here.
   */
  async gather(bytes: number): Promise<number> {
    const chunks: Uint8Array[] = [];
    let gathered = 0;
    while (gathered < bytes && (await this.#fill())) {
      if (this.#chunk) chunks.push(this.#chunk);
      gathered += this.#chunk?.byteLength ?? 0;
      this.#chunk = null;
    }
    this.#chunk = chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks);
    return gathered;
  }

  /** There is more than was to be taken. */
  async overfull(): Promise<boolean> {
    return this.#left === 0 && (await this.#fill());
  }

  /** What broke the stream, if anything did. */
  get failure(): unknown {
    return this.#failure;
  }

  async *#piece(mostBytes: number): AsyncIterable<Uint8Array> {
    for (let room = mostBytes; room > 0 && (await this.#fill()); ) {
      const chunk = this.#chunk ?? new Uint8Array();
      const taken = chunk.subarray(0, room);
      this.#chunk = chunk.byteLength > room ? chunk.subarray(room) : null;
      this.#left -= taken.byteLength;
      room -= taken.byteLength;
      yield taken;
    }
  }

  /** Whether there are bytes. */
  async #fill(): Promise<boolean> {
    while (this.#chunk === null || this.#chunk.byteLength === 0) {
      if (this.#failure !== undefined) return false;
      try {
        const { value, done } = await this.#source.next();
        if (done) return false;
        if (!(value instanceof Uint8Array)) throw new Error('The stream is not of bytes.');
        this.#chunk = value;
      } catch (error) {
        this.#failure = error ?? new Error('The stream broke.');
        return false;
      }
    }
    return true;
  }
}
