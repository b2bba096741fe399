import { catalogue, type ErrorCode } from '../errors.js';

/** The code of a close for which the catalogue has none of its own: the goodbye frame says more. */
const otherReason = 4000;

/** The WebSocket close code (RFC 6455 section 7.4.2) of an error that ends a socket. */
export function closeCode(code: ErrorCode): number {
  return catalogue[code].close ?? otherReason;
}
