/**
 * Writes the log of one track: what comes is kept in memory for a moment, written in one piece, and
 * every few seconds the segment is closed with its hash. Nothing here waits for the disk but `end`; what the disk
 * does not take stays in memory and is tried again at the same place, so that a segment never has a hole.
 */
import { createHash, type Hash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Budget } from './budget.js';
import type { Disk, DiskFile } from './disk.js';
import { type Gap, withGap } from './gaps.js';
import { headerName, indexLine, indexName, type SpoolEnd, type SpoolSegment, segmentName, type TrackHeader } from './spool.js';
import { segmentMagic } from './track-log.js';

export interface TrackWriterOptions {
  readonly folder: string;
  readonly header: TrackHeader;
  /** A segment is closed after this time, milliseconds. */
  readonly segmentMs: number;
  /** What came this shortly ago is not written yet, milliseconds: it may have to be taken back. */
  readonly holdMs: number;
}

export interface TrackWriterDeps {
  readonly disk: Disk;
  readonly budget: Budget;
}

interface Entry {
  /** Wall clock. */
  readonly at: number;
  /** By performance.now(): the wall clock may be set back, and nothing should wait for it to come round again. */
  readonly since: number;
  readonly bytes: Buffer;
  readonly isPacket: boolean;
  readonly gap: Gap | null;
}

interface Segment {
  readonly number: number;
  readonly file: DiskFile;
  readonly hash: Hash;
  readonly firstAt: number;
  /** By performance.now(). */
  readonly openedAt: number;
  position: number;
  lastAt: number;
  packets: number;
  gaps: Gap[];
}

/** Read as a whole when it is sealed. */
const segmentBytesAtMost = 8 * 1024 * 1024;
const pieceBytesAtMost = 1024 * 1024;
const tryAgainMs = 300;

export class TrackWriter {
  readonly #options: TrackWriterOptions;
  readonly #deps: TrackWriterDeps;
  readonly #index: DiskFile;
  #indexPosition = 0;
  /** Lines of the index that the disk has not taken yet. */
  #lines: Buffer[] = [];
  #pending: Entry[] = [];
  /** Those that are being written, or that the disk did not take. */
  #taken: Entry[] = [];
  #segment: Segment | null = null;
  #next = 0;
  #writing: Promise<void> | null = null;
  #writingSince: number | null = null;
  #failed = false;
  #ended = false;

  private constructor(options: TrackWriterOptions, deps: TrackWriterDeps, index: DiskFile) {
    this.#options = options;
    this.#deps = deps;
    this.#index = index;
  }

  /** The folder must be there. Rejects when the disk takes nothing. */
  static async open(options: TrackWriterOptions, deps: TrackWriterDeps): Promise<TrackWriter> {
    const header = await deps.disk.create(path.join(options.folder, headerName));
    try {
      await header.write(Buffer.from(JSON.stringify(options.header)), 0);
      await header.sync();
    } finally {
      await header.close();
    }
    return new TrackWriter(options, deps, await deps.disk.create(path.join(options.folder, indexName)));
  }

  /** The disk did not take what it was given last. */
  get failed(): boolean {
    return this.#failed;
  }

  /** For how long the disk has been at it, milliseconds. */
  get busyMs(): number {
    return this.#writingSince === null ? 0 : performance.now() - this.#writingSince;
  }

  append(at: number, bytes: Buffer, { isPacket = false, gap = null }: { isPacket?: boolean; gap?: Gap | null } = {}): void {
    if (this.#ended) return;
    this.#pending.push({ at, since: performance.now(), bytes, isPacket, gap });
    this.#deps.budget.take(bytes.length);
  }

  /** Writes what is old enough, unless that is under way. */
  flush(): void {
    if (this.#writing || this.#ended) return;
    this.#take(performance.now() - this.#options.holdMs);
    if (this.#taken.length === 0 && this.#lines.length === 0 && !this.#isDue()) return;
    void this.#write(false);
  }

  /**
   * Takes back what came after the moment, writes the rest and closes the segment.
   *
   * @returns what the disk did not take within the patience.
   */
  async end(at: number, inOrder: boolean, patienceMs: number): Promise<Gap[]> {
    if (this.#ended) return [];
    this.#ended = true;
    const late = this.#pending.filter((entry) => entry.at > at);
    this.#pending = this.#pending.filter((entry) => entry.at <= at);
    this.#release(late);
    const deadline = performance.now() + patienceMs;
    const end: SpoolEnd = { endedAt: at, inOrder };
    let wroteEnd = false;
    for (;;) {
      await this.#writing;
      this.#take(Number.POSITIVE_INFINITY);
      await this.#write(true);
      const isEmpty = this.#taken.length === 0 && this.#segment === null && this.#lines.length === 0;
      if (isEmpty && wroteEnd) break;
      if (isEmpty) {
        wroteEnd = true;
        this.#lines.push(indexLine(end));
      } else if (performance.now() >= deadline) break;
      else await delay(tryAgainMs);
    }
    return this.#giveUp();
  }

  #take(until: number): void {
    const young = this.#pending.findIndex(({ since }) => since > until);
    const old = young === -1 ? this.#pending.length : young;
    if (old === 0) return;
    this.#taken = [...this.#taken, ...this.#pending.slice(0, old)];
    this.#pending = this.#pending.slice(old);
  }

  /** Never rejects. */
  #write(isLast: boolean): Promise<void> {
    this.#writingSince = performance.now();
    this.#writing = this.#tryToWrite(isLast)
      .then(
        () => {
          this.#failed = false;
        },
        () => {
          this.#failed = true;
        },
      )
      .finally(() => {
        this.#writing = null;
        this.#writingSince = null;
      });
    return this.#writing;
  }

  async #tryToWrite(isLast: boolean): Promise<void> {
    await this.#writeIndex();
    for (let piece = this.#piece(); piece.length > 0; piece = this.#piece()) {
      if (this.#isDue()) await this.#closeSegment();
      await this.#writeEntries(piece);
    }
    if (isLast || this.#isDue()) await this.#closeSegment();
    await this.#writeIndex();
  }

  /** What is written next: no more than fits a segment's time, and not all that a disk that was full has left. */
  #piece(): readonly Entry[] {
    const [first] = this.#taken;
    if (!first) return [];
    let bytes = 0;
    const end = this.#taken.findIndex((entry) => {
      bytes += entry.bytes.length;
      return bytes > pieceBytesAtMost || entry.since >= first.since + this.#options.segmentMs;
    });
    return end === -1 ? this.#taken : this.#taken.slice(0, Math.max(1, end));
  }

  #isDue(): boolean {
    const segment = this.#segment;
    if (segment === null) return false;
    return performance.now() - segment.openedAt >= this.#options.segmentMs || segment.position >= segmentBytesAtMost;
  }

  async #writeEntries(entries: readonly Entry[]): Promise<void> {
    const [first] = entries;
    if (!first) return;
    const segment = this.#segment ?? (await this.#openSegment(first.at));
    const bytes = Buffer.concat(entries.map((entry) => entry.bytes));
    await segment.file.write(bytes, segment.position);
    segment.hash.update(bytes);
    segment.position += bytes.length;
    for (const { at, isPacket, gap } of entries) {
      segment.lastAt = Math.max(segment.lastAt, at);
      segment.packets += Number(isPacket);
      if (gap) segment.gaps = withGap(segment.gaps, gap);
    }
    this.#taken = this.#taken.slice(entries.length);
    this.#release(entries);
  }

  async #openSegment(firstAt: number): Promise<Segment> {
    const file = await this.#deps.disk.create(path.join(this.#options.folder, segmentName(this.#next)));
    try {
      await file.write(segmentMagic, 0);
    } catch (error) {
      await file.close();
      throw error;
    }
    const hash = createHash('sha256').update(segmentMagic);
    const number = this.#next;
    this.#next += 1;
    this.#segment = {
      number,
      file,
      hash,
      firstAt,
      openedAt: performance.now(),
      position: segmentMagic.length,
      lastAt: firstAt,
      packets: 0,
      gaps: [],
    };
    return this.#segment;
  }

  async #closeSegment(): Promise<void> {
    const segment = this.#segment;
    if (!segment) return;
    await segment.file.sync();
    this.#segment = null;
    // All is on the disk already.
    await segment.file.close().catch(() => undefined);
    const { number, position, hash, firstAt, lastAt, packets, gaps } = segment;
    const line: SpoolSegment = { number, bytes: position, sha256: hash.digest('hex'), firstAt, lastAt, packets, gaps };
    this.#lines.push(indexLine(line));
  }

  async #writeIndex(): Promise<void> {
    while (this.#lines[0]) {
      // At its place, so that a try that broke off leaves nothing behind.
      await this.#index.write(this.#lines[0], this.#indexPosition);
      this.#indexPosition += this.#lines[0].length;
      this.#lines.shift();
    }
  }

  async #giveUp(): Promise<Gap[]> {
    const left = this.#taken;
    this.#taken = [];
    this.#release(left);
    await this.#segment?.file.close().catch(() => undefined);
    await this.#index.close().catch(() => undefined);
    const [first] = left;
    if (!first) return [];
    return [
      { what: 'disk-full', from: first.at, to: left.at(-1)?.at ?? first.at, packets: left.filter(({ isPacket }) => isPacket).length },
    ];
  }

  #release(entries: readonly Entry[]): void {
    for (const { bytes } of entries) this.#deps.budget.give(bytes.length);
  }
}
