/** On what it was measured. A figure without its machine says nothing. */
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_bytes: number;
  readonly node: string;
  readonly system: string;
  /** Processes that wanted a core in the minute before, others' included: above the number of cores the figures suffer. */
  readonly load_before: number;
  /** Versions of further programs that took part, such as the browser. */
  readonly [program: string]: string | number;
}

export function describeMachine(programs: Readonly<Record<string, string>> = {}): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memory_bytes: totalmem(),
    node: process.version,
    system: `${process.platform} ${release()}`,
    load_before: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    ...programs,
  };
}
