/**
 * The addresses that a media worker listens on and tells to browsers.
 *
 * mediasoup offers exactly the addresses that it is bound to, so "all interfaces" becomes one
 * socket for each address of the machine, all on the same port: browsers on this machine, on
 * the office network and outside each find one that they reach.
 */
import type { NetworkInterfaceInfo } from 'node:os';
import type { types as mediasoup } from 'mediasoup';

export interface ListenOptions {
  /** An address of the machine, `0.0.0.0` for all of IPv4, or `::` for all. */
  readonly listenIp: string;
  /** Address outside, where the machine is behind a translation of addresses. */
  readonly announcedAddress: string | undefined;
  readonly port: number;
}

/** Candidates cost every page time to try; a machine with more addresses than this should name one. */
const addressLimit = 8;
/** Bursts of key frames overflow the usual 208 KiB. The kernel cuts it to net.core.rmem_max. */
const bufferBytes = 4 * 1024 * 1024;

export function listenInfos(options: ListenOptions, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): mediasoup.TransportListenInfo[] {
  const ips = listenIps(options.listenIp, interfaces);
  // A packet finds its transport whichever socket it arrives on, so the address outside is told once.
  const announcing =
    options.announcedAddress === undefined || ips.includes(options.announcedAddress)
      ? undefined
      : (ips.find((ip) => !isLoopback(ip)) ?? ips[0]);
  return ips.flatMap((ip) => {
    const shared = {
      ip,
      port: options.port,
      ...(options.announcedAddress !== undefined &&
        ip === announcing && { announcedAddress: options.announcedAddress, exposeInternalIp: true }),
      ...(ip.includes(':') && { flags: { ipv6Only: true } }),
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
  const outside = [...new Set(found)].filter((ip) => !isLoopback(ip)).sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
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
