/** What a call was refused with. Pages branch on `code`; `message` is a sentence for the person, in the page's language. */
import type { ErrorCode } from '@server/platform/errors';

/** Codes that the page itself makes; all others are the server's catalogue. */
export type LocalErrorCode = 'NETWORK' | 'ANSWER_UNREADABLE';

export interface ApiErrorDetails {
  readonly code: string;
  readonly message: string;
  /** Which part of the input is wrong. */
  readonly field?: string | undefined;
  /** The same call may succeed later, unchanged. */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly field: string | undefined;
  readonly retryable: boolean;

  constructor({ code, message, field, retryable = false, cause }: ApiErrorDetails) {
    super(message, { cause });
    this.code = code;
    this.field = field;
    this.retryable = retryable;
  }
}

/** Whether something was thrown with one of these codes. */
export function hasCode(thrown: unknown, ...codes: readonly (ErrorCode | LocalErrorCode)[]): thrown is ApiError {
  return thrown instanceof ApiError && codes.some((code) => code === thrown.code);
}
