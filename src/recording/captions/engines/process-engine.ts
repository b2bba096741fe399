/**
 * Processes with the same model, each with one utterance at a time. One that ends, hangs or can't load its
 * model is replaced, and nobody but the utterance that it had learns of it.
 */
import type { ChildProcess } from 'node:child_process';
import { forkEntry, lastWords } from '../child-entry.js';
import { type FromEngine, fromEngine, type Model, type ToEngine } from './engine-messages.js';
import { EngineError, type Recognized, type SpeechEngine } from './speech-engine.js';

export interface ProcessEngineOptions {
  readonly name: string;
  readonly languages: readonly string[];
  readonly model: Model;
  readonly processes: number;
  /** Longer, and the process is taken to hang. */
  readonly decodeMs: number;
  readonly loadMs: number;
  readonly now?: () => number;
}

interface Work {
  readonly audio: Float32Array;
  readonly language: string;
  resolve(recognized: Recognized): void;
  reject(error: EngineError): void;
}

interface Running {
  readonly child: ChildProcess;
  readonly words: () => string;
  ready: boolean;
  work: Work | null;
  deadline: NodeJS.Timeout;
}

/** After a model could not be loaded it is tried again after this time, doubled each time. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

export class ProcessEngine implements SpeechEngine {
  readonly name: string;
  readonly languages: readonly string[];
  readonly parallel: number;
  problem: string | null = null;
  readonly #options: ProcessEngineOptions;
  readonly #now: () => number;
  readonly #running = new Set<Running>();
  readonly #waiting: Work[] = [];
  #failures = 0;
  #notBefore = 0;
  #closed = false;

  constructor(options: ProcessEngineOptions) {
    this.#options = options;
    this.name = options.name;
    this.languages = options.languages;
    this.parallel = options.processes;
    this.#now = options.now ?? Date.now;
  }

  /** Of the processes that run now. */
  get pids(): number[] {
    return [...this.#running].flatMap(({ child }) => child.pid ?? []);
  }

  recognize(audio: Float32Array, language: string): Promise<Recognized> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ audio, language, resolve, reject });
      this.#deal();
    });
  }

  warm(): void {
    if (!this.#closed && this.#running.size === 0 && this.#now() >= this.#notBefore) this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const running of this.#running) this.#end(running, new EngineError('closed', 'the engine was closed'));
    this.#refuseWaiting(new EngineError('closed', 'the engine was closed'));
  }

  #deal(): void {
    if (this.#closed) {
      this.#refuseWaiting(new EngineError('closed', 'the engine was closed'));
      return;
    }
    for (const running of this.#running) {
      if (!running.ready || running.work) continue;
      const work = this.#waiting.shift();
      if (!work) return;
      this.#give(running, work);
    }
    const coming = [...this.#running].filter(({ ready }) => !ready).length;
    if (this.#waiting.length <= coming || this.#running.size >= this.#options.processes) return;
    if (this.#now() < this.#notBefore) {
      if (this.#running.size === 0) this.#refuseWaiting(new EngineError('unusable', this.problem ?? 'the model can not be loaded'));
      return;
    }
    this.#start();
  }

  #start(): void {
    const child = forkEntry('engines/engine-main');
    const deadline = setTimeout(() => this.#lose(running, 'unusable', 'the model was not loaded in time'), this.#options.loadMs);
    const running: Running = { child, words: lastWords(child), ready: false, work: null, deadline };
    this.#running.add(running);
    child.on('message', (message) => this.#heard(running, fromEngine.parse(message)));
    child.on('error', (error) => this.#lose(running, running.ready ? 'crashed' : 'unusable', error.message));
    child.on('exit', (code, signal) => {
      const why = `the process ended (${signal ?? code}) ${running.words()}`.trim();
      this.#lose(running, running.ready ? 'crashed' : 'unusable', why);
    });
    this.#tell(running, { what: 'load', model: this.#options.model });
  }

  #give(running: Running, work: Work): void {
    running.work = work;
    running.deadline = setTimeout(
      () => this.#lose(running, 'hung', `no answer within ${this.#options.decodeMs} ms`),
      this.#options.decodeMs,
    );
    this.#tell(running, { what: 'recognize', id: 0, audio: work.audio, language: work.language });
  }

  #heard(running: Running, message: FromEngine): void {
    if (!this.#running.has(running)) return;
    clearTimeout(running.deadline);
    const { work } = running;
    switch (message.what) {
      case 'ready':
        running.ready = true;
        this.problem = null;
        this.#failures = 0;
        break;
      case 'unusable':
        this.#lose(running, 'unusable', message.why);
        return;
      case 'recognized':
        running.work = null;
        work?.resolve({ text: message.text, language: message.language });
        break;
      case 'refused':
        running.work = null;
        work?.reject(new EngineError('refused', message.why));
    }
    this.#deal();
  }

  /** It is of no use any more. */
  #lose(running: Running, code: 'unusable' | 'hung' | 'crashed', why: string): void {
    if (!this.#running.has(running)) return;
    this.#end(running, new EngineError(code, why));
    if (code === 'unusable') {
      this.problem = `${this.name}: ${why}`;
      this.#notBefore = this.#now() + Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures);
      this.#failures += 1;
      if (this.#running.size === 0) this.#refuseWaiting(new EngineError('unusable', this.problem));
    }
    this.#deal();
  }

  #end(running: Running, error: EngineError): void {
    this.#running.delete(running);
    clearTimeout(running.deadline);
    // A process that hangs hears nothing gentler.
    running.child.kill('SIGKILL');
    running.work?.reject(error);
    running.work = null;
  }

  #refuseWaiting(error: EngineError): void {
    for (const work of this.#waiting.splice(0)) work.reject(error);
  }

  #tell(running: Running, message: ToEngine): void {
    // A process that has just ended can't be told; its exit is heard next.
    running.child.send(message, () => undefined);
  }
}
