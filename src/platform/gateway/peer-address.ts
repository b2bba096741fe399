import { normalAddress } from '../address.js';

/**
 * The peer's address. Behind a proxy that is trusted it is the last entry of X-Forwarded-For:
 * the one that the proxy itself wrote; those before it are the client's claims.
 */
export function peerAddress(direct: string, forwardedFor: string | undefined, trustProxy: boolean): string {
  const forwarded = trustProxy ? forwardedFor?.split(',').at(-1)?.trim() : undefined;
  return normalAddress(forwarded ? forwarded : direct);
}
