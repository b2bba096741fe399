/** Captions as the rest of the server sees them. */
import type { EventEmitter } from 'node:events';
import type { Query } from '../../platform/database/index.js';
import type { HttpApp } from '../../platform/http/index.js';
import type { Step, TapReceiver, TapStream } from '../ports.js';
import type { Recording, RecordingTrack } from '../recording.js';
import type { CaptionLanguages } from './schema.js';

/** A line of one speaker. Lines of one id replace each other; the final one comes again when it was translated. */
export interface MeetingLine {
  readonly id: string;
  readonly orgId: string;
  readonly meetingId: string;
  /** Empty: it is not kept. */
  readonly recordingId: string;
  readonly participantId: string;
  readonly personId: string;
  readonly name: string;
  readonly text: string;
  readonly final: boolean;
  /** BCP 47 of the text: what the engine found where the speaker's is `auto`. */
  readonly language: string;
  /** Since 1970. */
  readonly beginMs: number;
  readonly endMs: number;
  /** The first so many UTF-16 units stay as they are until the final line. */
  readonly stable: number;
  /** By language of the reader; of final lines only. */
  readonly translations: Readonly<Record<string, string>>;
}

export interface CaptionsEvents {
  line: [line: MeetingLine];
  /** Engines can't keep up: lines of the meeting are late or left out, and those of a recording come after it. */
  behind: [of: { readonly meetingId: string; readonly behind: boolean }];
}

export interface CaptionStream extends TapStream {
  readonly kind: 'audio' | 'video';
}

export interface CaptionSink {
  begin(stream: CaptionStream): Promise<TapReceiver>;
  onRestarted(listener: () => void): void;
}

/** Sound that was captured, read again after the meeting; src/recording/compose has it. */
export interface TrackAudio {
  /** Opus packets in their order; `atMs` since the recording's start. What is missing is not there. */
  frames(
    recording: Recording,
    track: RecordingTrack,
    signal: AbortSignal,
  ): AsyncIterable<{ readonly atMs: number; readonly opus: Uint8Array }>;
}

export interface Captions {
  /**
   * For the taps with purpose `captions`. Context: recordingId ('': nothing is kept), orgId, meetingId,
   * personId, personName, participantId, language ('': as the organisation has set).
   */
  readonly sink: CaptionSink;
  readonly events: Pick<EventEmitter<CaptionsEvents>, 'on' | 'off' | 'once'>;
  /** What can be spoken on this server now. */
  languages(): CaptionLanguages;
  /** The language of somebody who set none, in this organisation; null: no captions are possible. */
  languageOf(orgId: string): Promise<string | null>;
  /** Writes what live captions did not. */
  readonly transcribe: Step;
  /**
   * What somebody chose while a recording is on: `optOut`: nothing that he says is written down, neither live
   * nor afterwards. The last choice counts; what was said before somebody wanted it again stays unwritten. Empty language: as the organisation has set.
   */
  choose(recording: Pick<Recording, 'orgId' | 'id'>, personId: string, choice: { optOut: boolean; language: string }): Promise<void>;
  /** Deletes the lines of a person who took them back, for good: none of before he agreed again is written afterwards either. */
  removePerson(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, personId: string): Promise<void>;
  routes(app: HttpApp): void;
  /** Lets lines that are being made end for a moment. Idempotent. */
  close(): Promise<void>;
}
