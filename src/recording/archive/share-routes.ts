/** Shares over HTTP, and what visitors by a link may call. */
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import { sendFile } from '../send-file.js';
import type { Files } from './files.js';
import type { Links } from './links.js';
import { clientOf, keepViewing, pieceName, piecesPerMinute, savedName, sendPiece, viewingCookie } from './play-routes.js';
import type { PageShared } from './ports.js';
import {
  bytesSchema,
  fileParams,
  hlsParams,
  noneSchema,
  openLinkBody,
  recordingParams,
  shareBody,
  shareMadeSchema,
  shareParams,
  shareSchema,
  sharesSchema,
  visitParams,
  visitSchema,
  visitTranscriptSchema,
} from './schema.js';
import type { Shares } from './shares.js';

export interface ShareRoutesDeps {
  readonly shares: Shares;
  readonly links: Links;
  readonly files: Files;
  /** Calls with a secret, per minute and address. */
  readonly opensPerMinute: number;
  readonly shared: PageShared;
}

const tags = ['Recordings'];
const visits = { access: 'public', ratePerMinute: piecesPerMinute } as const;
const bytesAnswers = { 200: bytesSchema, 206: bytesSchema, 304: noneSchema };

export function shareRoutes(app: HttpApp, { shares, links, files, opensPerMinute, shared }: ShareRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/recordings/:id/shares',
    config: { access: 'person' },
    schema: { tags, summary: 'With whom a recording is shared', params: recordingParams, response: { 200: sharesSchema } },
    handler: async (request) => ({ shares: await shares.list(principalOf(request), request.params.id) }),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/shares',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Share a recording with a person, a conversation, or by a link',
      params: recordingParams,
      body: shareBody,
      response: { 200: shareMadeSchema },
    },
    handler: async (request) => {
      const { share, secret } = await shares.add(principalOf(request), request.params.id, request.body);
      // Behind the # it is sent to no server, and written into no log.
      return { share, link: secret === null ? null : `${shared.pageUrl(request)}/shared-recording#${secret}` };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/recordings/:id/shares/:shareId',
    config: { access: 'person' },
    schema: { tags, summary: 'Withdraw a share', params: shareParams, response: { 200: shareSchema } },
    handler: (request) => shares.withdraw(principalOf(request), request.params.id, request.params.shareId),
  });

  app.route({
    method: 'POST',
    url: '/api/recording-links/open',
    config: { access: 'public', ratePerMinute: opensPerMinute },
    schema: {
      tags,
      summary: 'Watch a recording by a link',
      description: 'SHARE_PASSWORD without a password: the link has one. Sets a cookie for the calls below.',
      body: openLinkBody,
      response: { 200: visitSchema },
    },
    handler: async (request, reply) => {
      const { visit, secret } = await links.open(request.body, clientOf(request));
      keepViewing(reply, secret, `/api/recording-links/${visit.id}`, shared);
      return visit;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/recording-links/:id/renew',
    config: { access: 'public' },
    schema: { tags, summary: 'Go on watching by a link', params: visitParams, response: { 200: visitSchema } },
    handler: (request) => links.renew(request.params.id, request.cookies[viewingCookie]),
  });

  app.route({
    method: 'GET',
    url: '/api/recording-links/:id/transcript',
    config: { access: 'public' },
    schema: { tags, summary: 'The transcript, for a visitor by a link', params: visitParams, response: { 200: visitTranscriptSchema } },
    handler: (request) => links.transcript(request.params.id, request.cookies[viewingCookie]),
  });

  app.route({
    method: 'GET',
    url: '/api/recording-links/:id/hls/*',
    exposeHeadRoute: false,
    config: visits,
    schema: { tags, summary: 'The stream, for a visitor by a link', params: hlsParams, response: bytesAnswers },
    handler: async (request, reply) => {
      const name = pieceName(request.params['*']);
      const file = await links.stream(request.params.id, request.cookies[viewingCookie], name);
      return sendPiece(request, reply, files, file, name);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/recording-links/:id/files/:name',
    exposeHeadRoute: false,
    config: visits,
    schema: { tags, summary: 'A file, for a visitor by a link', params: fileParams, response: bytesAnswers },
    handler: async (request, reply) => {
      const { id, name } = request.params;
      const { recording, file, taken } = await links.file(id, request.cookies[viewingCookie], name);
      const inline = file.kind === 'thumbnail' || file.kind === 'waveform';
      return sendFile(request, reply, {
        file,
        read: (range) => files.read(file, range),
        name: savedName(recording, file),
        inline,
        ...(taken ? { taken } : {}),
      });
    },
  });
}
