/** What a call over the socket was refused with. The page branches on `code` only. */
import type { causeway } from '#proto';

/** Codes that the page makes when a call gets no answer. Besides these it makes PAGE_FAULT and BROWSER_UNSUPPORTED; all others are the server's catalogue. */
export type LocalCode = 'SOCKET_LOST' | 'SOCKET_CLOSED' | 'CALL_TIMEOUT';

export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    readonly code: string,
    message: string,
    /** The same call may succeed later, unchanged. */
    readonly retryable: boolean,
    /** Which part of the input is wrong, when that is known. */
    readonly field: string | null = null,
  ) {
    super(message);
  }

  static from(error: causeway.Error.$Properties): RpcError {
    return new RpcError(error.code || 'SERVER_FAULT', error.message ?? '', error.retryable ?? false, error.field || null);
  }

  static local(code: LocalCode): RpcError {
    return new RpcError(code, code, code !== 'SOCKET_CLOSED');
  }
}

export function toRpcError(thrown: unknown): RpcError {
  if (thrown instanceof RpcError) return thrown;
  return new RpcError('PAGE_FAULT', thrown instanceof Error ? thrown.message : String(thrown), false);
}
