/** What an operator lets the server reach although it is not public: `10.1.0.0/16, wiki.internal:8443, [fd00::5]:80`. */
import ipaddr from 'ipaddr.js';
import { ConfigError } from '../../config.js';
import { type Address, parseAddress } from './public-address.js';

export class AllowList {
  readonly #networks: [Address, number][] = [];
  /** `host:port`, as URLs write the host. */
  readonly #places = new Set<string>();

  /** @throws {ConfigError} with a sentence for an item that is none */
  constructor(items: readonly string[]) {
    for (const item of items) {
      const network = networkOf(item);
      const place = placeOf(item);
      if (network) this.#networks.push(network);
      else if (place) this.#places.add(place);
      else
        throw new ConfigError(
          `CAUSEWAY_OUTBOUND_ALLOW: "${item}" is neither a network (10.1.0.0/16) nor a host and port (wiki.internal:8443).`,
        );
    }
  }

  /** This host on this port, wherever it leads. `host` as the URL writes it. */
  hasPlace(host: string, port: number): boolean {
    return this.#places.has(`${host}:${port}`);
  }

  hasAddress(address: Address): boolean {
    return this.#networks.some(([network, bits]) => network.kind() === address.kind() && address.match([network, bits]));
  }
}

function networkOf(item: string): [Address, number] | null {
  if (ipaddr.isValidCIDR(item)) return ipaddr.parseCIDR(item);
  const address = parseAddress(item);
  return address && [address, address.toByteArray().length * 8];
}

function placeOf(item: string): string | null {
  if (!/:\d{1,5}$/.test(item) || !URL.canParse(`http://${item}`)) return null;
  const { hostname, pathname, search, hash, username } = new URL(`http://${item}`);
  const port = Number(item.slice(item.lastIndexOf(':') + 1));
  if (hostname === '' || username !== '' || pathname !== '/' || search !== '' || hash !== '' || port < 1 || port > 65_535) return null;
  return `${hostname}:${port}`;
}
