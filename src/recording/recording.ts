/** What all parts of recording know of a recording. */
import type { Language } from '../platform/errors.js';

export type RecordingKind = 'recording' | 'transcript';
/**
 * on and paused: the meeting goes on. processing: it is being put together (`step`, `progress`). ready:
 * people may see it. failed: putting it together gave up; what was captured is safe, and it can be tried again.
 */
export type RecordingState = 'on' | 'paused' | 'processing' | 'ready' | 'failed' | 'deleted';

/** What the organisation allowed when it was started. */
export interface RecordingPolicy {
  readonly consent: 'ask' | 'inform' | 'forbidden';
  readonly starters: 'host' | 'moderators';
  /** Null: kept until somebody deletes it. */
  readonly keepDays: number | null;
  /** Who sees it without being asked. */
  readonly viewers: 'participants' | 'moderators';
  readonly download: boolean;
  readonly watermark: boolean;
  readonly contact: string;
}

export interface Recording {
  readonly orgId: string;
  readonly id: string;
  readonly meetingId: string;
  readonly conversationId: string;
  readonly kind: RecordingKind;
  readonly state: RecordingState;
  readonly title: string;
  readonly startedBy: string;
  readonly startedByName: string;
  /** All times within the recording are milliseconds since this one. */
  readonly startedAt: Date;
  readonly stoppedAt: Date | null;
  readonly noticeHash: string;
  readonly policy: RecordingPolicy;
  readonly step: string | null;
  /** 0 to 1, of all steps together. */
  readonly progress: number;
  readonly failure: string | null;
  readonly bytes: number;
  /** Each time it was put together anew it is another one; 0: not yet. */
  readonly version: number;
  readonly deleteAt: Date | null;
}

export interface RecordingTrack {
  readonly orgId: string;
  readonly id: string;
  readonly recordingId: string;
  readonly personId: string;
  readonly personName: string;
  readonly participantId: string;
  readonly source: 'microphone' | 'camera' | 'screen' | 'screen-audio';
  readonly mimeType: string;
  readonly clockRate: number;
  readonly channels: number;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly node: string;
  /** removed: its owner withdrew; its packets are deleted. */
  readonly state: 'capturing' | 'closed' | 'sealed' | 'removed';
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

/** A closed piece of a track's log. */
export interface RecordingSegment {
  readonly trackId: string;
  readonly number: number;
  readonly blobKey: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface Pause {
  readonly pausedAt: Date;
  readonly resumedAt: Date | null;
}

export type ConsentWhat = 'asked' | 'informed' | 'yes' | 'no' | 'withdrawn' | 'withdrawn-all';

/** A row of the ledger of consent. */
export interface ConsentEntry {
  readonly recordingId: string;
  readonly number: number;
  readonly personId: string;
  readonly personName: string;
  readonly what: ConsentWhat;
  readonly noticeHash: string;
  readonly language: Language;
  readonly client: string;
  readonly at: Date;
}

/** A final line of captions, or what a person made of it. */
export interface TranscriptLine {
  readonly id: string;
  readonly personId: string;
  readonly speaker: string;
  /** Since the recording's start. */
  readonly beginMs: number;
  readonly endMs: number;
  /** BCP 47. */
  readonly language: string;
  readonly text: string;
  readonly engine: string;
  readonly editedBy: string | null;
}

/** Where the blobs of a recording are. Below it: tracks/<track>/<number>.log, v<version>/<file>, work/. */
export function blobPrefix(recording: Pick<Recording, 'orgId' | 'id'>): string {
  return `recordings/${recording.orgId}/${recording.id}`;
}
