/** The program itself, as a process that tests kill: `src/main.ts` with settings of the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Api } from './api.js';

const program = path.join(import.meta.dirname, '..', '..', 'src', 'main.ts');

export interface Run {
  readonly child: ChildProcess;
  /** What was written so far. */
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

/** Where a server runs, when that is not here. */
export interface Host {
  readonly address: string;
  /** Words before a command that run it there. */
  readonly prefix: readonly string[];
}

/** Starts the program. The folder is its working directory, where no `.env` of a developer lies. */
export function runProgram(folder: string, settings: Readonly<Record<string, string>>, host: Host = here): Run {
  const [command = '', ...words] = [...host.prefix, process.execPath, '--import', import.meta.resolve('tsx'), program];
  const child = spawn(command, words, {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...workerOf(process.env), ...quiet, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output, exited: once(child, 'close').then(([code]: (number | null)[]) => code ?? null) };
}

const here: Host = { address: '127.0.0.1', prefix: [] };

const quiet = {
  CAUSEWAY_HTTP_HOST: '127.0.0.1',
  CAUSEWAY_HTTP_PORT: '0',
  CAUSEWAY_GATEWAY_HOST: '127.0.0.1',
  CAUSEWAY_GATEWAY_PORT: '0',
  CAUSEWAY_MEDIA_LISTEN_IP: '127.0.0.1',
  CAUSEWAY_MEDIA_PORT: '0',
  CAUSEWAY_MEDIA_WORKERS: '1',
  CAUSEWAY_DATABASE_POOL: '4',
  CAUSEWAY_HTTP_REQUESTS_PER_MINUTE: '100000',
  CAUSEWAY_SIGN_IN_PER_MINUTE: '10000',
  LOG_LEVEL: 'silent',
};

function workerOf({ MEDIASOUP_WORKER_BIN }: NodeJS.ProcessEnv): Record<string, string> {
  return MEDIASOUP_WORKER_BIN ? { MEDIASOUP_WORKER_BIN } : {};
}

/** A server that is killed and started again on the same data. */
export class ServerProcess extends Api {
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #host: Host;
  #run: Run | null = null;
  #port = 0;
  #setupPath: string | null = null;
  /** Resolves when it serves (again). */
  ready: Promise<void> = Promise.resolve();

  constructor(folder: string, settings: Readonly<Record<string, string>>, host: Host = here) {
    super(() => ({ url: `http://${host.address}:${this.#port}`, setupPath: this.#setupPath }));
    this.#folder = folder;
    this.#settings = settings;
    this.#host = host;
  }

  start(): Promise<void> {
    this.ready = this.#start();
    return this.ready;
  }

  get isRunning(): boolean {
    return this.#run !== null;
  }

  get pid(): number {
    const pid = this.#run?.child.pid;
    if (pid === undefined) throw new Error('The server does not run.');
    return pid;
  }

  /** Sends the signal, waits for the end, and gives the exit code; null: a signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const run = this.#run;
    this.#run = null;
    if (!run) return null;
    run.child.kill(signal);
    return run.exited;
  }

  async #start(): Promise<void> {
    this.forgetFace();
    const run = runProgram(this.#folder, this.#settings, this.#host);
    this.#run = run;
    const early = run.exited.then((code) => {
      throw new Error(`The server ended with ${code}: ${run.output()}`);
    });
    const said = new Promise<RegExpExecArray>((resolve) => {
      run.child.stdout?.on('data', () => {
        const ready = /Causeway is ready: http:\/\/[^:]+:(\d+)\n(?:.*\n *http\S+(\/setup#\S+)\n)?\n/.exec(run.output());
        if (ready) resolve(ready);
      });
    });
    const ready = await Promise.race([said, early]);
    early.catch(() => undefined);
    this.#port = Number(ready[1]);
    this.#setupPath = ready[2] ?? null;
  }
}

/** Processes that a process has started, by name. Linux tells it in /proc. */
export async function childrenOf(parent: number): Promise<{ pid: number; name: string }[]> {
  const children: { pid: number; name: string }[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    // proc_pid_stat(5): the name is in parentheses and may hold anything; the parent is the second field after it.
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    if (Number(rest.split(' ')[1]) === parent) children.push({ pid: Number(entry), name });
  }
  return children;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
