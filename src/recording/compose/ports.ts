/** What compose needs of others, and what it gives them. */
import type { Config } from '../../config.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Database } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import type { RecordingFiles, RecordingRows } from '../ports.js';
import type { Recording, RecordingTrack } from '../recording.js';

/** A change that a person made to a recording. Times are milliseconds since its start. */
export type Edit =
  /** What lies outside is taken away: the files begin at `fromMs`. */
  | { readonly what: 'trim'; readonly fromMs: number; readonly toMs: number }
  /** Silence, and a card instead of the picture. The time stays. */
  | { readonly what: 'redact'; readonly fromMs: number; readonly toMs: number };

export type EditsOf = (recording: Recording) => Promise<readonly Edit[]>;

export interface ComposeDeps {
  readonly config: Pick<Config, 'DATA_DIR' | 'FFMPEG_PATH' | 'COMPOSE_HEIGHT' | 'COMPOSE_PROCESSES' | 'COMPOSE_FONT' | 'COMPOSE_CAPTIONS'>;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly rows: RecordingRows;
  readonly files: RecordingFiles;
  readonly log: Log;
  /** Default: none. */
  readonly editsOf?: EditsOf;
}

/** An Opus packet, as a decoder takes it, with when it was said. */
export interface AudioFrame {
  /** Since the recording's start, on the same clock as everything else of it. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly opus: Uint8Array;
}

/** Reads the sound of a captured track in the order in which it was said: of what was muted or never came, there are no frames. */
export interface TrackAudio {
  frames(recording: Recording, track: RecordingTrack, signal: AbortSignal): AsyncIterable<AudioFrame>;
}
