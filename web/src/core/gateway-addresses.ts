/**
 * Where the gateways of the installation are, and which one is tried next. Any of them serves any
 * meeting, so the page goes to another one as soon as one can't be reached.
 */

/** What /api/server says of them. */
export interface GatewayFace {
  readonly gatewayUrl: string;
  /** The server's own first; absent where it runs alone. */
  readonly gatewayUrls?: readonly string[] | undefined;
}

/** The addresses as this page reaches them: `{host}` stands for the host of the page. */
export function gatewayUrlsOf({ gatewayUrl, gatewayUrls = [] }: GatewayFace, host: string): string[] {
  const urls = gatewayUrls.length > 0 ? gatewayUrls : [gatewayUrl];
  return urls.map((url) => url.replace('{host}', host));
}

export class GatewayAddresses {
  readonly #urls: readonly string[];
  #at = 0;
  /** Failures one after the other. */
  #failed = 0;

  /** The first one is tried first; the others in an order of this page's own, so that those of a lost server spread. */
  constructor([first = '', ...others]: readonly string[], random: () => number = Math.random) {
    const shuffled = others.map((url) => ({ url, at: random() })).sort((a, b) => a.at - b.at);
    this.#urls = [first, ...new Set(shuffled.map(({ url }) => url).filter((url) => url !== first))];
  }

  get current(): string {
    return this.#urls[this.#at] ?? '';
  }

  /** There is another one that was not tried since the last success. */
  get hasFresh(): boolean {
    return this.#failed < this.#urls.length - 1;
  }

  /** It can't be reached, or asked to go elsewhere. True: the next one has not been tried yet, go at once. */
  failed(): boolean {
    const isFresh = this.hasFresh;
    this.#failed += 1;
    this.#at = (this.#at + 1) % this.#urls.length;
    return isFresh;
  }

  /** A gateway has said welcome: it is the one to come back to. */
  succeeded(): void {
    this.#failed = 0;
  }
}
