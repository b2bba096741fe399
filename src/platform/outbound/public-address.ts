/** Which addresses are the Internet's, and none of somebody's own network. */
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** All that was ever given out for the public is in here (RFC 4291 section 2.4, IANA's registry). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** RFC 6052 section 2.1. The prefixes of a local NAT64 (RFC 8215) lead into a network of its owner. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
/** Azure's own services answer here on every machine that it hosts, though the address is a public one. */
const cloudServices = ipaddr.IPv4.parse('168.63.129.16');

/** IPv4 in IPv6 (`::ffff:10.0.0.1`) as IPv4. Null: no address. Only the spellings that a resolver gives. */
export function parseAddress(text: string): Address | null {
  const [withoutZone = ''] = text.split('%');
  return ipaddr.IPv4.isValidFourPartDecimal(withoutZone) || ipaddr.IPv6.isValid(withoutZone) ? ipaddr.process(withoutZone) : null;
}

/**
 * Everything that the registries of special addresses name is refused (RFC 6890: private, loopback,
 * link-local, shared, documentation, multicast ...), also inside the forms of IPv6 that carry an IPv4 address.
 */
export function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast' && address.toString() !== cloudServices.toString();
  const range = address.range();
  if (range === '6to4') return isPublic(embedded(address, 2));
  if (range === 'rfc6052') return address.match(nat64) && isPublic(embedded(address, 12));
  return range === 'unicast' && address.match(globalUnicast);
}

function embedded(address: ipaddr.IPv6, at: number): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(at, at + 4));
}
