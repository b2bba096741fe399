/**
 * Capture on this node: takes taps, has their packets written by the recorder process, and looks
 * after what lies in the spool until it is sealed. It has the shape of a tap's sink (src/media/tap.ts).
 */
import path from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Cluster } from '../../platform/cluster/index.js';
import type { Database } from '../../platform/database/index.js';
import { newId } from '../../platform/ids.js';
import type { Log } from '../../platform/log.js';
import type { Metrics } from '../../platform/metrics.js';
import type { TapReceiver, TapStream } from '../ports.js';
import type { Recording } from '../recording.js';
import type { Gap } from './gaps.js';
import type { DiskState } from './recorder-calls.js';
import { RecorderProcess } from './recorder-process.js';
import { sealTrack } from './seal-track.js';
import { closeTorn, deleteTrack, gapsOf, readTrack, type TrackHeader, trackFolder, trackFolders, trackHeaderSchema } from './spool.js';
import { SpoolOwner } from './spool-owner.js';
import { type TrackFate, TrackRows } from './track-rows.js';

export type RecorderConfig = Pick<Config, 'DATA_DIR' | 'RECORDING_SEGMENT_MS' | 'RECORDING_SPOOL_MIN_FREE_MB' | 'RECORDING_BUFFER_MB'>;

export interface RecorderDeps {
  readonly config: RecorderConfig;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Context: recordingId, orgId, meetingId, personId, personName, participantId. */
export interface CaptureStream extends TapStream {
  readonly source: TrackHeader['source'];
  requestKeyFrame(): void;
}

/** How the disk of this node is, which those who moderate should know. */
export interface CaptureWarning {
  readonly state: DiskState;
  readonly freeBytes: number;
  /** That are being captured here. */
  readonly meetings: readonly { readonly meetingId: string; readonly recordingId: string }[];
}

interface OpenTrack {
  readonly header: TrackHeader;
  readonly stream: CaptureStream;
  /** Resolves when its files are closed and its row says so. */
  readonly ended: Promise<void>;
  readonly settled: () => void;
  isEnding: boolean;
  /** Nobody was told where to send packets, and nothing of it is kept. */
  isRefused: boolean;
}

const contextSchema = z.object({
  recordingId: z.uuid(),
  orgId: z.uuid(),
  meetingId: z.uuid(),
  personId: z.uuid(),
  personName: z.string(),
  participantId: z.uuid(),
});

const megabyte = 1024 * 1024;
/** What could not be finished in its time is looked at again, milliseconds. */
const sweepMs = 60_000;

declare module '../../platform/cluster/cluster.js' {
  interface Calls {
    /** Moves what the node has captured of a recording into the blob store. */
    'recording.seal': { readonly request: { readonly orgId: string; readonly recordingId: string }; readonly reply: null };
    /** Deletes what the node has captured of tracks whose person withdrew. */
    'recording.drop': { readonly request: { readonly recordingId: string; readonly trackIds: readonly string[] }; readonly reply: null };
  }
}

export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #process: RecorderProcess;
  readonly #owner: SpoolOwner;
  readonly #rows: TrackRows;
  readonly #open = new Map<string, OpenTrack>();
  readonly #beginning = new Set<string>();
  /** What is missing of tracks and could not be written down in the spool. */
  readonly #unwritten = new Map<string, readonly Gap[]>();
  /** One thing at a time with each track's folder. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #onRestarted: (() => void)[] = [];
  readonly #onWarning: ((warning: CaptureWarning) => void)[] = [];
  #diskState: DiskState = 'well';
  #sweeping: Promise<void> | undefined;
  #sweeps: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    const { config, clock, log, cluster, metrics } = deps;
    this.#rows = new TrackRows(deps.database);
    this.#owner = new SpoolOwner({ root: path.join(config.DATA_DIR, 'capture'), name: newId(), log });
    this.#process = new RecorderProcess(
      {
        folder: this.#owner.folder,
        segmentMs: config.RECORDING_SEGMENT_MS,
        minFreeBytes: config.RECORDING_SPOOL_MIN_FREE_MB * megabyte,
        bufferBytes: config.RECORDING_BUFFER_MB * megabyte,
      },
      {
        log,
        clock,
        onKeyFrame: (id) => this.#open.get(id)?.stream.requestKeyFrame(),
        onEnded: (id, gaps) => void this.#fileClosed(id, gaps),
        onDisk: (state, freeBytes) => this.#diskIs(state, freeBytes),
        onStarted: (pid) => this.#owner.setRecorder(pid),
        onLost: () => this.#lost(),
        onBack: () => {
          for (const listener of this.#onRestarted) listener();
        },
      },
    );
    cluster.answer('recording.seal', async ({ orgId, recordingId }) => {
      await this.seal({ orgId, id: recordingId });
      return null;
    });
    cluster.answer('recording.drop', async ({ recordingId, trackIds }) => {
      await this.drop(recordingId, trackIds);
      return null;
    });
    metrics.gauge({ name: 'causeway_recording_tracks', help: 'Tracks that are being captured on this node.' }, (gauge) =>
      gauge.set(this.#open.size),
    );
    metrics.gauge(
      { name: 'causeway_recording_disk_trouble', help: '1 while pictures are not kept because the disk is full, nearly full or too slow.' },
      (gauge) => gauge.set(Number(this.#diskState !== 'well')),
    );
  }

  /** Null while nothing was captured yet, or the process is being started again. */
  get pid(): number | null {
    return this.#process.pid;
  }

  /** @throws Error when the process is not there, the disk takes nothing, or the recording is gone; nothing is left open. */
  async begin(stream: CaptureStream): Promise<TapReceiver> {
    const { clock, cluster, log } = this.#deps;
    const { id, source, ssrc, payloadType, mimeType, clockRate, channels } = stream;
    const context = contextSchema.parse(stream.context);
    const header = trackHeaderSchema.parse({
      ...context,
      id,
      source,
      ssrc,
      payloadType,
      mimeType,
      clockRate,
      channels,
      startedAt: clock.now(),
    });
    this.#beginning.add(id);
    const { port, track } = await this.#listen(header, stream).finally(() => this.#beginning.delete(id));
    const isThere = await this.#rows.begin(header, cluster.nodeId).catch((error: unknown) => {
      // Without the database meetings go on, and so does capture: what the row says stands in the spool too.
      log.warn({ err: error, track: id }, 'capture: a track has no row yet');
      return true;
    });
    if (!isThere) {
      track.isRefused = true;
      this.#end(track);
      throw new Error('there is no such recording');
    }
    if (!this.#open.has(id)) throw new Error('the recorder was lost');
    return {
      port,
      reported: (report) => this.#tellOf(track, { do: 'report', id, ssrc: report.ssrc, ntp: report.ntp, rtp: report.rtp, at: report.at }),
      paused: (paused) => this.#tellOf(track, { do: 'paused', id, paused, at: clock.now() }),
      end: () => this.#end(track),
    };
  }

  /** The process was lost and is back: open all taps anew. */
  onRestarted(listener: () => void): void {
    this.#onRestarted.push(listener);
  }

  /** The disk has become full, nearly full or slow, or well again. */
  onWarning(listener: (warning: CaptureWarning) => void): void {
    this.#onWarning.push(listener);
  }

  /** At the start of the server: takes up what the one before has left when it was killed. */
  async recover(): Promise<void> {
    this.#sweeps ??= setInterval(() => void this.#sweep(), sweepMs).unref();
    await this.#sweep();
  }

  /** Ends what is still captured here of a recording that was stopped, and moves it into the blob store. Again is harmless. */
  async seal({ orgId, id }: Pick<Recording, 'orgId' | 'id'>, signal?: AbortSignal): Promise<void> {
    const { blobs, cluster, log } = this.#deps;
    await this.#endAll(({ header }) => header.recordingId === id);
    const folders = await trackFolders(this.#owner.folder, id);
    for (const folder of folders) {
      signal?.throwIfAborted();
      const fate = await this.#settle(folder);
      if (fate === 'closed')
        await this.#inTurn(folder, () => sealTrack(folder, { blobs, rows: this.#rows, log, ...(signal && { signal }) }));
    }
    for (const folder of folders) this.#unwritten.delete(path.basename(folder));
    const here = new Set(folders.map((folder) => path.basename(folder)));
    for (const track of await this.#rows.unsealed({ orgId, id })) {
      if (track.node !== cluster.nodeId || here.has(track.id) || this.#open.has(track.id)) continue;
      log.error({ track: track.id }, 'capture: a track is not in the spool any more');
      await this.#rows.giveUp({ orgId }, track.id, 'damaged');
    }
  }

  /** Deletes tracks from the spool of this node; those that are being captured end first. */
  async drop(recordingId: string, trackIds: readonly string[]): Promise<void> {
    await this.#endAll(({ header }) => trackIds.includes(header.id));
    for (const id of trackIds) {
      const folder = trackFolder(this.#owner.folder, { recordingId, id });
      await this.#inTurn(folder, () => deleteTrack(folder));
    }
  }

  /** Ends all tracks and the process. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#sweeps);
    await this.#sweeping;
    await this.#endAll(() => true);
    await this.#process.close();
    await Promise.all(this.#turns.values());
    await this.#owner.close();
  }

  // Tracks that are open

  async #listen(header: TrackHeader, stream: CaptureStream): Promise<{ port: number; track: OpenTrack }> {
    await this.#owner.own();
    const port = await this.#process.begin(header);
    return { port, track: this.#opened(header, stream) };
  }

  #opened(header: TrackHeader, stream: CaptureStream): OpenTrack {
    let settled = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      settled = resolve;
    });
    const track: OpenTrack = { header, stream, ended, settled, isEnding: false, isRefused: false };
    this.#open.set(header.id, track);
    return track;
  }

  #tellOf(track: OpenTrack, message: Parameters<RecorderProcess['tell']>[0]): void {
    if (!track.isEnding && this.#open.get(track.header.id) === track) this.#process.tell(message);
  }

  #end(track: OpenTrack): void {
    if (track.isEnding) return;
    track.isEnding = true;
    if (this.#open.get(track.header.id) === track) this.#process.tell({ do: 'end', id: track.header.id, at: this.#deps.clock.now() });
  }

  async #endAll(which: (track: OpenTrack) => boolean): Promise<void> {
    const tracks = [...this.#open.values()].filter(which);
    for (const track of tracks) this.#end(track);
    await Promise.all(tracks.map(({ ended }) => ended));
  }

  async #fileClosed(id: string, further: readonly Gap[]): Promise<void> {
    const track = this.#open.get(id);
    if (!track) return;
    if (further.length > 0) this.#unwritten.set(id, further);
    const folder = trackFolder(this.#owner.folder, track.header);
    try {
      if (track.isRefused) await this.#inTurn(folder, () => deleteTrack(folder));
      else await this.#settle(folder);
    } catch (error) {
      this.#deps.log.error({ err: error, track: id }, 'capture: a track is not closed in the database; trying again later');
    } finally {
      this.#open.delete(id);
      track.settled();
    }
  }

  /** What the process had not written is lost; what it had is closed here. */
  #lost(): void {
    for (const id of this.#open.keys()) void this.#fileClosed(id, []);
  }

  #diskIs(state: DiskState, freeBytes: number): void {
    this.#diskState = state;
    const meetings = new Map(
      [...this.#open.values()].map(({ header: { meetingId, recordingId } }) => [recordingId, { meetingId, recordingId }] as const),
    );
    if (state === 'well') this.#deps.log.info({ freeBytes }, 'capture: the disk is well again');
    else this.#deps.log.error({ state, freeBytes, folder: this.#owner.folder }, 'capture: the disk is in trouble; pictures are not kept');
    for (const listener of this.#onWarning) listener({ state, freeBytes, meetings: [...meetings.values()] });
  }

  // The spool

  /** What a track's row should say, and what is to be deleted. Nobody must be writing to it. */
  #settle(folder: string): Promise<TrackFate> {
    return this.#inTurn(folder, async () => {
      const known = await readTrack(folder);
      if (!known) {
        // Its beginning was cut off.
        await deleteTrack(folder);
        return 'gone';
      }
      const track = await closeTorn(known);
      const lastAt = track.segments.at(-1)?.lastAt ?? track.header.startedAt;
      const fate = await this.#rows.close(track.header, this.#deps.cluster.nodeId, {
        gaps: [...gapsOf(track), ...(this.#unwritten.get(track.header.id) ?? [])],
        packets: track.segments.reduce((sum, { packets }) => sum + packets, 0),
        bytes: track.segments.reduce((sum, { bytes }) => sum + bytes, 0),
        endedAt: track.end?.endedAt ?? lastAt,
      });
      if (fate === 'removed' || fate === 'gone' || fate === 'sealed') await deleteTrack(folder);
      return fate;
    });
  }

  async #sweep(): Promise<void> {
    this.#sweeping ??= this.#look().finally(() => {
      this.#sweeping = undefined;
    });
    await this.#sweeping;
  }

  async #look(): Promise<void> {
    const { log } = this.#deps;
    try {
      const taken = new Set(await this.#owner.takeOver());
      const folders = await trackFolders(this.#owner.folder);
      const known = await this.#rows.closedAmong(folders.map((folder) => path.basename(folder)));
      for (const folder of folders) {
        if (this.#closing) return;
        const id = path.basename(folder);
        if (this.#open.has(id) || this.#beginning.has(id) || (known.has(id) && !taken.has(folder))) continue;
        await this.#settle(folder);
      }
    } catch (error) {
      log.error({ err: error }, 'capture: the spool could not be looked through; trying again later');
    }
  }

  async #inTurn<Result>(folder: string, act: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(folder) ?? Promise.resolve();
    const turn = before.then(act, act);
    const quiet = turn.catch(() => undefined);
    this.#turns.set(folder, quiet);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(folder) === quiet) this.#turns.delete(folder);
    }
  }
}
