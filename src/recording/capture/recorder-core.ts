/**
 * What the recorder process does, without the process: tracks that come and go, and one disk that they
 * share. While the disk is not well, pictures are not kept and sound is, as long as the memory for what waits lasts.
 */
import { mkdir } from 'node:fs/promises';
import { Budget } from './budget.js';
import { CapturedTrack, type DropReason } from './captured-track.js';
import type { Disk } from './disk.js';
import type { DiskState, FromRecorder, RecorderOptions, ToRecorder } from './recorder-calls.js';

export interface RecorderCoreDeps {
  readonly disk: Disk;
  readonly tell: (message: FromRecorder) => void;
}

/** Milliseconds. */
const tickMs = 50;
const flushMs = 250;
const lookAtDiskMs = 2_000;
const slowMs = 2_000;
/** For what is left to write when a track ends. */
const patienceMs = 10_000;
/** Below this share of the least that should be free, not even sound is kept: the database may be on the same disk. */
const reserve = 0.1;

export class RecorderCore {
  readonly #options: RecorderOptions;
  readonly #deps: RecorderCoreDeps;
  readonly #budget: Budget;
  readonly #tracks = new Map<string, CapturedTrack>();
  /** Those that ended before they had begun. */
  readonly #stillborn = new Set<string>();
  readonly #ending = new Set<Promise<unknown>>();
  readonly #timers: readonly NodeJS.Timeout[];
  #freeBytes = Number.POSITIVE_INFINITY;
  #state: DiskState = 'well';
  #closing: Promise<void> | undefined;

  constructor(options: RecorderOptions, deps: RecorderCoreDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#budget = new Budget(options.bufferBytes);
    this.#timers = [
      setInterval(() => this.#tick(), tickMs),
      setInterval(() => this.#flush(), flushMs),
      setInterval(() => void this.#lookAtDisk(), lookAtDiskMs),
    ];
  }

  /** Rejects when the folder can't be made. */
  async open(): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    await this.#lookAtDisk();
  }

  hear(message: ToRecorder): void {
    switch (message.do) {
      case 'begin':
        void this.#begin(message.header);
        break;
      case 'report':
        this.#tracks.get(message.id)?.reported(message);
        break;
      case 'paused':
        this.#tracks.get(message.id)?.paused(message.paused, message.at);
        break;
      case 'end':
        this.#end(message.id, message.at, true);
        break;
      case 'close':
        void this.close(message.at, true);
    }
  }

  /** Ends all tracks. `inOrder` false: nobody said so, the server is gone. Idempotent. */
  close(at: number, inOrder: boolean): Promise<void> {
    this.#closing ??= this.#close(at, inOrder);
    return this.#closing;
  }

  async #close(at: number, inOrder: boolean): Promise<void> {
    for (const id of [...this.#tracks.keys()]) this.#end(id, at, inOrder);
    await Promise.all(this.#ending);
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #begin(header: Extract<ToRecorder, { do: 'begin' }>['header']): Promise<void> {
    const { id } = header;
    const { disk, tell } = this.#deps;
    try {
      if (this.#closing) throw new Error('the recorder is closing');
      const track = await CapturedTrack.begin(
        { header, root: this.#options.folder, segmentMs: this.#options.segmentMs },
        {
          disk,
          budget: this.#budget,
          refuses: (isPicture) => this.#refuses(isPicture),
          onKeyFrameWanted: () => tell({ is: 'keyframe', id }),
        },
      );
      this.#tracks.set(id, track);
      tell({ is: 'listening', id, port: track.port });
      if (this.#closing || this.#stillborn.delete(id)) this.#end(id, Date.now(), true);
    } catch (error) {
      this.#stillborn.delete(id);
      tell({ is: 'refused', id, why: error instanceof Error ? error.message : String(error) });
    }
  }

  #end(id: string, at: number, inOrder: boolean): void {
    const track = this.#tracks.get(id);
    if (!track) {
      this.#stillborn.add(id);
      return;
    }
    this.#tracks.delete(id);
    const ending = track.end(at, inOrder, patienceMs).then((gaps) => this.#deps.tell({ is: 'ended', id, gaps }));
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  #tick(): void {
    for (const track of this.#tracks.values()) track.tick();
  }

  #flush(): void {
    for (const track of this.#tracks.values()) track.flush();
    this.#setState(this.#judge());
  }

  async #lookAtDisk(): Promise<void> {
    // Where the disk is gone, writing fails too, and that is told.
    this.#freeBytes = await this.#deps.disk.free(this.#options.folder).catch(() => 0);
    this.#setState(this.#judge());
  }

  #judge(): DiskState {
    const tracks = [...this.#tracks.values()];
    if (tracks.some((track) => track.diskFailed)) return 'full';
    if (this.#freeBytes < this.#options.minFreeBytes) return 'low';
    const { used, limit } = this.#budget;
    // What has piled up is to go down clearly before pictures add to it again.
    const tooMuch = this.#state === 'slow' ? limit / 4 : limit / 2;
    return used > tooMuch || tracks.some((track) => track.diskBusyMs > slowMs) ? 'slow' : 'well';
  }

  #setState(state: DiskState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#deps.tell({ is: 'disk', state, freeBytes: Number.isFinite(this.#freeBytes) ? this.#freeBytes : 0 });
  }

  #refuses(isPicture: boolean): DropReason | null {
    const { used, limit } = this.#budget;
    const because = this.#state === 'full' || this.#state === 'low' ? 'disk-full' : 'disk-slow';
    if (isPicture) return this.#state !== 'well' || used > limit / 2 ? because : null;
    return used > limit || this.#freeBytes < this.#options.minFreeBytes * reserve ? because : null;
  }
}
