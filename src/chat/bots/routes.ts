/** The HTTP API of apps, webhooks and slash commands. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import { oauthRoutes } from './oauth-routes.js';
import type { Bots } from './open-bots.js';
import {
  appBody,
  appMadeSchema,
  appNamesSchema,
  appPatch,
  appSchema,
  appsSchema,
  commandAnswerSchema,
  commandBody,
  deliveriesQuery,
  deliveriesSchema,
  hookAnswerSchema,
  hookBody,
  hookHeaders,
  hookParams,
  incomingWebhookBody,
  incomingWebhookMadeSchema,
  incomingWebhookPatch,
  incomingWebhookSchema,
  incomingWebhooksSchema,
  outgoingWebhookBody,
  outgoingWebhookMadeSchema,
  outgoingWebhookPatch,
  outgoingWebhookSchema,
  outgoingWebhooksSchema,
  replayBody,
  replayedSchema,
  slashCommandBody,
  slashCommandMadeSchema,
  slashCommandPatch,
  slashCommandSchema,
  slashCommandsQuery,
  slashCommandsSchema,
} from './schema.js';

export interface BotRoutesOptions {
  /** The address of the page as the caller sees it. */
  readonly pageUrl: (request: FastifyRequest) => string;
}

const idParams = z.object({ id: z.uuid() });
const nothing = z.object({});

export function botRoutes(app: HttpApp, bots: Bots, options: BotRoutesOptions): void {
  appRoutes(app, bots);
  oauthRoutes(app, bots);
  incomingRoutes(app, bots, options);
  outgoingRoutes(app, bots);
  commandRoutes(app, bots);
}

function appRoutes(app: HttpApp, { apps }: Bots): void {
  const tags = ['Apps'];

  app.route({
    method: 'GET',
    url: '/api/apps',
    schema: { tags, summary: 'All apps; for administrators', response: { 200: appsSchema } },
    handler: async (request) => ({ apps: await apps.list(principalOf(request)) }),
  });

  app.route({
    method: 'GET',
    url: '/api/apps/names',
    schema: { tags, summary: 'Apps that can be added to conversations', response: { 200: appNamesSchema } },
    handler: async (request) => ({ apps: await apps.names(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/apps',
    schema: { tags, summary: 'Register an app; its secret is shown once', body: appBody, response: { 200: appMadeSchema } },
    handler: (request) => apps.create(principalOf(request), request.body),
  });

  app.route({
    method: 'GET',
    url: '/api/apps/:id',
    schema: { tags, summary: 'One app', params: idParams, response: { 200: appSchema } },
    handler: (request) => apps.get(principalOf(request), request.params.id),
  });

  app.route({
    method: 'PATCH',
    url: '/api/apps/:id',
    schema: { tags, summary: 'Change an app, or switch it off or on', params: idParams, body: appPatch, response: { 200: appSchema } },
    handler: (request) => apps.change(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/apps/:id/secret',
    schema: { tags, summary: 'A new secret; the old one and all tokens end', params: idParams, response: { 200: appMadeSchema } },
    handler: (request) => apps.rotateSecret(principalOf(request), request.params.id),
  });
}

function incomingRoutes(app: HttpApp, { incoming }: Bots, { pageUrl }: BotRoutesOptions): void {
  const tags = ['Incoming webhooks'];
  const address = (request: FastifyRequest, secret: string) => `${pageUrl(request)}/api/hooks/${secret}`;

  app.route({
    method: 'GET',
    url: '/api/incoming-webhooks',
    schema: { tags, summary: 'All incoming webhooks; for administrators', response: { 200: incomingWebhooksSchema } },
    handler: async (request) => ({ webhooks: await incoming.list(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/incoming-webhooks',
    schema: {
      tags,
      summary: 'An address that posts into a conversation of the app',
      body: incomingWebhookBody,
      response: { 200: incomingWebhookMadeSchema },
    },
    handler: async (request) => {
      const { webhook, secret } = await incoming.create(principalOf(request), request.body);
      return { ...webhook, url: address(request, secret) };
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/incoming-webhooks/:id',
    schema: {
      tags,
      summary: 'Rename it, or switch it off or on',
      params: idParams,
      body: incomingWebhookPatch,
      response: { 200: incomingWebhookSchema },
    },
    handler: (request) => incoming.change(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/incoming-webhooks/:id/secret',
    schema: { tags, summary: 'Another address; the old one ends', params: idParams, response: { 200: incomingWebhookMadeSchema } },
    handler: async (request) => {
      const { webhook, secret } = await incoming.rotateSecret(principalOf(request), request.params.id);
      return { ...webhook, url: address(request, secret) };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/incoming-webhooks/:id',
    schema: { tags, summary: 'Delete it', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await incoming.remove(principalOf(request), request.params.id);
      return {};
    },
  });

  app.route({
    method: 'POST',
    url: '/api/hooks/:secret',
    config: { access: 'public' },
    schema: { tags, summary: 'Post', params: hookParams, headers: hookHeaders, body: hookBody, response: { 200: hookAnswerSchema } },
    handler: (request) => incoming.post(request.params.secret, { ...request.body, key: request.headers['idempotency-key'] }),
  });
}

function outgoingRoutes(app: HttpApp, { outgoing, deadLetters }: Bots): void {
  const tags = ['Outgoing webhooks'];

  app.route({
    method: 'GET',
    url: '/api/outgoing-webhooks',
    schema: { tags, summary: 'All outgoing webhooks; for administrators', response: { 200: outgoingWebhooksSchema } },
    handler: async (request) => ({ webhooks: await outgoing.list(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/outgoing-webhooks',
    schema: {
      tags,
      summary: 'Tell an address of what happens in conversations of the app',
      body: outgoingWebhookBody,
      response: { 200: outgoingWebhookMadeSchema },
    },
    handler: (request) => outgoing.create(principalOf(request), request.body),
  });

  app.route({
    method: 'GET',
    url: '/api/outgoing-webhooks/:id',
    schema: { tags, summary: 'One outgoing webhook', params: idParams, response: { 200: outgoingWebhookSchema } },
    handler: (request) => outgoing.get(principalOf(request), request.params.id),
  });

  app.route({
    method: 'PATCH',
    url: '/api/outgoing-webhooks/:id',
    schema: {
      tags,
      summary: 'Change it, or switch it off or on',
      params: idParams,
      body: outgoingWebhookPatch,
      response: { 200: outgoingWebhookSchema },
    },
    handler: (request) => outgoing.change(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/outgoing-webhooks/:id/secret',
    schema: { tags, summary: 'Another secret for the signature', params: idParams, response: { 200: outgoingWebhookMadeSchema } },
    handler: (request) => outgoing.rotateSecret(principalOf(request), request.params.id),
  });

  app.route({
    method: 'DELETE',
    url: '/api/outgoing-webhooks/:id',
    schema: { tags, summary: 'Delete it with its dead letters', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await outgoing.remove(principalOf(request), request.params.id);
      return {};
    },
  });

  app.route({
    method: 'GET',
    url: '/api/outgoing-webhooks/:id/deliveries',
    schema: {
      tags,
      summary: 'Dead letters, and what waits',
      params: idParams,
      querystring: deliveriesQuery,
      response: { 200: deliveriesSchema },
    },
    handler: (request) => deadLetters.list(principalOf(request), request.params.id, request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/outgoing-webhooks/:id/replay',
    schema: { tags, summary: 'Try dead letters once more', params: idParams, body: replayBody, response: { 200: replayedSchema } },
    handler: async (request) => ({
      replaying: await deadLetters.replay(principalOf(request), request.params.id, request.body.ids ?? null),
    }),
  });
}

function commandRoutes(app: HttpApp, { commands }: Bots): void {
  const tags = ['Slash commands'];

  app.route({
    method: 'GET',
    url: '/api/slash-commands',
    schema: {
      tags,
      summary: 'Commands that the caller can use; administrators see all',
      querystring: slashCommandsQuery,
      response: { 200: slashCommandsSchema },
    },
    handler: async (request) => ({ commands: await commands.list(principalOf(request), request.query.conversationId) }),
  });

  app.route({
    method: 'POST',
    url: '/api/slash-commands',
    schema: { tags, summary: 'Register a command of an app', body: slashCommandBody, response: { 200: slashCommandMadeSchema } },
    handler: (request) => commands.create(principalOf(request), request.body),
  });

  app.route({
    method: 'PATCH',
    url: '/api/slash-commands/:id',
    schema: {
      tags,
      summary: 'Change it, or switch it off or on',
      params: idParams,
      body: slashCommandPatch,
      response: { 200: slashCommandSchema },
    },
    handler: (request) => commands.change(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/slash-commands/:id/secret',
    schema: { tags, summary: 'Another secret for the signature', params: idParams, response: { 200: slashCommandMadeSchema } },
    handler: (request) => commands.rotateSecret(principalOf(request), request.params.id),
  });

  app.route({
    method: 'DELETE',
    url: '/api/slash-commands/:id',
    schema: { tags, summary: 'Delete it', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await commands.remove(principalOf(request), request.params.id);
      return {};
    },
  });

  app.route({
    method: 'POST',
    url: '/api/conversations/:id/commands',
    schema: { tags, summary: 'Use a command', params: idParams, body: commandBody, response: { 200: commandAnswerSchema } },
    handler: (request) => commands.invoke(principalOf(request), request.params.id, request.body),
  });
}
