/** The recorder process as the server has it: started when it is first needed, and again whenever it is lost. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../platform/clock.js';
import type { Log } from '../../platform/log.js';
import type { Gap } from './gaps.js';
import { type DiskState, type FromRecorder, fromRecorderSchema, type RecorderOptions, type ToRecorder } from './recorder-calls.js';
import type { TrackHeader } from './spool.js';

export interface RecorderProcessDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly onKeyFrame: (id: string) => void;
  readonly onEnded: (id: string, gaps: readonly Gap[]) => void;
  readonly onDisk: (state: DiskState, freeBytes: number) => void;
  /** Called before it is ready. */
  readonly onStarted: (pid: number) => void;
  /** It ended without being asked to. Tracks are not written to any more. */
  readonly onLost: () => void;
  /** After it was lost it is there again. */
  readonly onBack: () => void;
}

interface Waiting {
  readonly resolve: (port: number) => void;
  readonly reject: (reason: Error) => void;
}

/** Milliseconds. */
const answerMs = 15_000;
const stuckMs = 20_000;
const lookEveryMs = 5_000;
const closeMs = 15_000;
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** One that lived this long was well; the next is started at once. */
const wellMs = 30_000;

export class RecorderProcess {
  readonly #options: RecorderOptions;
  readonly #deps: RecorderProcessDeps;
  readonly #waiting = new Map<string, Waiting>();
  #child: ChildProcess | null = null;
  #ready: Promise<void> | null = null;
  #isReady = false;
  /** By performance.now(): a wall clock that is set must not make it look stuck. */
  #aliveAt = 0;
  #startedAt = 0;
  #pauseMs = firstPauseMs;
  #watch: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RecorderOptions, deps: RecorderProcessDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** The UDP port that takes the track's packets. Rejects when the process is not there or cannot. */
  async begin(header: TrackHeader): Promise<number> {
    await this.#start();
    const answer = new Promise<number>((resolve, reject) => this.#waiting.set(header.id, { resolve, reject }));
    const late = setTimeout(() => {
      this.#refused(header.id, 'the recorder does not answer');
      this.tell({ do: 'end', id: header.id, at: this.#deps.clock.now() });
    }, answerMs);
    this.tell({ do: 'begin', header });
    try {
      return await answer;
    } finally {
      clearTimeout(late);
    }
  }

  /** Nobody hears it while the process is lost. */
  tell(message: ToRecorder): void {
    // A process that has just ended is noticed by its exit.
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  /** Ends all tracks and then the process. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#again);
    const child = this.#child;
    if (!child) return;
    const exited = once(child, 'exit');
    this.tell({ do: 'close', at: this.#deps.clock.now() });
    const enough = new AbortController();
    const patience = delay(closeMs, 'late', { signal: enough.signal }).catch(() => 'late');
    if ((await Promise.race([exited, patience])) === 'late') child.kill('SIGKILL');
    enough.abort();
    await exited;
  }

  #start(): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the recorder is closed'));
    this.#ready ??= this.#launch();
    return this.#ready;
  }

  async #launch(): Promise<void> {
    const { log, onStarted } = this.#deps;
    const child = launch(this.#options);
    this.#child = child;
    this.#startedAt = performance.now();
    this.#aliveAt = this.#startedAt;
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (message) => {
        const said = fromRecorderSchema.safeParse(message);
        if (!said.success) log.error({ err: said.error }, 'recorder: said something that is not known');
        else if (said.data.is === 'ready') resolve();
        else this.#hear(said.data);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`the recorder ended (${signal ?? code})`));
        this.#exited(child, signal ?? String(code));
      });
    });
    if (child.pid !== undefined) onStarted(child.pid);
    this.#watch = setInterval(() => this.#look(), lookEveryMs).unref();
    await ready;
    this.#isReady = true;
  }

  #hear(said: FromRecorder): void {
    this.#aliveAt = performance.now();
    switch (said.is) {
      case 'listening':
        this.#waiting.get(said.id)?.resolve(said.port);
        this.#waiting.delete(said.id);
        break;
      case 'refused':
        this.#refused(said.id, said.why);
        break;
      case 'keyframe':
        this.#deps.onKeyFrame(said.id);
        break;
      case 'ended':
        this.#deps.onEnded(said.id, said.gaps);
        break;
      case 'disk':
        this.#deps.onDisk(said.state, said.freeBytes);
    }
  }

  #refused(id: string, why: string): void {
    this.#waiting.get(id)?.reject(new Error(`not captured: ${why}`));
    this.#waiting.delete(id);
  }

  #exited(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    clearInterval(this.#watch);
    this.#child = null;
    this.#ready = null;
    const wasReady = this.#isReady;
    this.#isReady = false;
    for (const id of [...this.#waiting.keys()]) this.#refused(id, 'the recorder was lost');
    if (this.#closed) return;
    this.#deps.log.error({ how }, 'recorder: the process ended; starting another');
    if (wasReady && performance.now() - this.#startedAt >= wellMs) this.#pauseMs = firstPauseMs;
    this.#deps.onLost();
    this.#startAgain();
  }

  #startAgain(): void {
    this.#again = setTimeout(() => {
      this.#start().then(
        () => this.#deps.onBack(),
        // Its exit has begun the next try.
        (error: unknown) => this.#deps.log.error({ err: error }, 'recorder: the process does not start'),
      );
    }, this.#pauseMs);
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }

  /** One that hangs is as good as lost. When this process itself stood still, its word is read first. */
  #look(): void {
    if (performance.now() - this.#aliveAt < stuckMs) return;
    const child = this.#child;
    setImmediate(() => {
      if (this.#child !== child || performance.now() - this.#aliveAt < stuckMs) return;
      this.#deps.log.error({ pid: child?.pid }, 'recorder: the process is stuck; killing it');
      child?.kill('SIGKILL');
    });
  }
}

/** The compiled program, or in development and in tests the source, which Node reads only with a loader. It gets no settings: they hold secrets. */
function launch(options: RecorderOptions): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const program = new URL(isSource ? './recorder-main.ts' : './recorder-main.js', import.meta.url);
  const { PATH, HOME, TMPDIR, NODE_ENV } = process.env;
  const env = Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, NODE_ENV }).filter(([, value]) => value !== undefined));
  return fork(fileURLToPath(program), [JSON.stringify(options)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: isSource ? ['--import', import.meta.resolve('tsx')] : [],
    env,
  });
}
