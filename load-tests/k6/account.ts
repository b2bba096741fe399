/** Signing in over HTTP, and a new token before the old one ends. */
import { check } from 'k6';
import http from 'k6/http';
import { now } from './clock.js';
import { signInMs } from './metrics.js';
import type { Somebody } from './stage-file.js';

interface Grant {
  readonly accessToken: string;
  readonly expiresInMs: number;
  readonly refreshToken?: string;
}

export class Account {
  readonly #url: string;
  #grant: Grant;
  #renewAt: number;

  private constructor(url: string, grant: Grant) {
    this.#url = url;
    this.#grant = grant;
    this.#renewAt = renewalOf(grant);
  }

  static async signIn(url: string, somebody: Somebody): Promise<Account> {
    if ('accessToken' in somebody) return new Account(url, { accessToken: somebody.accessToken, expiresInMs: Number.POSITIVE_INFINITY });
    const begin = now();
    const grant = await post(`${url}/api/auth/sign-in`, { ...somebody, keep: 'body' }, 'sign-in');
    signInMs.add(now() - begin);
    return new Account(url, grant);
  }

  get accessToken(): string {
    return this.#grant.accessToken;
  }

  /** Gives a new token where it is time for one. */
  async renewed(): Promise<string | null> {
    const { refreshToken } = this.#grant;
    if (refreshToken === undefined || now() < this.#renewAt) return null;
    this.#grant = await post(`${this.#url}/api/auth/refresh`, { refreshToken }, 'refresh');
    this.#renewAt = renewalOf(this.#grant);
    return this.#grant.accessToken;
  }
}

function renewalOf({ expiresInMs }: Grant): number {
  return now() + expiresInMs / 2;
}

async function post(url: string, body: object, name: string): Promise<Grant> {
  const response = await http.asyncRequest('POST', url, JSON.stringify(body), {
    headers: { 'content-type': 'application/json' },
    tags: { name },
  });
  if (!check(response, { [`${name} is answered`]: ({ status }) => status === 200 }))
    throw new Error(`${name} was answered ${response.status}: ${String(response.body)}`);
  return JSON.parse(String(response.body)) as Grant;
}
