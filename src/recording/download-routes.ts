/** Links for downloads over HTTP. */
import { z } from 'zod';
import { type HttpApp, principalOf } from '../platform/http/index.js';
import type { DownloadLinks } from './download-links.js';
import { downloadLinkSchema, downloadWish } from './schema.js';
import { sendFile } from './send-file.js';

export interface DownloadRoutesDeps {
  readonly links: DownloadLinks;
  readonly secureCookies: boolean;
}

const tags = ['Recordings'];
const place = '/api/recording-downloads';
export const downloadCookie = 'causeway_download';
const linksPerMinute = 60;
/** Some programs fetch a file in many parts. */
const partsPerMinute = 6_000;
const bytes = z.unknown().describe('The bytes.');

export function downloadRoutes(app: HttpApp, { links, secureCookies }: DownloadRoutesDeps): void {
  app.route({
    method: 'POST',
    url: place,
    config: { access: 'person', ratePerMinute: linksPerMinute },
    schema: {
      tags,
      summary: 'A link by which a browser downloads a large file by itself',
      description:
        'For this person and device, this file and version; a few minutes long, and longer while bytes flow. Works with the cookie that comes along.',
      body: downloadWish,
      response: { 200: downloadLinkSchema },
    },
    handler: async (request, reply) => {
      const { link, secret } = await links.make(principalOf(request), request.body, request.cookies[downloadCookie]);
      reply.setCookie(downloadCookie, secret, { httpOnly: true, sameSite: 'strict', secure: secureCookies, path: place });
      return link;
    },
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: `${place}/:id`,
    // The cookie: a browser sends nothing else with a download.
    config: { access: 'public', ratePerMinute: partsPerMinute },
    schema: {
      tags,
      summary: 'The file of a link, or a part of it (Range)',
      params: z.object({ id: z.uuid().toLowerCase() }),
      response: { 200: bytes, 206: bytes, 304: z.unknown() },
    },
    handler: async (request, reply) => {
      // Nobody learns where it was downloaded from.
      reply.header('referrer-policy', 'no-referrer');
      const { bytes: size, sha256, mediaType, saveAs, read, taken } = await links.open(request.params.id, request.cookies[downloadCookie]);
      return sendFile(request, reply, { file: { bytes: size, sha256, mediaType }, read, name: saveAs, inline: false, taken });
    },
  });
}
