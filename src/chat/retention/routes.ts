/** The HTTP API of retention, legal holds and exports. */
import { z } from 'zod';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Retention } from './open-retention.js';
import {
  effectiveSchema,
  exportBody,
  exportSchema,
  exportsSchema,
  holdBody,
  holdSchema,
  holdsSchema,
  policyBody,
  releaseBody,
  retentionPatch,
  retentionSchema,
} from './schema.js';

const tags = ['Retention and exports'];
const idParams = z.object({ id: z.uuid().toLowerCase() });
const nothing = z.object({});

export function retentionRoutes(app: HttpApp, { policies, holds, exports }: Retention): void {
  app.route({
    method: 'GET',
    url: '/api/retention',
    config: { access: 'person' },
    schema: { tags, summary: 'How long messages are kept', response: { 200: retentionSchema } },
    handler: (request) => policies.face(principalOf(request)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/retention',
    config: { access: 'person' },
    schema: { tags, summary: 'Set the minimum by law, and the monthly backup', body: retentionPatch, response: { 200: retentionSchema } },
    handler: (request) => policies.patch(principalOf(request), request.body),
  });

  app.route({
    method: 'PUT',
    url: '/api/retention/organisation',
    config: { access: 'person' },
    schema: { tags, summary: 'Set how long messages are kept where nothing else is said', body: policyBody, response: { 200: nothing } },
    handler: async (request) => {
      await policies.set(principalOf(request), { scope: 'organisation' }, request.body.days);
      return {};
    },
  });

  for (const scope of ['domain', 'conversation'] as const) {
    app.route({
      method: 'PUT',
      url: `/api/retention/${scope}s/:id`,
      config: { access: 'person' },
      schema: {
        tags,
        summary: `Set how long messages of a ${scope} are kept`,
        params: idParams,
        body: policyBody,
        response: { 200: nothing },
      },
      handler: async (request) => {
        await policies.set(principalOf(request), { scope, id: request.params.id }, request.body.days);
        return {};
      },
    });

    app.route({
      method: 'DELETE',
      url: `/api/retention/${scope}s/:id`,
      config: { access: 'person' },
      schema: { tags, summary: `A ${scope} has no policy of its own any more`, params: idParams, response: { 200: nothing } },
      handler: async (request) => {
        await policies.set(principalOf(request), { scope, id: request.params.id }, undefined);
        return {};
      },
    });
  }

  app.route({
    method: 'GET',
    url: '/api/retention/conversations/:id',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'How long messages of a conversation are kept, and what decided; for its members and administrators',
      params: idParams,
      response: { 200: effectiveSchema },
    },
    handler: (request) => policies.ofConversation(principalOf(request), request.params.id),
  });

  app.route({
    method: 'GET',
    url: '/api/holds',
    config: { access: 'person' },
    schema: { tags, summary: 'Legal holds, released ones too', response: { 200: holdsSchema } },
    handler: async (request) => ({ holds: await holds.list(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/holds',
    config: { access: 'person' },
    schema: { tags, summary: 'Keep what a matter needs, whatever the policies say', body: holdBody, response: { 200: holdSchema } },
    handler: (request) => holds.create(principalOf(request), { ...request.body, ...spanOf(request.body) }),
  });

  app.route({
    method: 'POST',
    url: '/api/holds/:id/release',
    config: { access: 'person' },
    schema: { tags, summary: 'Release a legal hold', params: idParams, body: releaseBody, response: { 200: holdSchema } },
    handler: (request) => holds.release(principalOf(request), request.params.id, request.body.reason),
  });

  app.route({
    method: 'GET',
    url: '/api/exports',
    config: { access: 'person' },
    schema: { tags, summary: 'Exports, newest first', response: { 200: exportsSchema } },
    handler: async (request) => ({ exports: await exports.list(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/exports',
    config: { access: 'person' },
    schema: { tags, summary: 'Export conversations', body: exportBody, response: { 200: exportSchema } },
    handler: (request) => {
      const { conversationIds, personIds, domainId, format, reason } = request.body;
      const scope = { ...(conversationIds && { conversationIds }), ...(personIds && { personIds }), ...(domainId && { domainId }) };
      return exports.make(principalOf(request), { scope, format, reason, ...spanOf(request.body) });
    },
  });

  app.route({
    method: 'GET',
    url: '/api/exports/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'One export and how far it is', params: idParams, response: { 200: exportSchema } },
    handler: (request) => exports.get(principalOf(request), request.params.id),
  });

  app.route({
    method: 'GET',
    url: '/api/exports/:id/file',
    exposeHeadRoute: false,
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'The ZIP of an export',
      params: idParams,
      response: { 200: z.unknown().describe('The bytes: application/zip.') },
    },
    handler: async (request, reply) => {
      const { content, size } = await exports.open(principalOf(request), request.params.id);
      return reply
        .type('application/zip')
        .header('content-length', size)
        .header('content-disposition', `attachment; filename="causeway-export-${request.params.id}.zip"`)
        .send(content);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/exports/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Delete an export, also while it is made', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await exports.remove(principalOf(request), request.params.id);
      return {};
    },
  });
}

function spanOf({ since, until }: { since: string | null; until: string | null }): { since: Date | null; until: Date | null } {
  return { since: since === null ? null : new Date(since), until: until === null ? null : new Date(until) };
}
