/**
 * Who may open a socket: pages of this server and programs, on the right path, and only so many
 * that have not said who they are.
 */
import type { Config } from '../../config.js';
import { addressPlace } from '../address.js';
import { CausewayError, type ErrorCode } from '../errors.js';
import type { Handshake } from './socket-server.js';

const paths: ReadonlySet<string> = new Set(['/', '/socket']);

export class Admission {
  readonly #config: Config;
  readonly #origins: ReadonlySet<string>;
  readonly #waitingByPlace = new Map<string, number>();
  #waiting = 0;

  constructor(config: Config) {
    this.#config = config;
    const allowed = config.ALLOWED_ORIGINS.split(',').map((origin) => origin.trim());
    if (config.PUBLIC_URL) allowed.push(config.PUBLIC_URL);
    this.#origins = new Set(allowed.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).origin));
  }

  /** Sockets that have not been welcomed. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Null: come in. */
  refusal(handshake: Handshake): ErrorCode | null {
    if (!paths.has(handshake.path)) return 'ROUTE_NOT_FOUND';
    if (!this.#knowsOrigin(handshake)) return 'REQUEST_ORIGIN';
    const fromThere = this.#waitingByPlace.get(addressPlace(handshake.address)) ?? 0;
    if (this.#waiting >= this.#config.SOCKET_UNAUTHENTICATED || fromThere >= this.#config.SOCKET_PER_ADDRESS) return 'REQUEST_RATE';
    return null;
  }

  /** A socket opened. The function that is returned says that it was welcomed, or closed; more calls do nothing. */
  enter(address: string): () => void {
    const place = addressPlace(address);
    this.#waiting += 1;
    this.#waitingByPlace.set(place, (this.#waitingByPlace.get(place) ?? 0) + 1);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#waiting -= 1;
      const left = (this.#waitingByPlace.get(place) ?? 1) - 1;
      if (left > 0) this.#waitingByPlace.set(place, left);
      else this.#waitingByPlace.delete(place);
    };
  }

  /** Browsers always send Origin with a WebSocket (RFC 6455 section 4.1), programs need not. */
  #knowsOrigin({ origin, host }: Handshake): boolean {
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    const { origin: normal, hostname } = new URL(origin);
    if (this.#origins.has(normal)) return true;
    // The page and the gateway have different ports on the same host.
    return host !== undefined && URL.canParse(`http://${host}`) && new URL(`http://${host}`).hostname === hostname;
  }
}

/** The sentence that goes with a refused handshake. */
export function refusalText(code: ErrorCode): string {
  return `${code}: ${new CausewayError(code).say('en')}`;
}
