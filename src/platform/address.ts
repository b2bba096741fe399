/** Addresses of peers, written one way whatever a library and the system make of them. */
import { isIPv6 } from 'node:net';

/** IPv6 in its shortest form (RFC 5952), without zone; IPv4 in IPv6 as IPv4. Anything else as it is. */
export function normalAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const [withoutZone = ''] = address.split('%');
  // The URL parser writes IPv6 in its shortest form.
  const short = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** What counts as one place for limits: the IPv4 address, or the /64 of IPv6, which is what one customer gets (RFC 6177 section 2). */
export function addressPlace(given: string): string {
  const address = normalAddress(given);
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const last = tail.split(':').filter((group) => group !== '');
  const all = address.includes('::')
    ? [...groups, ...Array<string>(Math.max(0, 8 - groups.length - last.length)).fill('0'), ...last]
    : groups;
  return `${all.slice(0, 4).join(':')}::/64`;
}
