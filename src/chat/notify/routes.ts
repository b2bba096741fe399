/** The HTTP API of notifications and scheduled messages. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CausewayError, type Language, pickLanguage } from '../../platform/errors.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Principal } from '../../platform/principal.js';
import { assertCallable, type Policy, requireAdmin } from './notification-settings.js';
import type { Notify } from './open-notify.js';
import type { Scheduled } from './scheduled.js';
import {
  notificationPolicyChangedSchema,
  notificationPolicyPatch,
  notificationPolicySchema,
  notificationSettingsPatch,
  notificationSettingsSchema,
  pushKeySchema,
  pushSubscriptionBody,
  type ScheduledFace,
  scheduledBody,
  scheduledListSchema,
  scheduledPatch,
  scheduledSchema,
} from './schema.js';

const tags = ['Notifications'];
const idParams = z.object({ id: z.uuid() });
const nothing = z.object({});

export function notifyRoutes(app: HttpApp, { keys, subscriptions, settings, scheduled, outbound }: Notify): void {
  app.route({
    method: 'GET',
    url: '/api/push/key',
    config: { access: 'guest' },
    schema: { tags, summary: 'The key for which a device subscribes', response: { 200: pushKeySchema } },
    handler: async () => ({ key: (await keys.get()).publicKey }),
  });

  app.route({
    method: 'POST',
    url: '/api/push/subscriptions',
    config: { access: 'guest' },
    schema: { tags, summary: 'Push to this device from now on', body: pushSubscriptionBody, response: { 200: nothing } },
    handler: async (request) => {
      const principal = stayingOf(request);
      await assertCallable(outbound, request.body.endpoint);
      await subscriptions.set(principal, request.body);
      return {};
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/push/subscriptions',
    config: { access: 'guest' },
    schema: { tags, summary: 'No more pushes to this device', response: { 200: nothing } },
    handler: async (request) => {
      await subscriptions.removeOf(principalOf(request));
      return {};
    },
  });

  app.route({
    method: 'GET',
    url: '/api/notification-settings',
    config: { access: 'guest' },
    schema: { tags, summary: 'How the caller wants to be told', response: { 200: notificationSettingsSchema } },
    handler: (request) => settings.of(principalOf(request)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/notification-settings',
    config: { access: 'guest' },
    schema: {
      tags,
      summary: 'Change how the caller wants to be told',
      body: notificationSettingsPatch,
      response: { 200: notificationSettingsSchema },
    },
    handler: async (request) => settings.change(stayingOf(request), request.body),
  });

  app.route({
    method: 'GET',
    url: '/api/notification-policy',
    config: { access: 'person' },
    schema: { tags, summary: 'What the organisation allows to be told', response: { 200: notificationPolicySchema } },
    handler: async (request) => {
      const principal = principalOf(request);
      requireAdmin(principal);
      return presentPolicy(await settings.policy(principal.orgId));
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/notification-policy',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Change what the organisation allows to be told',
      body: notificationPolicyPatch,
      response: { 200: notificationPolicyChangedSchema },
    },
    handler: async (request) => {
      const { policy, newSecret } = await settings.changePolicy(principalOf(request), request.body);
      return { ...presentPolicy(policy), ...(newSecret === null ? {} : { webhookSecret: newSecret }) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/conversations/:id/scheduled',
    config: { access: 'guest' },
    schema: {
      tags,
      summary: 'Send a message later',
      description: 'What must not be sent now is refused now; at its time everything is checked again.',
      params: idParams,
      body: scheduledBody,
      response: { 200: scheduledSchema },
    },
    handler: async (request) =>
      presentScheduled(await scheduled.add(principalOf(request), request.params.id, request.body), languageOf(request)),
  });

  app.route({
    method: 'GET',
    url: '/api/conversations/:id/scheduled',
    config: { access: 'guest' },
    schema: { tags, summary: "The caller's messages that wait here", params: idParams, response: { 200: scheduledListSchema } },
    handler: async (request) => {
      const list = await scheduled.list(principalOf(request), request.params.id);
      return { scheduled: list.map((one) => presentScheduled(one, languageOf(request))) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/scheduled/:id',
    config: { access: 'guest' },
    schema: { tags, summary: 'One message that waits', params: idParams, response: { 200: scheduledSchema } },
    handler: async (request) => presentScheduled(await scheduled.get(principalOf(request), request.params.id), languageOf(request)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/scheduled/:id',
    config: { access: 'guest' },
    schema: { tags, summary: 'Change a message that waits', params: idParams, body: scheduledPatch, response: { 200: scheduledSchema } },
    handler: async (request) =>
      presentScheduled(await scheduled.change(principalOf(request), request.params.id, request.body), languageOf(request)),
  });

  app.route({
    method: 'DELETE',
    url: '/api/scheduled/:id',
    config: { access: 'guest' },
    schema: { tags, summary: 'Do not send it', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await scheduled.remove(principalOf(request), request.params.id);
      return {};
    },
  });
}

/** The guest of a meeting is gone when it ends: there is nothing to tell him later. @throws AUTH_FORBIDDEN */
function stayingOf(request: FastifyRequest): Principal {
  const principal = principalOf(request);
  if (principal.guestOf !== undefined) throw new CausewayError('AUTH_FORBIDDEN');
  return principal;
}

function presentPolicy({ privacy, urgentOverQuiet, webhookUrl }: Policy): z.output<typeof notificationPolicySchema> {
  return { privacy, urgentOverQuiet, webhookUrl };
}

function presentScheduled(one: Scheduled, language: Language): ScheduledFace {
  const { id, conversationId, body, sendAt, thread, mentions, mentionsAll, state, refusal } = one;
  return {
    id,
    conversationId,
    body,
    sendAt: sendAt.toISOString(),
    thread,
    mentions: [...mentions],
    mentionsAll,
    state,
    refusal: refusal && { code: refusal.code, message: refusal.say(language) },
  };
}

function languageOf(request: FastifyRequest): Language {
  return pickLanguage(request.headers['accept-language']);
}
