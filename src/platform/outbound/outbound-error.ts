/** Why a request to the outside was not made, or has no answer. */

/**
 * BAD_URL: no http or https, a name and password in it, or a port that is not allowed.
 * PRIVATE_ADDRESS: none of the host's addresses is public, and OUTBOUND_ALLOW does not name it.
 * TIMEOUT, TOO_LARGE, TOO_MANY_REDIRECTS: a bound of the request was passed.
 * UNREACHABLE: no such host, nobody answers, TLS failed, the connection broke.
 */
export type OutboundErrorCode = 'BAD_URL' | 'PRIVATE_ADDRESS' | 'TIMEOUT' | 'TOO_LARGE' | 'TOO_MANY_REDIRECTS' | 'UNREACHABLE';

export class OutboundError extends Error {
  override readonly name = 'OutboundError';

  constructor(
    readonly code: OutboundErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
