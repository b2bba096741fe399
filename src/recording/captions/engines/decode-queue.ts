/**
 * What waits for an engine, the most urgent first: final lines, then partial ones, then what is left for
 * after the meeting. When there is more than the engine can do, partial lines are not taken in at all, and
 * final ones that waited too long are given back: late is worse than missing, and nothing is lost of what is kept.
 */
import { EngineError, type Recognized, type SpeechEngine } from './speech-engine.js';

export type Urgency = 'final' | 'partial' | 'backlog';

interface Waiting {
  readonly audio: Float32Array;
  readonly language: string;
  readonly urgency: Urgency;
  readonly since: number;
  resolve(recognized: Recognized): void;
  reject(error: unknown): void;
}

/** A final line waited longer than it is worth. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

export interface DecodeQueueOptions {
  readonly engine: SpeechEngine;
  /** A final line that waited longer is given back. */
  readonly patienceMs: number;
  readonly now?: () => number;
}

const order = ['final', 'partial', 'backlog'] as const satisfies readonly Urgency[];

export class DecodeQueue {
  readonly engine: SpeechEngine;
  readonly #patienceMs: number;
  readonly #now: () => number;
  readonly #waiting: Record<Urgency, Waiting[]> = { final: [], partial: [], backlog: [] };
  #busy = 0;

  constructor({ engine, patienceMs, now = Date.now }: DecodeQueueOptions) {
    this.engine = engine;
    this.#patienceMs = patienceMs;
    this.#now = now;
  }

  /** Whether a partial line would be decoded at once. */
  get idle(): boolean {
    return this.#busy < this.engine.parallel && this.#waiting.final.length === 0 && this.#waiting.partial.length === 0;
  }

  /** How long the oldest final line has waited, milliseconds. */
  get waitedMs(): number {
    const [oldest] = this.#waiting.final;
    return oldest ? this.#now() - oldest.since : 0;
  }

  /** @throws {EngineError}, {TooLate} */
  decode(audio: Float32Array, language: string, urgency: Urgency): Promise<Recognized> {
    return new Promise((resolve, reject) => {
      this.#waiting[urgency].push({ audio, language, urgency, since: this.#now(), resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    while (this.#busy < this.engine.parallel) {
      const waiting = this.#take();
      if (!waiting) return;
      this.#busy += 1;
      void this.#decode(waiting).finally(() => {
        this.#busy -= 1;
        this.#next();
      });
    }
  }

  #take(): Waiting | undefined {
    for (const urgency of order) {
      // What is left for after the meeting leaves one place to those who speak now, where there are several.
      if (urgency === 'backlog' && this.#busy > 0 && this.#busy >= this.engine.parallel - 1) return undefined;
      for (;;) {
        const waiting = this.#waiting[urgency].shift();
        if (!waiting) break;
        if (urgency !== 'final' || this.#now() - waiting.since <= this.#patienceMs) return waiting;
        waiting.reject(new TooLate('the line waited too long'));
      }
    }
    return undefined;
  }

  async #decode({ audio, language, urgency, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve(await this.engine.recognize(audio, language));
    } catch (error) {
      // The utterance may have nothing to do with it: a process that crashed over another reason has a successor.
      const again = error instanceof EngineError && error.code === 'crashed' && urgency !== 'partial';
      if (!again) return reject(error);
      await this.engine.recognize(audio, language).then(resolve, reject);
    }
  }
}
