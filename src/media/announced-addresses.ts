/**
 * The addresses outside that browsers are told, from the setting: addresses and host names.
 *
 * Names are looked up here, once at the start, and told as addresses: Firefox ignores a candidate
 * that is a name.
 */
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { listOf } from '../config.js';

/** One for each kind of address, IPv4 first. @throws Error with a sentence for the operator. */
export async function announcedAddresses(setting: string | undefined): Promise<readonly string[] | undefined> {
  if (setting === undefined) return undefined;
  const found = (await Promise.all(listOf(setting).map(addressesOf))).flat();
  const first = (v6: boolean) => found.filter((address) => isIPv6(address) === v6).slice(0, 1);
  return [...first(false), ...first(true)];
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${host} has no address (${reason}). Correct CAUSEWAY_MEDIA_ANNOUNCED_ADDRESS.`, { cause: error });
  }
}
