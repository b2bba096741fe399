/**
 * The frames of the socket, to bytes and back.
 *
 * Whatever bytes arrive, decoding gives a frame within the limits or throws SOCKET_FRAME_INVALID.
 * Strings must be UTF-8: the generated decoder refuses others, as proto3 demands. Unknown fields
 * are skipped, so that a newer client can talk to an older server.
 */
import { causeway } from '#proto';
import { CausewayError } from '../errors.js';

export type ClientMessage =
  | { readonly kind: 'hello'; readonly hello: causeway.Hello }
  | { readonly kind: 'request'; readonly request: causeway.Request };

/** Characters and entries, at most. */
export const frameLimits = {
  accessToken: 8_192,
  language: 64,
  client: 256,
  sessionId: 64,
  secret: 128,
  seen: 256,
  topic: 128,
  method: 64,
} as const;

export function decodeClientFrame(bytes: Uint8Array): ClientMessage {
  const frame = decode(() => causeway.ClientFrame.decode(bytes));
  if (frame.hello) {
    checkHello(frame.hello);
    return { kind: 'hello', hello: causeway.Hello.create(frame.hello) };
  }
  if (frame.request) {
    checkRequest(frame.request);
    return { kind: 'request', request: causeway.Request.create(frame.request) };
  }
  throw invalid('body');
}

export function encodeServerFrame(frame: causeway.IServerFrame): Uint8Array {
  return causeway.ServerFrame.encode(frame).finish();
}

export function decodeServerFrame(bytes: Uint8Array): causeway.ServerFrame {
  const frame = decode(() => causeway.ServerFrame.decode(bytes));
  if (!frame.body) throw invalid('body');
  return causeway.ServerFrame.create(frame);
}

export function encodeClientFrame(frame: causeway.IClientFrame): Uint8Array {
  return causeway.ClientFrame.encode(frame).finish();
}

function checkHello(hello: causeway.IHello): void {
  const { accessToken, language, client, resume } = hello;
  atMost(accessToken, frameLimits.accessToken, 'hello.access_token');
  atMost(language, frameLimits.language, 'hello.language');
  atMost(client, frameLimits.client, 'hello.client');
  if (!resume) return;
  atMost(resume.sessionId, frameLimits.sessionId, 'hello.resume.session_id');
  atMost(resume.secret, frameLimits.secret, 'hello.resume.secret');
  atMost(resume.seen, frameLimits.seen, 'hello.resume.seen');
  for (const seen of resume.seen ?? []) atMost(seen.topic, frameLimits.topic, 'hello.resume.seen.topic');
}

function checkRequest(request: causeway.IRequest): void {
  // Without an id the answer could not be told from others.
  if (!request.id) throw invalid('request.id');
  if (!request.method) throw invalid('request.method');
  atMost(request.method, frameLimits.method, 'request.method');
}

function atMost(value: { readonly length: number } | null | undefined, limit: number, field: string): void {
  if (value && value.length > limit) throw invalid(field);
}

function decode<Frame>(read: () => Frame): Frame {
  try {
    return read();
  } catch (cause) {
    throw new CausewayError('SOCKET_FRAME_INVALID', { cause });
  }
}

function invalid(field: string): CausewayError {
  return new CausewayError('SOCKET_FRAME_INVALID', { field });
}
