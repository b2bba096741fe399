/** Edits, retention, deletion and quota over HTTP. */
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Deletion } from './deletion.js';
import type { Edits } from './edits.js';
import type { Keeping } from './keeping.js';
import type { Originals } from './originals.js';
import { assertAdministrator, type Quotas } from './quotas.js';
import {
  deletedSchema,
  editBody,
  editParams,
  editSchema,
  editsSchema,
  originalsSchema,
  quotaBody,
  quotaSchema,
  recordingParams,
  retentionPatch,
  retentionSchema,
  undoBody,
} from './schema.js';

export interface KeepingRoutesDeps {
  readonly edits: Edits;
  readonly originals: Originals;
  readonly keeping: Keeping;
  readonly deletion: Deletion;
  readonly quotas: Quotas;
}

const tags = ['Recordings'];

export function keepingRoutes(app: HttpApp, { edits, originals, keeping, deletion, quotas }: KeepingRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/recordings/:id/edits',
    config: { access: 'person' },
    schema: { tags, summary: 'What was cut out of a recording', params: recordingParams, response: { 200: editsSchema } },
    handler: async (request) => ({ edits: await edits.list(principalOf(request), request.params.id) }),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/edits',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Trim a recording, or redact a passage: it is put together anew',
      params: recordingParams,
      body: editBody,
      response: { 200: editSchema },
    },
    handler: (request) => edits.add(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/edits/:editId/undo',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Undo an edit, as long as the originals are there',
      params: editParams,
      body: undoBody,
      response: { 200: editSchema },
    },
    handler: (request) => edits.undo(principalOf(request), request.params.id, request.params.editId, request.body.reason),
  });

  app.route({
    method: 'GET',
    url: '/api/recording-originals',
    config: { access: 'person' },
    schema: { tags, summary: 'How long originals of what was cut out are kept', response: { 200: originalsSchema } },
    handler: async (request) => {
      const principal = principalOf(request);
      assertAdministrator(principal);
      return { days: await originals.days(principal.orgId) };
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/recording-originals',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Set how long originals of what was cut out are kept',
      body: originalsSchema,
      response: { 200: originalsSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await originals.setDays(principal, request.body.days);
      return { days: await originals.days(principal.orgId) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/retention',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'How long a recording is kept, and what decides',
      params: recordingParams,
      response: { 200: retentionSchema },
    },
    handler: (request) => keeping.get(principalOf(request), request.params.id),
  });

  app.route({
    method: 'PATCH',
    url: '/api/recordings/:id/retention',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Keep one recording longer or shorter than its policy',
      params: recordingParams,
      body: retentionPatch,
      response: { 200: retentionSchema },
    },
    handler: (request) => keeping.set(principalOf(request), request.params.id, request.body.keepDays),
  });

  app.route({
    method: 'DELETE',
    url: '/api/recordings/:id',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Delete a recording with all that was taken of people',
      description: 'That there was one, who agreed to it, and the signatures of its manifests stay.',
      params: recordingParams,
      response: { 200: deletedSchema },
    },
    handler: (request) => deletion.ask(principalOf(request), request.params.id),
  });

  app.route({
    method: 'GET',
    url: '/api/recording-quota',
    config: { access: 'person' },
    schema: { tags, summary: 'What recordings may take, and take', response: { 200: quotaSchema } },
    handler: (request) => quotas.get(principalOf(request)),
  });

  app.route({
    method: 'PUT',
    url: '/api/recording-quota',
    config: { access: 'person' },
    schema: { tags, summary: 'Set what recordings may take', body: quotaBody, response: { 200: quotaSchema } },
    handler: (request) => quotas.set(principalOf(request), request.body.bytes),
  });
}
