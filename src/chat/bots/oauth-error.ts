/** A refusal in OAuth's own words (RFC 6749 section 5.2): clients of that protocol branch on these. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable'
  | 'server_error';

export class OAuthError extends Error {
  override readonly name = 'OAuthError';

  constructor(
    readonly code: OAuthErrorCode,
    /** ASCII, for developers. */
    message: string,
    readonly status: number = code === 'invalid_client' ? 401 : 400,
  ) {
    super(message);
  }
}
