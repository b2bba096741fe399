/** The product under test: the built server, an owner, a meeting, and guests with their tokens. */
import { Api, type SignedIn } from '../../tests/support/api.js';
import { type ServerProcess, startServerProcess } from '../lib/server-process.js';
import type { Way } from './crowd-calls.js';

export interface ProductOptions {
  readonly workers: number;
  readonly kind: 'meeting' | 'webinar';
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** How long the main thread let others wait since this was last read, milliseconds. */
export interface LoopDelay {
  readonly p99: number;
  readonly max: number;
}

/** Node measures by a timer of 10 ms, and counts those as well. */
const timerMs = 10;

/** Guests are signed in beforehand, so many at a time: what is measured is joining. */
const signInsAtOnce = 8;

export class Product {
  readonly server: ServerProcess;
  readonly api: Api;
  readonly link: string;
  readonly meetingId: string;
  readonly #owner: SignedIn;
  readonly #code: string;
  readonly #gatewayUrl: string;

  private constructor(
    server: ServerProcess,
    api: Api,
    owner: SignedIn,
    meeting: { id: string; code: string; link: string },
    gatewayUrl: string,
  ) {
    this.server = server;
    this.api = api;
    this.link = meeting.link;
    this.meetingId = meeting.id;
    this.#owner = owner;
    this.#code = meeting.code;
    this.#gatewayUrl = gatewayUrl;
  }

  static async start({ workers, kind, settings }: ProductOptions): Promise<Product> {
    const server = await startServerProcess({
      MEDIA_WORKERS: workers,
      // All people of a benchmark come from one address, and stay longer than a token lives.
      GUESTS_PER_MINUTE: 100_000,
      HTTP_REQUESTS_PER_MINUTE: 1_000_000,
      SOCKET_PER_ADDRESS: 100_000,
      ACCESS_TOKEN_MS: 3_600_000,
      MEETING_PARTICIPANTS: 10_000,
      ...settings,
    });
    try {
      const api = new Api(() => server);
      const owner = await api.setUpOwner();
      const meeting = await api.createMeeting(owner, { lobby: 'off', ...(kind === 'webinar' && { kind }) });
      return new Product(server, api, owner, meeting, await api.gatewayUrl());
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** The owner, who is host. */
  get host(): Way {
    return this.#way(this.#owner.accessToken);
  }

  async guests(names: readonly string[]): Promise<Way[]> {
    const ways: Way[] = [];
    for (let at = 0; at < names.length; at += signInsAtOnce) {
      const group = names.slice(at, at + signInsAtOnce);
      ways.push(...(await Promise.all(group.map(async (name) => this.#way((await this.api.guest(this.#code, name)).accessToken)))));
    }
    return ways;
  }

  /** One figure of GET /metrics, all labels added up; undefined: there is none of that name. */
  async metric(name: string): Promise<number | undefined> {
    return (await this.#metrics()).get(name);
  }

  /** Reading begins a new measurement (prom-client resets its histogram). */
  async loopDelay(): Promise<LoopDelay> {
    const metrics = await this.#metrics();
    const read = (suffix: string): number =>
      Math.max(0, (metrics.get(`nodejs_eventloop_lag_${suffix}_seconds`) ?? Number.NaN) * 1_000 - timerMs);
    return { p99: read('p99'), max: read('max') };
  }

  close(): Promise<void> {
    return this.server.close();
  }

  #way(accessToken: string): Way {
    return { to: 'product', gatewayUrl: this.#gatewayUrl, accessToken, meetingId: this.meetingId };
  }

  async #metrics(): Promise<Map<string, number>> {
    const text = await (await fetch(`${this.server.url}/metrics`)).text();
    const figures = new Map<string, number>();
    for (const [, name = '', value = ''] of text.matchAll(/^([a-z_0-9]+)(?:\{[^}]*\})? (\S+)$/gm))
      figures.set(name, (figures.get(name) ?? 0) + Number(value));
    return figures;
  }
}
