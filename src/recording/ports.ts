/** What the parts of recording need of each other; open-recording.ts hands it over. */
import type { Readable } from 'node:stream';
import type { AuditEntry } from '../platform/audit.js';
import type { Query } from '../platform/database/index.js';
import type { Principal } from '../platform/principal.js';
import type { Pause, Recording, RecordingSegment, RecordingTrack, TranscriptLine } from './recording.js';

/** One thing that is done with a recording after it was stopped. Killed at any time, it runs again from its beginning and finds what it had finished. */
export interface Step {
  readonly name: 'seal' | 'transcribe' | 'compose' | 'summarize' | 'sign';
  /** What a person may read of it while it runs is the name, translated by the page. */
  run(recording: Recording, tools: StepTools): Promise<void>;
}

export interface StepTools {
  /** The server goes down, or the recording was deleted: stop, and throw. */
  readonly signal: AbortSignal;
  /** 0 to 1 of this step. */
  progress(ratio: number): void;
  /** The version that is being made. Files of it replace those of the version before when all steps are through. */
  readonly version: number;
}

/** The rows of recordings. Every call is scoped by the organisation. */
export interface RecordingRows {
  /** @throws RECORDING_NOT_FOUND */
  get(orgId: string, id: string): Promise<Recording>;
  tracks(recording: Pick<Recording, 'orgId' | 'id'>): Promise<RecordingTrack[]>;
  /** Of one track, in order. */
  segments(track: Pick<RecordingTrack, 'orgId' | 'id'>): Promise<RecordingSegment[]>;
  pauses(recording: Pick<Recording, 'orgId' | 'id'>): Promise<Pause[]>;
  /** By when they begin. */
  transcript(recording: Pick<Recording, 'orgId' | 'id'>): Promise<TranscriptLine[]>;
}

export interface RecordingRights {
  /** Sees it, its transcript and summary. */
  readonly view: boolean;
  readonly download: boolean;
  /** Renames, edits, shares, confirms the summary: hosts of the meeting, who started it, administrators. */
  readonly manage: boolean;
  /** Sees the ledger, gives out reviews, sets policies, holds: owners and administrators. */
  readonly govern: boolean;
  /** Whoever sees it sees his name on it. */
  readonly watermark: boolean;
}

export interface RecordingAccess {
  rights(principal: Principal, recording: Recording): Promise<RecordingRights>;
  /**
   * The recording, for one who may do that with it. Who may not even view it learns nothing of it. As long as
   * something is to be removed from it because somebody withdrew, it is there for who governs alone.
   * @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_NOT_READY
   */
  assert(principal: Principal, id: string, right: keyof Omit<RecordingRights, 'watermark'>): Promise<Recording>;
}

/** A file of a version, made by a step. */
export interface NewFile {
  /** Such as `meeting.mp4`. */
  readonly name: string;
  readonly kind: 'video' | 'audio' | 'hls' | 'thumbnail' | 'waveform' | 'captions' | 'report';
  readonly mediaType: string;
  /** On this machine; it is moved into the blob store. */
  readonly path: string;
}

export interface RecordingFiles {
  /** Stores the bytes, then the row. The same name of the same version again replaces it. */
  add(recording: Pick<Recording, 'orgId' | 'id'>, version: number, file: NewFile): Promise<void>;
}

export interface RecordingEvents {
  /** It was stopped; steps begin. */
  stopped: [recording: Recording];
  /** All steps are through. `before`: the version that it had; 0 for the first time. */
  ready: [recording: Recording, before: number];
  failed: [recording: Recording];
  /** Its rows and blobs are to go, in this order: within the transaction, then after it. */
  deleted: [recording: Recording];
}

/** Of a tap, as src/media hands it over, what recording uses (media/tap.ts has the same shape). */
export interface TapStream {
  readonly id: string;
  readonly context: Readonly<Record<string, string>>;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly mimeType: string;
  /** Hz. */
  readonly clockRate: number;
  readonly channels: number;
}

/** What takes a tap, in a process of this node. */
export interface TapReceiver {
  /** UDP port on 127.0.0.1. */
  readonly port: number;
  reported(report: { readonly ssrc: number; readonly ntp: bigint; readonly rtp: number; readonly at: number }): void;
  paused(paused: boolean): void;
  /** Idempotent. */
  end(): void;
}

/** Whether something keeps a recording from being deleted. */
export interface Holds {
  /** The name of the hold; null: none. */
  holdOf(tx: Query, recording: Pick<Recording, 'orgId' | 'id' | 'conversationId'>): Promise<string | null>;
}

/** Something to be downloaded, by somebody who may. */
export interface Offer {
  readonly recording: Recording;
  /** Tells it from other files of the version. */
  readonly what: string;
  readonly saveAs: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Another one means other bytes. */
  readonly sha256: string;
  /** Null: the store has lost it. */
  read(range?: { start: number; end: number }): Promise<Readable | null>;
  /** That he has taken it, for the audit log. */
  readonly entry: AuditEntry;
}

/** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, ... when he may not have it, or it isn't there */
export type DownloadSource = (by: Principal, recordingId: string, name: string) => Promise<Offer>;
