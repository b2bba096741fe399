/** Gives a stored file, or a part of it, to a browser or a player. */
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readRange } from '../platform/byte-range.js';
import { CausewayError } from '../platform/errors.js';
import { contentDisposition, harmlessName } from '../platform/file-name.js';

export interface Sent {
  readonly file: { readonly bytes: number; readonly sha256: string; readonly mediaType: string };
  /** Null: the store has lost it. */
  readonly read: (range?: { start: number; end: number }) => Promise<Readable | null>;
  /** What it is called when it is saved. */
  readonly name: string;
  readonly inline: boolean;
  /** Before the first byte goes out; `begins`: it is the first of the file, too. Not called for what the caller has already. */
  readonly taken?: (begins: boolean) => Promise<void>;
}

/** RFC 9110 sections 13 and 14. @throws ATTACHMENT_RANGE, RECORDING_FILE_NOT_FOUND */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, sent: Sent): Promise<FastifyReply> {
  const { bytes, sha256, mediaType } = sent.file;
  const tag = `"${sha256}"`;
  reply.headers({
    etag: tag,
    // May be kept, but is asked for again: rights end, and passages are cut out.
    'cache-control': 'private, no-cache',
    'accept-ranges': 'bytes',
    'content-disposition': contentDisposition(sent.inline ? 'inline' : 'attachment', harmlessName(sent.name)),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
  });
  if (isKnown(request, tag)) return reply.code(304).send(null);
  // RFC 9110 section 14.2: a range means something to GET alone.
  if (request.method === 'HEAD') return reply.type(mediaType).header('content-length', bytes).send(null);
  // RFC 9110 section 13.1.5: of another version than the one that was begun with, everything.
  const begun = request.headers['if-range'];
  const range = begun === undefined || begun === tag ? readRange(request.headers.range, bytes) : 'all';
  if (range === 'none') {
    reply.header('content-range', `bytes */${bytes}`);
    throw new CausewayError('ATTACHMENT_RANGE');
  }
  await sent.taken?.(range === 'all' || range.start === 0);
  const content = await sent.read(range === 'all' ? undefined : range);
  if (!content) throw new CausewayError('RECORDING_FILE_NOT_FOUND');
  reply.type(mediaType);
  if (range === 'all') return reply.code(200).header('content-length', bytes).send(content);
  return reply
    .code(206)
    .headers({ 'content-range': `bytes ${range.start}-${range.end}/${bytes}`, 'content-length': range.end - range.start + 1 })
    .send(content);
}

function isKnown(request: FastifyRequest, tag: string): boolean {
  return (request.headers['if-none-match'] ?? '').split(',').some((known) => known.trim().replace(/^W\//, '') === tag);
}
