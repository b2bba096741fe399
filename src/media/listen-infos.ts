/**
 * The addresses that a media worker listens on and tells to browsers.
 *
 * mediasoup offers exactly the addresses that it is bound to, so "all interfaces" becomes one
 * socket for each address of the machine, all on the same port: browsers on this machine, on
 * the office network and outside each find one that they reach.
 */
import { isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import type { types as mediasoup } from 'mediasoup';

export interface ListenOptions {
  /** An address of the machine, `0.0.0.0` for all of IPv4, or `::` for all. */
  readonly listenIp: string;
  /** Addresses outside, where the machine is behind a translation of addresses: one for IPv4, one for IPv6 at most. */
  readonly announcedAddress: readonly string[] | undefined;
  readonly port: number;
}

/** Candidates cost every page time to try; a machine with more addresses than this should name one. */
const addressLimit = 8;
/** Bursts of key frames overflow the usual 208 KiB. The kernel cuts it to net.core.rmem_max. */
const bufferBytes = 4 * 1024 * 1024;

export function listenInfos(options: ListenOptions, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): mediasoup.TransportListenInfo[] {
  const ips = listenIps(options.listenIp, interfaces);
  const announcing = new Map<string, string>();
  for (const address of options.announcedAddress ?? []) {
    if (ips.includes(address)) continue;
    // A packet finds its transport whichever socket of its kind it arrives on, so the address outside is told once.
    const kin = ips.filter((ip) => isIPv6(ip) === isIPv6(address));
    const ip = kin.find((one) => !isLoopback(one)) ?? kin[0];
    if (ip !== undefined) announcing.set(ip, address);
  }
  return ips.flatMap((ip) => {
    const announcedAddress = announcing.get(ip);
    const shared = {
      ip,
      port: options.port,
      ...(announcedAddress !== undefined && { announcedAddress, exposeInternalIp: true }),
      ...(isIPv6(ip) && { flags: { ipv6Only: true } }),
    };
    return [
      { ...shared, protocol: 'udp' as const, sendBufferSize: bufferBytes, recvBufferSize: bufferBytes },
      { ...shared, protocol: 'tcp' as const },
    ];
  });
}

function listenIps(listenIp: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  if (listenIp !== '0.0.0.0' && listenIp !== '::') return [listenIp];
  const found = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => address.family === 'IPv4' || (listenIp === '::' && isRoutable(address)))
    .map((address) => address.address);
  const outside = [...new Set(found)].filter((ip) => !isLoopback(ip)).sort((a, b) => Number(isIPv6(a)) - Number(isIPv6(b)));
  // The office network before the loopback: the order decides which one a page tries first.
  return [...outside.slice(0, addressLimit - 1), '127.0.0.1'];
}

/** Link-local addresses (RFC 4291 section 2.5.6) need a zone, which a candidate can't carry. */
function isRoutable(address: NetworkInterfaceInfo): boolean {
  return !address.internal && !/^fe[89ab]/i.test(address.address);
}

function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1';
}
