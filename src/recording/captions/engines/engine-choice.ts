/** Opens the engines that were chosen, in the captioner. */
import type { EngineChoice } from '../captioner-messages.js';
import { DecodeQueue } from './decode-queue.js';
import { HttpEngine } from './http-engine.js';
import { ProcessEngine } from './process-engine.js';
import type { SpeechEngine } from './speech-engine.js';

/** A large model on a slow disk takes its time. */
const loadMs = 120_000;

export interface Engines {
  /** Who takes this language; undefined: nobody. */
  queueOf(language: string): DecodeQueue | undefined;
  readonly queues: readonly DecodeQueue[];
  readonly pids: number[];
  close(): Promise<void>;
}

export function openEngines(choices: readonly EngineChoice[], times: { decodeMs: number; patienceMs: number }): Engines {
  const processes: ProcessEngine[] = [];
  const open = (choice: EngineChoice): SpeechEngine => {
    if (choice.kind === 'http') return new HttpEngine({ ...choice, decodeMs: times.decodeMs });
    const engine = new ProcessEngine({ ...choice, decodeMs: times.decodeMs, loadMs });
    processes.push(engine);
    return engine;
  };
  const queues = choices.map((choice) => new DecodeQueue({ engine: open(choice), patienceMs: times.patienceMs }));
  return {
    queues,
    queueOf: (language) => queues.find(({ engine }) => engine.languages.includes(language)),
    get pids() {
      return processes.flatMap((engine) => engine.pids);
    },
    close: async () => {
      await Promise.all(queues.map(({ engine }) => engine.close()));
    },
  };
}
