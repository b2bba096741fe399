/** The HTTP API of files: uploads by the tus protocol, downloads, previews. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readRange } from '../../platform/byte-range.js';
import { CausewayError } from '../../platform/errors.js';
import { contentDisposition } from '../../platform/file-name.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Attachments } from './attachments.js';
import { maySee, typeForBrowsers } from './file-kind.js';
import { attachmentParams, bytesSchema, fileQuery, nothingSchema, type Upload, uploadParams, uploadSchema } from './schema.js';
import { checkVersion, readLength, readMetadata, tusContentType, tusExtensions, tusVersion } from './tus-headers.js';
import type { UploadFace, Uploads } from './uploads.js';

export interface AttachmentRoutesDeps {
  readonly uploads: Uploads;
  readonly attachments: Attachments;
  readonly maxBytes: number;
}

const tags = ['Files'];
/** A conversation full of pictures, and an office behind one address: more than the API's general limit. */
const ratePerMinute = 6_000;
const writes = { access: 'guest', scope: 'messages:write', ratePerMinute } as const;
const reads = { access: 'guest', scope: 'messages:read', ratePerMinute } as const;
/** Of what the browser might show: it can run nothing, load nothing and sees nothing of our own origin. */
const lockedUp = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

export function attachmentRoutes(app: HttpApp, deps: AttachmentRoutesDeps): void {
  // In a scope of its own: no other route takes a body that is not read at once.
  app.register(async (scope: HttpApp) => {
    scope.addContentTypeParser(tusContentType, (_request, payload, done) => done(null, payload));
    uploadRoutes(scope, deps);
  });
  downloadRoutes(app, deps);
}

function uploadRoutes(app: HttpApp, { uploads, maxBytes }: AttachmentRoutesDeps): void {
  const answer = (reply: FastifyReply, upload: UploadFace): FastifyReply =>
    reply
      .header('tus-resumable', tusVersion)
      .header('upload-offset', upload.offset)
      .header('upload-expires', upload.expiresAt.toUTCString());

  app.route({
    method: 'OPTIONS',
    url: '/api/uploads',
    config: { access: 'public' },
    schema: { tags, summary: 'What the server speaks (tus)', response: { 204: nothingSchema } },
    handler: async (_request, reply) => {
      await reply
        .code(204)
        .headers({ 'tus-resumable': tusVersion, 'tus-version': tusVersion, 'tus-extension': tusExtensions, 'tus-max-size': maxBytes })
        .send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/uploads',
    config: { access: 'guest', scope: 'messages:write' },
    schema: {
      tags,
      summary: 'Begin an upload (tus). Upload-Metadata: conversationId, filename, filetype; acknowledged, reason',
      response: { 201: nothingSchema },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      checkVersion(request.headers['tus-resumable']);
      const { conversationId, filename, filetype, acknowledged, reason } = readMetadata(request.headers['upload-metadata']);
      const size = readLength(request.headers['upload-length'], 'Upload-Length');
      let upload = await uploads.create(principal, {
        conversationId,
        size,
        name: filename,
        type: filetype || 'application/octet-stream',
        acknowledged: acknowledged === 'true',
        reason,
      });
      const { id } = upload.attachment;
      if (request.body instanceof Readable) upload = await uploads.write(principal, id, 0, request.body);
      await answer(reply, upload).code(201).header('location', `/api/uploads/${id}`).send(null);
    },
  });

  app.route({
    method: 'HEAD',
    url: '/api/uploads/:id',
    config: { ...writes },
    schema: { tags, summary: 'How far an upload is (tus)', params: uploadParams, response: { 200: nothingSchema } },
    handler: async (request, reply) => {
      const upload = await uploads.find(principalOf(request), request.params.id);
      await answer(reply, upload).code(200).header('upload-length', upload.attachment.size).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/uploads/:id',
    exposeHeadRoute: false,
    config: { ...writes },
    schema: { tags, summary: 'An upload that is not sent yet', params: uploadParams, response: { 200: uploadSchema } },
    handler: async (request) => present(await uploads.find(principalOf(request), request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/uploads/:id',
    config: { ...writes },
    schema: { tags, summary: 'Go on with an upload (tus)', params: uploadParams, response: { 204: nothingSchema } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      const { offset } = await uploads.find(principal, id);
      checkVersion(request.headers['tus-resumable']);
      const content = request.body instanceof Readable ? request.body : bodyless(request);
      const from = readLength(request.headers['upload-offset'], 'Upload-Offset');
      if (from !== offset) throw new CausewayError('UPLOAD_OFFSET');
      await answer(reply, await uploads.write(principal, id, from, content))
        .code(204)
        .send(null);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/uploads/:id',
    config: { ...writes },
    schema: { tags, summary: 'Take back an upload that is not sent (tus)', params: uploadParams, response: { 204: nothingSchema } },
    handler: async (request, reply) => {
      await uploads.remove(principalOf(request), request.params.id);
      await reply.code(204).header('tus-resumable', tusVersion).send(null);
    },
  });
}

function downloadRoutes(app: HttpApp, { attachments }: AttachmentRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/attachments/:id',
    exposeHeadRoute: false,
    config: { ...reads },
    schema: {
      tags,
      summary: 'The bytes of a file, or a part of them (Range)',
      params: attachmentParams,
      querystring: fileQuery,
      response: { 200: bytesSchema, 206: bytesSchema, 304: nothingSchema },
    },
    handler: async (request, reply) => {
      const file = await attachments.open(principalOf(request), request.params.id);
      const { name, type, size, sha256 } = file.attachment;
      const shown = request.query.inline === '1' && maySee(type);
      const tag = `"${sha256}"`;
      reply.headers({
        ...safely(tag),
        'accept-ranges': 'bytes',
        'content-disposition': contentDisposition(shown ? 'inline' : 'attachment', name),
      });
      if (isKnown(request, tag)) return reply.code(304).send(null);
      // RFC 9110 section 13.1.5: of another version than the one that was begun with, everything.
      const begun = request.headers['if-range'];
      const range = begun === undefined || begun === tag ? readRange(request.headers.range, size) : 'all';
      if (range === 'none') {
        reply.header('content-range', `bytes */${size}`);
        throw new CausewayError('ATTACHMENT_RANGE');
      }
      const content = await file.read(range === 'all' ? undefined : range);
      if (!content) throw new CausewayError('ATTACHMENT_NOT_FOUND');
      reply.type(typeForBrowsers(type));
      if (range === 'all') return reply.code(200).header('content-length', size).send(content);
      return reply
        .code(206)
        .headers({ 'content-range': `bytes ${range.start}-${range.end}/${size}`, 'content-length': range.end - range.start + 1 })
        .send(content);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/attachments/:id/preview',
    exposeHeadRoute: false,
    config: { ...reads },
    schema: {
      tags,
      summary: 'A small picture of a picture (WebP)',
      params: attachmentParams,
      response: { 200: bytesSchema, 304: nothingSchema },
    },
    handler: async (request, reply) => {
      const file = await attachments.open(principalOf(request), request.params.id);
      const tag = `"${file.attachment.sha256}-preview"`;
      reply.headers({ ...safely(tag), 'content-disposition': 'inline' });
      if (file.attachment.preview && isKnown(request, tag)) return reply.code(304).send(null);
      const content = await file.readPreview();
      if (!content) throw new CausewayError('ATTACHMENT_NOT_FOUND');
      return reply.type('image/webp').send(content);
    },
  });
}

/** May be kept by the browser, but is asked for again: a message that is recalled takes its files along. */
function safely(tag: string): Record<string, string> {
  return {
    etag: tag,
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': lockedUp,
    'cross-origin-resource-policy': 'same-origin',
  };
}

function isKnown(request: FastifyRequest, tag: string): boolean {
  return (request.headers['if-none-match'] ?? '').split(',').some((known) => known.trim().replace(/^W\//, '') === tag);
}

/** tus allows a PATCH that brings nothing. @throws REQUEST_INVALID when it brings something else */
function bodyless({ body }: FastifyRequest): Readable {
  if (body !== undefined && body !== null)
    throw new CausewayError('REQUEST_INVALID', { fill: { detail: `the body must be ${tusContentType}` } });
  return Readable.from([]);
}

function present({ attachment, offset, complete, expiresAt }: UploadFace): Upload {
  return { ...attachment, offset, complete, expiresAt: expiresAt.toISOString() };
}
