/**
 * The server's end of the captioner: starts the process when somebody is to be captioned, hands taps over,
 * hears lines, and starts it again when it is lost. When nobody has been captioned for a while it ends, and
 * the memory of its models is free.
 */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Log } from '../../platform/log.js';
import type { TapReceiver } from '../ports.js';
import { type EngineChoice, type FromCaptioner, fromCaptioner, type ToCaptioner } from './captioner-messages.js';
import type { CaptionStream } from './captions.js';
import { forkEntry, lastWords } from './child-entry.js';

export type HeardLine = Omit<Extract<FromCaptioner, { what: 'final' }>, 'what' | 'id'>;

/** Who is told what becomes of a tap, or of sound that was read. */
export interface Listener {
  partial(line: HeardLine): void;
  final(line: HeardLine): void;
  left(line: HeardLine, why: string): void;
  heard(untilMs: number): void;
  /** Nothing more comes. `lost`: the captioner was lost with what it had not told. */
  ended(lost: boolean): void;
}

export interface CaptionerDeps {
  readonly log: Log;
  readonly engines: readonly EngineChoice[];
  readonly voiceModel: string;
  readonly decodeMs: number;
  readonly patienceMs: number;
  /** Ends when it has had nothing to do for this long. */
  readonly idleMs?: number;
  /** Says nothing for this long, and it is taken to hang. */
  readonly hangMs?: number;
  readonly behind: (behind: boolean) => void;
  readonly problems: (problems: readonly string[]) => void;
}

/** Sound that is read: packets are given when they are wanted. */
export interface Reading {
  /** Resolves when more are wanted. @throws Error when the captioner was lost */
  give(packets: readonly { readonly atMs: number; readonly opus: Uint8Array }[]): Promise<void>;
  /** No more packets; `ended` comes. */
  end(): void;
  drop(): void;
}

interface Process {
  readonly child: ChildProcess;
  readonly port: Promise<number>;
  opened(port: number): void;
  failed(error: Error): void;
  readonly words: () => string;
}

interface Client {
  readonly listener: Listener;
  begun(): void;
  refused(error: Error): void;
  more(): void;
}

const idleDefaultMs = 600_000;
/** It tells how it is once a second. */
const hangDefaultMs = 30_000;
/** For the process to start, and for its first answer. */
const startMs = 60_000;
/** Lost again within this time, it is started a little later each time. */
const firstPauseMs = 500;
const longestPauseMs = 30_000;
const calmMs = 60_000;

export class Captioner {
  readonly #deps: CaptionerDeps;
  readonly #clients = new Map<string, Client>();
  readonly #restarted: (() => void)[] = [];
  #process: Process | null = null;
  #enginePids: readonly number[] = [];
  #startedAt = 0;
  #losses = 0;
  #again: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(deps: CaptionerDeps) {
    this.#deps = deps;
  }

  /** Of the process, while it runs, and of its engines. */
  get pids(): { readonly captioner: number | undefined; readonly engines: readonly number[] } {
    return { captioner: this.#process?.child.pid, engines: this.#enginePids };
  }

  onRestarted(listener: () => void): void {
    this.#restarted.push(listener);
  }

  /** @throws Error while there is no captioner */
  async begin(stream: CaptionStream, language: string, listener: Listener): Promise<TapReceiver> {
    const { id, ssrc, payloadType, clockRate } = stream;
    const port = await this.#open(id, listener, { what: 'begin', id, ssrc, payloadType, clockRate, language });
    let over = false;
    return {
      port,
      reported: () => undefined,
      paused: (paused) => this.#tell({ what: 'paused', id, paused }),
      end: () => {
        if (!over) this.#tell({ what: 'end', id });
        over = true;
      },
    };
  }

  /** Reads captured sound. @throws Error while there is no captioner */
  async read(language: string, listener: Listener): Promise<Reading> {
    const id = randomUUID();
    await this.#open(id, listener, { what: 'read', id, language });
    return {
      give: (packets) =>
        new Promise((resolve, reject) => {
          const client = this.#clients.get(id);
          if (!client) return reject(new Error('the captioner was lost'));
          client.more = resolve;
          client.refused = reject;
          this.#tell({ what: 'packets', id, packets: [...packets] });
        }),
      end: () => this.#tell({ what: 'end', id }),
      drop: () => {
        this.#clients.delete(id);
        this.#tell({ what: 'drop', id });
        this.#rest();
      },
    };
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#again);
    clearTimeout(this.#idle);
    const process = this.#process;
    if (process) this.#lost(process, null);
  }

  async #open(id: string, listener: Listener, message: ToCaptioner): Promise<number> {
    if (this.#closed) throw new Error('captions are closed');
    clearTimeout(this.#idle);
    const process = this.#start();
    const port = await process.port;
    await new Promise<void>((resolve, reject) => {
      const refused = (error: Error) => {
        this.#clients.delete(id);
        reject(error);
      };
      this.#clients.set(id, { listener, begun: resolve, refused, more: () => undefined });
      this.#tell(message);
    });
    return port;
  }

  #start(): Process {
    if (this.#process) return this.#process;
    const { log, engines, voiceModel, decodeMs, patienceMs } = this.#deps;
    clearTimeout(this.#again);
    const child = forkEntry('captioner-main');
    const { promise, resolve, reject } = withResolvers<number>();
    // Who waits for it is told; that nobody does is no fault.
    promise.catch(() => undefined);
    const timer = setTimeout(() => this.#lost(process, 'it did not start in time'), startMs);
    const opened = (port: number) => {
      clearTimeout(timer);
      resolve(port);
    };
    const failed = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    const process: Process = { child, port: promise, words: lastWords(child), opened, failed };
    this.#process = process;
    this.#startedAt = Date.now();
    child.on('message', (message) => this.#heard(process, fromCaptioner.parse(message)));
    child.on('error', (error) => this.#lost(process, error.message));
    child.on('exit', (code, signal) => this.#lost(process, `it ended (${signal ?? code})`));
    this.#tell({ what: 'open', engines: [...engines], voiceModel, decodeMs, patienceMs });
    log.info({ pid: child.pid }, 'captions: started the captioner');
    return process;
  }

  #heard(process: Process, message: FromCaptioner): void {
    if (process !== this.#process) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(process, 'it hangs'), this.#deps.hangMs ?? hangDefaultMs).unref();
    if (message.what === 'opened') process.opened(message.port);
    else if (message.what === 'state') {
      this.#enginePids = message.enginePids;
      this.#deps.behind(message.behind);
      this.#deps.problems(message.problems);
    } else {
      const client = this.#clients.get(message.id);
      if (client) this.#heardOf(client, message);
    }
  }

  #heardOf(client: Client, message: Exclude<FromCaptioner, { what: 'opened' | 'state' }>): void {
    const { listener } = client;
    switch (message.what) {
      case 'begun':
        client.begun();
        break;
      case 'refused':
        client.refused(new Error(message.why));
        break;
      case 'more':
        client.more();
        break;
      case 'partial':
      case 'final':
        listener[message.what](lineOf(message));
        break;
      case 'left':
        listener.left(lineOf(message), message.why);
        break;
      case 'heard':
        listener.heard(message.untilMs);
        break;
      case 'ended':
        this.#clients.delete(message.id);
        listener.ended(false);
        this.#rest();
    }
  }

  /** @param why Null: we ended it. */
  #lost(process: Process, why: string | null): void {
    if (process !== this.#process) return;
    this.#process = null;
    clearTimeout(this.#silence);
    this.#enginePids = [];
    process.child.kill('SIGKILL');
    const words = process.words();
    const error = new Error(`the captioner was lost: ${why ?? 'it was ended'}`);
    process.failed(error);
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const client of clients) {
      client.refused(error);
      client.listener.ended(true);
    }
    this.#deps.behind(false);
    if (why === null || this.#closed) return;
    this.#losses = Date.now() - this.#startedAt > calmMs ? 1 : this.#losses + 1;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#losses - 1));
    this.#deps.log.error({ why, words, pauseMs }, 'captions: the captioner was lost');
    // Those who were captioned are captioned again.
    if (clients.length === 0) return;
    this.#again = setTimeout(() => {
      for (const listener of this.#restarted) listener();
    }, pauseMs);
  }

  #rest(): void {
    if (this.#clients.size > 0 || !this.#process) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#clients.size === 0 && this.#process) this.#lost(this.#process, null);
    }, this.#deps.idleMs ?? idleDefaultMs).unref();
  }

  #tell(message: ToCaptioner): void {
    // One that has just ended can't be told; its exit is heard next.
    this.#process?.child.send(message, () => undefined);
  }
}

function lineOf({ line, text, language, beginMs, endMs, engine }: HeardLine): HeardLine {
  return { line, text, language, beginMs, endMs, engine };
}

function withResolvers<Result>(): { promise: Promise<Result>; resolve(result: Result): void; reject(error: Error): void } {
  let resolve: (result: Result) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Result>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
