/**
 * Runs FFmpeg: the one of the settings, the one on PATH, else the one that came with the packages. Its
 * arguments are lists, never a line for a shell; no text that a person wrote is ever among them.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Config } from '../../config.js';

export interface FfmpegRun {
  readonly signal: AbortSignal;
  /** Where relative names in the arguments are. */
  readonly cwd?: string;
  /** Milliseconds of the output that are made. */
  readonly onTime?: (ms: number) => void;
}

/** Milder than anything that somebody waits for: a meeting may run on the same machine. */
const niceness = 15;
/** Of what it says, the end is kept: it ends with why it failed. */
const wordsKept = 4_000;

/**
 * Before a file made of what somebody sent: it is read as what it is, and a picture that claims to be
 * larger than any camera's is not decoded, since a few bytes could ask for gigabytes of memory.
 */
export const trackInput: readonly string[] = ['-max_pixels', '9000000', '-f', 'matroska'];

/**
 * The name under which a file is made before it is whole: another one each time, because an FFmpeg whose
 * server was killed may still be writing to the one before.
 */
export function halfOf(file: string, extension: string): string {
  return `${file}.${randomBytes(4).toString('hex')}.half${extension}`;
}

/** One that makes nothing for so long never will, milliseconds. */
const standsStillMs = 600_000;

export class FfmpegError extends Error {
  override readonly name = 'FfmpegError';

  /** `code`: with which it ended by itself; null: it could not be started, or was stopped. */
  constructor(
    message: string,
    readonly code: number | null = null,
  ) {
    super(message);
  }
}

export class Ffmpeg {
  readonly #program: string;

  private constructor(program: string) {
    this.#program = program;
  }

  static async find(config: Pick<Config, 'FFMPEG_PATH'>): Promise<Ffmpeg> {
    return new Ffmpeg(config.FFMPEG_PATH ?? (await findFfmpeg()));
  }

  get program(): string {
    return this.#program;
  }

  /** @throws FfmpegError with what it said at last; the signal's reason */
  async run(args: readonly string[], { signal, cwd, onTime }: FfmpegRun): Promise<void> {
    const still = new AbortController();
    const child = this.#start(['-progress', 'pipe:1', ...args], signal, cwd);
    const stopped = () => still.abort(new FfmpegError('FFmpeg stood still and was stopped.'));
    const watch = setTimeout(stopped, standsStillMs);
    let line = '';
    let latest = -1;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      line += text;
      const lines = line.split('\n');
      line = lines.pop() ?? '';
      for (const said of lines) {
        // In microseconds, whatever its name says.
        const time = /^out_time_ms=(\d+)$/.exec(said)?.[1];
        if (time === undefined || Number(time) <= latest) continue;
        latest = Number(time);
        watch.refresh();
        onTime?.(latest / 1_000);
      }
    });
    await this.#end(child, AbortSignal.any([signal, still.signal])).finally(() => clearTimeout(watch));
  }

  /** Whether a picture of the file can be decoded. */
  async canShow(file: string, signal: AbortSignal): Promise<boolean> {
    try {
      for await (const _ of this.read([...trackInput, '-i', file, '-frames:v', '1', '-vf', 'scale=2:2', '-f', 'rawvideo', 'pipe:1'], {
        signal,
      }))
        return true;
    } catch (error) {
      // Where it is missing, or was stopped for want of memory, nothing is known of the file.
      if (!(error instanceof FfmpegError) || error.code === null) throw error;
    }
    return false;
  }

  /** What it writes to its output, as it comes. */
  async *read(args: readonly string[], { signal, cwd }: FfmpegRun): AsyncGenerator<Buffer> {
    const child = this.#start(args, signal, cwd);
    const ended = this.#end(child, signal);
    // Awaited below; until then a failure is nobody's.
    ended.catch(() => undefined);
    try {
      if (child.stdout) for await (const part of child.stdout) yield part;
      await ended;
    } finally {
      child.kill('SIGKILL');
    }
  }

  #start(args: readonly string[], signal: AbortSignal, cwd: string | undefined): ChildProcess {
    signal.throwIfAborted();
    const child = spawn(this.#program, ['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-y', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    });
    if (child.pid !== undefined) lowerPriority(child.pid);
    return child;
  }

  #end(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    signal.addEventListener('abort', kill, { once: true });
    let words = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-wordsKept);
    });
    return new Promise<void>((resolve, reject) => {
      child.once('error', (error) => reject(new FfmpegError(`FFmpeg could not be started: ${error.message}.`)));
      child.once('close', (code, killed) => {
        if (signal.aborted) reject(signal.reason);
        else if (code === 0) resolve();
        else reject(new FfmpegError(`FFmpeg ended with ${killed ?? code}: ${words.trim()}`, code));
      });
    }).finally(() => signal.removeEventListener('abort', kill));
  }
}

export async function findFfmpeg(): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg');
    if (folder !== '' && (await isProgram(file))) return file;
  }
  try {
    return (await import('@ffmpeg-installer/ffmpeg')).default.path;
  } catch {
    // The package has nothing for this machine: the start says what is missing.
    return 'ffmpeg';
  }
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function lowerPriority(pid: number): void {
  try {
    os.setPriority(pid, niceness);
  } catch {
    // It has ended already, or the system forbids it: it runs as it is.
  }
}
