/** From a URL to the addresses that may be connected to, or a refusal. */
import { networkInterfaces } from 'node:os';
import type { AllowList } from './allow-list.js';
import { OutboundError } from './outbound-error.js';
import { type Address, isPublic, parseAddress } from './public-address.js';
import type { Resolve } from './resolver.js';

export interface TargetDeps {
  readonly allowed: AllowList;
  readonly ports: ReadonlySet<number>;
  readonly resolve: Resolve;
  /** Addresses of this machine; behind them are our own ports. */
  readonly ownAddresses: () => readonly string[];
}

export interface Target {
  readonly url: URL;
  /** Checked. The connection goes to one of these and nowhere else. */
  readonly addresses: readonly string[];
}

const longestUrl = 8_192;

/** @throws {OutboundError} BAD_URL, PRIVATE_ADDRESS, UNREACHABLE */
export async function findTarget(deps: TargetDeps, address: string | URL): Promise<Target> {
  const url = readUrl(address);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = portOf(url);
  const anywhere = deps.allowed.hasPlace(url.hostname, port);
  // The URL parser has turned every spelling of IPv4 (0x7f.1, 017700000001, 2130706433) into four decimal parts.
  const literal = parseAddress(host);
  const found = literal ? [host] : await resolve(deps, host);
  const own = new Set(deps.ownAddresses().map(canonical));
  const admitted = found.filter((text) => {
    const parsed = parseAddress(text);
    if (!parsed) return false;
    if (anywhere || deps.allowed.hasAddress(parsed)) return true;
    return isPublic(parsed) && !own.has(parsed.toString()) && deps.ports.has(port);
  });
  if (admitted.length > 0) return { url, addresses: admitted };
  if (found.some((text) => isOutside(text, own)))
    throw new OutboundError('BAD_URL', `Port ${port} is not one of those that may be called: ${[...deps.ports].join(', ')}.`);
  throw new OutboundError('PRIVATE_ADDRESS', `${url.hostname} is not on the public Internet.`);
}

/** Without answers for "no such name" and "no such port", a caller learns less of what is inside. */
function isOutside(text: string, own: ReadonlySet<string>): boolean {
  const parsed = parseAddress(text);
  return parsed !== null && isPublic(parsed) && !own.has(parsed.toString());
}

export function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);
}

function readUrl(address: string | URL): URL {
  const text = String(address);
  if (text.length > longestUrl || !URL.canParse(text)) throw new OutboundError('BAD_URL', 'This is not a URL.');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new OutboundError('BAD_URL', 'The URL must begin with http or https.');
  if (url.username !== '' || url.password !== '') throw new OutboundError('BAD_URL', 'The URL must not hold a name or a password.');
  url.hash = '';
  return url;
}

async function resolve(deps: TargetDeps, host: string): Promise<readonly string[]> {
  try {
    const found = await deps.resolve(host);
    if (found.length > 0) return found;
  } catch (error) {
    throw new OutboundError('UNREACHABLE', `${host} has no address.`, { cause: error });
  }
  throw new OutboundError('UNREACHABLE', `${host} has no address.`);
}

function canonical(text: string): string {
  const parsed: Address | null = parseAddress(text);
  return parsed ? parsed.toString() : text;
}
