/** What an address is good for. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Config, listOf } from '../config.js';

/** Addresses that nobody outside reaches: RFC 1918, 3927, 4193, 4291, 6598, and loopback. */
const inside = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  inside.addSubnet(network, bits, 'ipv4');
inside.addAddress('::1', 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');
inside.addSubnet('fe80::', 10, 'ipv6');

export function isPublic(address: string): boolean {
  return !inside.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** All addresses of a name; an address is its own. @throws Error when there are none. */
export async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Of this machine, without loopback and what needs a zone. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
    .map(({ address }) => address);
}

/** Addresses of the host of a URL; none when it can't be looked up, which is not for this row to tell. */
export async function addressesOfUrl(url: string): Promise<string[]> {
  const { hostname } = new URL(url);
  return addressesOf(hostname.replace(/^\[|\]$/g, '')).catch(() => []);
}

/** Where browsers are told to send media, as far as others than this machine are meant. */
export async function mediaAddresses(config: Pick<Config, 'MEDIA_ANNOUNCED_ADDRESS' | 'MEDIA_LISTEN_IP'>): Promise<string[]> {
  const { MEDIA_ANNOUNCED_ADDRESS: announced, MEDIA_LISTEN_IP: listenIp } = config;
  if (announced !== undefined) return (await Promise.all(listOf(announced).map(addressesOf))).flat();
  if (listenIp !== '0.0.0.0' && listenIp !== '::') return [listenIp];
  return ownAddresses().filter((address) => listenIp === '::' || !isIPv6(address));
}
