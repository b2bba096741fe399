/** The rules of DLP over HTTP, for admins. */
import { z } from 'zod';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Dlp } from './dlp.js';
import { dlpRuleBody, dlpRulePatch, dlpRuleSchema, dlpRulesSchema, dlpTestBody, dlpTestSchema } from './schema.js';

const tags = ['DLP'];
const idParams = z.object({ id: z.uuid() });
/** A test reads thousands of messages. */
const testsPerMinute = 20;

export function dlpRoutes(app: HttpApp, dlp: Dlp): void {
  app.route({
    method: 'GET',
    url: '/api/dlp/rules',
    config: { access: 'person' },
    schema: { tags, summary: 'Rules against data leaving by chat', response: { 200: dlpRulesSchema } },
    handler: async (request) => ({ rules: await dlp.rules(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/dlp/rules',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Make a rule. It is off unless `enabled` says otherwise',
      body: dlpRuleBody,
      response: { 200: dlpRuleSchema },
    },
    handler: (request) => dlp.create(principalOf(request), request.body),
  });

  app.route({
    method: 'PATCH',
    url: '/api/dlp/rules/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Change a rule, switch it on or off', params: idParams, body: dlpRulePatch, response: { 200: dlpRuleSchema } },
    handler: (request) => dlp.change(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'DELETE',
    url: '/api/dlp/rules/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Delete a rule', params: idParams, response: { 200: z.object({}) } },
    handler: async (request) => {
      await dlp.delete(principalOf(request), request.params.id);
      return {};
    },
  });

  app.route({
    method: 'POST',
    url: '/api/dlp/rules/test',
    config: { access: 'person', ratePerMinute: testsPerMinute },
    schema: {
      tags,
      summary: 'Run a rule over messages that were written, newest first',
      description:
        'Says how many messages the rule would have acted on, and which, with most of each match hidden. Written to the audit log.',
      body: dlpTestBody,
      response: { 200: dlpTestSchema },
    },
    handler: (request) => dlp.test(principalOf(request), request.body),
  });
}
