/** One request and its answer over a connection of its own, to addresses that were checked. */
import http, { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { OutboundError } from './outbound-error.js';
import type { Target } from './target.js';

export interface Exchange {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly maxBytes: number;
  /** Whether an answer that is longer is refused, or cut there. */
  readonly tooLarge: 'refuse' | 'cut';
  /** A redirect is followed: what it says is not read. */
  readonly follows: boolean;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** What the request itself needs to say, so a caller must not. */
const ours: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade', 'te']);

/** @throws {OutboundError} TOO_LARGE, UNREACHABLE, and what `signal` was aborted with */
export async function exchange(target: Target, { method, headers, body, signal, ...bounds }: Exchange): Promise<Answer> {
  const sent: OutgoingHttpHeaders = { 'user-agent': 'Causeway', accept: '*/*', 'accept-encoding': 'identity' };
  for (const [name, value] of Object.entries(headers)) {
    if (!ours.has(name.toLowerCase())) sent[name.toLowerCase()] = value;
  }
  if (body !== undefined) sent['content-length'] = body.byteLength;
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const { request } = target.url.protocol === 'https:' ? https : http;
      // An agent of its own for each request: a connection is never taken over by another host's request.
      const outgoing = request(target.url, {
        agent: false,
        method,
        headers: sent,
        lookup: lookupIn(target),
        signal,
        maxHeaderSize: 32_768,
      });
      outgoing.on('response', resolve);
      // Nothing was asked to be switched to.
      outgoing.on('upgrade', (_, socket) => {
        socket.destroy();
        reject(new OutboundError('UNREACHABLE', 'The host changed the protocol.'));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    const { statusCode: status = 0, headers: received } = response;
    if (bounds.follows && isRedirect(status, received)) {
      response.destroy();
      return { status, headers: received, body: new Uint8Array() };
    }
    return { status, headers: received, body: await read(response, bounds) };
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    if (signal.aborted && signal.reason instanceof OutboundError) throw signal.reason;
    throw new OutboundError('UNREACHABLE', `${target.url.host} can not be reached${codeOf(error)}.`, { cause: error });
  }
}

export function isRedirect(status: number, headers: IncomingHttpHeaders): headers is IncomingHttpHeaders & { location: string } {
  return [301, 302, 303, 307, 308].includes(status) && headers.location !== undefined;
}

/** Node connects to what this says; the name is not resolved a second time, when it might lead elsewhere. */
function lookupIn({ addresses }: Target): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, options, callback) => {
    const [first] = all;
    if (options.all) callback(null, all);
    else if (first) callback(null, first.address, first.family);
  };
}

async function read(response: IncomingMessage, { maxBytes, tooLarge }: Pick<Exchange, 'maxBytes' | 'tooLarge'>): Promise<Uint8Array> {
  const refuse = () => {
    response.destroy();
    throw new OutboundError('TOO_LARGE', `The answer is larger than ${maxBytes} bytes.`);
  };
  if (tooLarge === 'refuse' && Number(response.headers['content-length'] ?? 0) > maxBytes) refuse();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes: Uint8Array = chunk;
    const room = maxBytes - size;
    if (bytes.byteLength > room) {
      if (tooLarge === 'refuse') refuse();
      chunks.push(bytes.subarray(0, room));
      response.destroy();
      break;
    }
    chunks.push(bytes);
    size += bytes.byteLength;
  }
  return Buffer.concat(chunks);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
}
