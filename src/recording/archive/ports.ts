/** What the archive needs of the rest of the house. */
import type { FastifyRequest } from 'fastify';
import type { Query } from '../../platform/database/index.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingFiles, RecordingRows } from '../ports.js';
import type { Recording } from '../recording.js';

/** argon2id, as accounts keep theirs. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long when there is none. */
  check(stored: string | null, password: string): Promise<boolean>;
}

/** Conversations that somebody is in. */
export type ConversationsOf = (
  principal: Pick<Principal, 'orgId' | 'personId'>,
) => Promise<readonly { readonly id: string; readonly title: string }[]>;

export interface FfmpegRunner {
  run(
    args: readonly string[],
    options: { readonly signal: AbortSignal; readonly cwd: string; readonly onTime: (ms: number) => void },
  ): Promise<void>;
}

/** The archive changes what a recording is made of. */
export interface ArchivedRows extends RecordingRows, RecordingFiles {
  /** Has it put together once more, when the transaction commits. */
  again(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, reason: 'edit'): Promise<unknown>;
}

/** Storage gets scarce. */
export interface Scarce {
  /** Per cent that is reached: 80, 95, or 100. */
  readonly percent: number;
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

export type Warn = (orgId: string, scarce: Scarce) => Promise<void>;

/** How links are made and cookies set. */
export interface PageShared {
  readonly pageUrl: (request: FastifyRequest) => string;
  readonly secureCookies: boolean;
}
