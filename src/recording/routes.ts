/** Recordings over HTTP: the list, one, its title, another try. */
import { z } from 'zod';
import { type HttpApp, principalOf } from '../platform/http/index.js';
import type { Library } from './library.js';
import { recordingDetailSchema, recordingPatch, recordingSchema, recordingsQuery, recordingsSchema } from './schema.js';

const tags = ['Recordings'];
const idParams = z.object({ id: z.uuid().toLowerCase() });

export function recordingRoutes(app: HttpApp, library: Library): void {
  app.route({
    method: 'GET',
    url: '/api/recordings',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Recordings that the caller may see, newest first',
      querystring: recordingsQuery,
      response: { 200: recordingsSchema },
    },
    handler: (request) => library.list(principalOf(request), request.query),
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'One recording', params: idParams, response: { 200: recordingDetailSchema } },
    handler: (request) => library.one(principalOf(request), request.params.id),
  });

  app.route({
    method: 'PATCH',
    url: '/api/recordings/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Give it another title', params: idParams, body: recordingPatch, response: { 200: recordingSchema } },
    handler: (request) => library.rename(principalOf(request), request.params.id, request.body.title),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/retry',
    config: { access: 'person' },
    schema: { tags, summary: 'Put it together once more', params: idParams, response: { 200: recordingSchema } },
    handler: (request) => library.again(principalOf(request), request.params.id),
  });
}
