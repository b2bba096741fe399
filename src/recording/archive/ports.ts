/** What the archive needs of the rest of the house. */
import type { FastifyRequest } from 'fastify';
import type { Query } from '../../platform/database/index.js';
import type { Language } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingFiles, RecordingRows } from '../ports.js';
import type { Recording } from '../recording.js';
import type { NewsKind } from '../schema.js';

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

/** Ways to people that chat has: their devices, their pages, their conversations. */
export interface ToldOutside {
  /** How somebody wants to be told just now. */
  wishes(
    orgId: string,
    personId: string,
  ): Promise<{
    readonly email: boolean;
    /** Of e-mails; null: not known. */
    readonly language: Language | null;
    /** Whether names and titles may stand in what leaves the server. */
    readonly named: boolean;
    /** Milliseconds since 1970; null: he may be told now. */
    readonly silentUntil: number | null;
  }>;
  /** To his devices, unless he uses one just now. */
  push(push: { readonly orgId: string; readonly personId: string; readonly newsId: string; readonly kind: NewsKind }): Promise<void>;
  /** What these people are told of has changed: their pages look again. */
  changed(personIds: readonly string[]): void;
  /** That a recording was shared with all of a conversation. The same client id again changes nothing. @throws CHAT_NOT_FOUND, CHAT_ARCHIVED, CHAT_FORBIDDEN */
  line(line: {
    readonly orgId: string;
    readonly conversationId: string;
    readonly by: Pick<Principal, 'personId' | 'name'>;
    readonly recordingId: string;
    readonly kind: Recording['kind'];
    readonly clientId: string;
  }): Promise<void>;
  membersOf(orgId: string, conversationId: string): Promise<readonly string[]>;
}
