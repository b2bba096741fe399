/**
 * Previews of pictures. Decoders are where bad files do harm: only the five formats of the web are
 * read, by their bytes, one picture at a time, within bounds of size, pixels and time. What can't be
 * read is a file without a preview.
 */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Log } from '../../platform/log.js';
import type { drawPreview, Preview } from './draw-preview.js';

const readable: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']);
const mostBytes = 50 * 1_048_576;
/** Pictures that wait. Those beyond get no preview. */
const mostWaiting = 200;

export class Pictures {
  readonly #log: Log;
  #draw: Promise<typeof drawPreview | null> | undefined;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(log: Log) {
    this.#log = log;
  }

  mayHavePreview(type: string, size: number): boolean {
    return readable.has(type) && size <= mostBytes;
  }

  /** Null: it can't be read, or too many wait. `open` is called when it is this picture's turn. */
  async preview(open: () => Promise<Readable | null>): Promise<Preview | null> {
    if (this.#waiting >= mostWaiting) return null;
    this.#waiting += 1;
    const work = this.#last.then(async () => {
      this.#draw ??= this.#load();
      const draw = await this.#draw;
      const content = draw && (await open());
      return content && draw(await buffer(content));
    });
    this.#last = work.catch(() => undefined);
    try {
      return await work;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Waits for the picture that is being drawn. */
  async close(): Promise<void> {
    this.#waiting = mostWaiting;
    await this.#last;
  }

  /** Old processors, and systems that its binary is not made for, go without previews. */
  async #load(): Promise<typeof drawPreview | null> {
    try {
      return (await import('./draw-preview.js')).drawPreview;
    } catch (error) {
      this.#log.warn({ err: error }, 'attachments: pictures have no previews, because sharp can not be loaded here');
      return null;
    }
  }
}
