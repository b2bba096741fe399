/**
 * Which process a spool belongs to. Each server has a folder of its own below `capture`, so that
 * several may share a data folder; what one leaves behind when it is killed, the next takes over.
 */
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Log } from '../../platform/log.js';
import { trackFolders } from './spool.js';
import { parseJson, unlessMissing } from './spool-files.js';

export interface SpoolOwnerOptions {
  /** `capture` in the data folder. */
  readonly root: string;
  /** Of this process, new for each. */
  readonly name: string;
  readonly log: Log;
}

const ownerSchema = z.object({ host: z.string(), pid: z.number(), recorder: z.number().nullable() });
type Owner = z.output<typeof ownerSchema>;

const ownerName = 'owner.json';
/** Milliseconds. */
const signEveryMs = 5_000;
/** Of another machine, whose processes can't be looked up. */
const silentMs = 60_000;
/** A recorder ends by itself when its server is gone. */
const recorderEndsMs = 15_000;

export class SpoolOwner {
  readonly folder: string;
  readonly #options: SpoolOwnerOptions;
  #signs: NodeJS.Timeout | undefined;
  #making: Promise<void> | undefined;
  #recorder: number | null = null;

  constructor(options: SpoolOwnerOptions) {
    this.#options = options;
    this.folder = path.join(options.root, options.name);
  }

  /** The folder is there, and is this process's. */
  async own(): Promise<void> {
    this.#making ??= this.#make();
    try {
      await this.#making;
    } catch (error) {
      this.#making = undefined;
      throw error;
    }
  }

  /** It writes here until it has ended. */
  setRecorder(pid: number): void {
    this.#recorder = pid;
    // Without it a server that starts after us does not wait for the recorder's last word.
    this.#sign().catch((error: unknown) => this.#options.log.warn({ err: error }, 'capture: could not write down who owns the spool'));
  }

  /** Takes what processes that are gone have left, and gives its folders. */
  async takeOver(): Promise<string[]> {
    const { root, name, log } = this.#options;
    const taken: string[] = [];
    const others = await unlessMissing(readdir(root), []);
    for (const other of others.filter((folder) => folder !== name)) {
      const from = path.join(root, other);
      if (!(await isOrphan(from))) continue;
      const tracks = await trackFolders(from);
      if (tracks.length > 0) await this.own();
      for (const track of tracks) {
        const to = path.join(this.folder, path.relative(from, track));
        await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
        // Where two take over at once, one of them has it.
        const isOurs = await unlessMissing(
          rename(track, to).then(() => true),
          false,
        );
        if (isOurs) taken.push(to);
      }
      await rm(from, { recursive: true, force: true });
      if (tracks.length > 0) log.info({ tracks: tracks.length }, 'capture: took over what a process that is gone has captured');
    }
    return taken;
  }

  /** Idempotent. Leaves no folder where there is nothing in it. */
  async close(): Promise<void> {
    clearInterval(this.#signs);
    await this.#making?.catch(() => undefined);
    if ((await trackFolders(this.folder)).length === 0) await rm(this.folder, { recursive: true, force: true });
  }

  async #make(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.#sign();
    this.#signs = setInterval(() => {
      const now = new Date();
      // A disk that is gone is told of elsewhere.
      utimes(path.join(this.folder, ownerName), now, now).catch(() => undefined);
    }, signEveryMs).unref();
  }

  async #sign(): Promise<void> {
    const owner: Owner = { host: hostname(), pid: process.pid, recorder: this.#recorder };
    await writeFile(path.join(this.folder, ownerName), JSON.stringify(owner), { mode: 0o600 });
  }
}

async function isOrphan(folder: string): Promise<boolean> {
  const file = path.join(folder, ownerName);
  const owner = ownerSchema.safeParse(await readFile(file, 'utf8').then(parseJson, () => null));
  if (owner.success && owner.data.host === hostname()) {
    // In a container every process may have the same number as the one before.
    if (owner.data.pid === process.pid || !isRunning(owner.data.pid)) {
      await recorderEnds(owner.data);
      return true;
    }
  }
  const signedAt = await lastSign(file, folder);
  if (Date.now() - signedAt < silentMs) return false;
  // A clock that was set looks like silence too.
  await delay(signEveryMs * 2);
  return (await lastSign(file, folder)) === signedAt;
}

/** It is there a moment before its owner has signed. */
async function lastSign(file: string, folder: string): Promise<number> {
  return (await stat(file).catch(() => stat(folder))).mtimeMs;
}

async function recorderEnds({ recorder }: Owner): Promise<void> {
  const deadline = performance.now() + recorderEndsMs;
  while (recorder !== null && isRunning(recorder) && performance.now() < deadline) await delay(50);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
