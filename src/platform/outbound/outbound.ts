/**
 * HTTP to the outside, for addresses that people and apps wrote: pages behind links, webhooks, push
 * services. Whoever writes such an address must not make the server call what only the server can
 * reach (server-side request forgery), so the address is checked after its name was resolved, the
 * connection goes to exactly what was checked, and each redirect is checked anew. Time and size are
 * bounded in total.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type Config, listOf } from '../../config.js';
import type { Log } from '../log.js';
import { AllowList } from './allow-list.js';
import { exchange, isRedirect } from './exchange.js';
import { OutboundError } from './outbound-error.js';
import { type Resolve, resolveName } from './resolver.js';
import { findTarget, ownAddresses, type Target } from './target.js';

export interface OutboundRequest {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Of the answer's body. Default 1 MiB. */
  readonly maxBytes?: number;
  /** What happens to a longer one. Default: refuse. */
  readonly tooLarge?: 'refuse' | 'cut';
  /** For everything: names, redirects, the body. Default 10 s. */
  readonly timeoutMs?: number;
  /** So many are followed. Default 5 for GET and HEAD, otherwise 0; with 0 the redirect itself is the answer. */
  readonly redirects?: number;
  /** Gives the request up: TIMEOUT. */
  readonly signal?: AbortSignal;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** Where it came from in the end. */
  readonly url: string;
}

export interface OutboundHttp {
  /** Resolves for every status. @throws {OutboundError} */
  fetch(url: string, request?: OutboundRequest): Promise<OutboundAnswer>;
  /** Whether `fetch` would call it now; to refuse an address when it is entered. @throws {OutboundError} BAD_URL, PRIVATE_ADDRESS, UNREACHABLE, TIMEOUT */
  assertPublic(url: string): Promise<void>;
}

export interface OutboundDeps {
  readonly config: Pick<Config, 'OUTBOUND_ALLOW' | 'OUTBOUND_PORTS'>;
  readonly log: Log;
  readonly resolve?: Resolve;
  readonly ownAddresses?: () => readonly string[];
}

const defaultTimeoutMs = 10_000;
const defaultMaxBytes = 1_048_576;
const defaultRedirects = 5;
/** Sent to the first host alone (Fetch, section 4.4 "HTTP-redirect fetch"). */
const secretHeader = /^(authorization|cookie|proxy-authorization|x-.*(token|secret|signature|key).*)$/i;

export function createOutbound({ config, log, ...deps }: OutboundDeps): OutboundHttp {
  const targets = {
    allowed: new AllowList(listOf(config.OUTBOUND_ALLOW)),
    ports: new Set(listOf(config.OUTBOUND_PORTS).map(Number)),
    resolve: deps.resolve ?? resolveName,
    ownAddresses: deps.ownAddresses ?? ownAddresses,
  };
  const find = (url: string | URL, signal: AbortSignal) => abandonable(findTarget(targets, url), signal);

  const follow = async (url: string, request: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> => {
    let { method = 'GET', body, headers = {} } = request;
    method = method.toUpperCase();
    const redirects = request.redirects ?? (method === 'GET' || method === 'HEAD' ? defaultRedirects : 0);
    let target: Target = await find(url, signal);
    for (let hops = 0; ; hops += 1) {
      const answer = await exchange(target, {
        method,
        headers,
        body: typeof body === 'string' ? Buffer.from(body) : body,
        maxBytes: request.maxBytes ?? defaultMaxBytes,
        tooLarge: request.tooLarge ?? 'refuse',
        follows: redirects > 0,
        signal,
      });
      if (redirects === 0 || !isRedirect(answer.status, answer.headers)) return { ...answer, url: target.url.href };
      const { location } = answer.headers;
      if (hops >= redirects) throw new OutboundError('TOO_MANY_REDIRECTS', `There are more than ${redirects} redirects.`);
      if (!URL.canParse(location, target.url.href)) throw new OutboundError('BAD_URL', 'The host redirects to what is no URL.');
      const next = await find(new URL(location, target.url), signal);
      // RFC 9110 section 15.4: what was sent is not sent again after 303, nor, as everybody does, a POST after 301 and 302.
      if (answer.status === 303 ? method !== 'HEAD' : answer.status < 303 && method === 'POST') {
        method = 'GET';
        body = undefined;
      }
      if (next.url.origin !== target.url.origin)
        headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeader.test(name)));
      target = next;
    }
  };

  const bounded = async <Result>(timeoutMs: number, given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<Result>) => {
    const stop = new AbortController();
    const giveUp = () => stop.abort(new OutboundError('TIMEOUT', 'The request was given up.'));
    const timer = setTimeout(
      () => stop.abort(new OutboundError('TIMEOUT', `There was no whole answer within ${timeoutMs} ms.`)),
      timeoutMs,
    );
    given?.addEventListener('abort', giveUp, { once: true });
    if (given?.aborted) giveUp();
    try {
      return await work(stop.signal);
    } finally {
      clearTimeout(timer);
      given?.removeEventListener('abort', giveUp);
    }
  };

  return {
    fetch: async (url, request = {}) => {
      try {
        return await bounded(request.timeoutMs ?? defaultTimeoutMs, request.signal, (signal) => follow(url, request, signal));
      } catch (error) {
        // The host alone: the rest of such an address is often a secret.
        const host = URL.canParse(url) ? new URL(url).host : '';
        log.debug({ host, code: error instanceof OutboundError ? error.code : 'fault' }, 'outbound: no answer');
        throw error;
      }
    },
    assertPublic: async (url) => {
      await bounded(defaultTimeoutMs, undefined, (signal) => find(url, signal));
    },
  };
}

/** What can't be stopped is at least not waited for. */
async function abandonable<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let given: (() => void) | undefined;
  const over = new Promise<never>((_, reject) => {
    given = () => reject(signal.reason);
    signal.addEventListener('abort', given, { once: true });
    if (signal.aborted) given();
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    if (given) signal.removeEventListener('abort', given);
  }
}
