/** The address of a peer, written one way whatever the socket library and the proxy make of it. */
import { isIPv6 } from 'node:net';

/**
 * The peer's address. Behind a proxy that is trusted it is the last entry of X-Forwarded-For:
 * the one that the proxy itself wrote; those before it are the client's claims.
 */
export function peerAddress(direct: string, forwardedFor: string | undefined, trustProxy: boolean): string {
  const forwarded = trustProxy ? forwardedFor?.split(',').at(-1)?.trim() : undefined;
  return normalAddress(forwarded ? forwarded : direct);
}

/** What counts as one place for limits: the IPv4 address, or the /64 of IPv6, which is what one customer gets. */
export function addressPlace(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const last = tail.split(':').filter((group) => group !== '');
  const all = address.includes('::')
    ? [...groups, ...Array<string>(Math.max(0, 8 - groups.length - last.length)).fill('0'), ...last]
    : groups;
  return `${all.slice(0, 4).join(':')}::/64`;
}

function normalAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const [withoutZone = ''] = address.split('%');
  // The URL parser writes IPv6 in its shortest form (RFC 5952).
  const short = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
