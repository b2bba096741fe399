/** Shapes of the API of apps, webhooks and slash commands. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../../platform/text.js';

/** What a token of an app may be good for. */
export const appScopes = ['conversations:read', 'messages:read', 'messages:write', 'people:read'] as const;
export const appScopeSchema = z.enum(appScopes);
export type AppScope = z.output<typeof appScopeSchema>;

/** What an outgoing webhook can be told of. */
export const webhookEvents = [
  'message.posted',
  'message.edited',
  'message.recalled',
  'message.pinned',
  'reaction.changed',
  'poll.changed',
  'conversation.changed',
] as const;
export const webhookEventSchema = z.enum(webhookEvents);
export type WebhookEvent = z.output<typeof webhookEventSchema>;

const time = z.iso.datetime();
const name = lineOfText(80);
const description = z.union([z.literal(''), lineOfText(300)]).default('');
const address = z.string().min(1).max(2_000);
const scopes = z
  .array(appScopeSchema)
  .min(1)
  .max(appScopes.length)
  .transform((given) => appScopes.filter((scope) => given.includes(scope)));
const events = z
  .array(webhookEventSchema)
  .min(1)
  .max(webhookEvents.length)
  .transform((given) => webhookEvents.filter((event) => given.includes(event)));
const conversationIds = z
  .array(z.uuid())
  .min(1)
  .max(200)
  .nullable()
  .describe('Null: all conversations that the app is a member of, also those that it will be.');

/** `javascript:` and the like would run as our page; plain HTTP may stay on the machine alone (RFC 8252 section 7.3). */
const redirectUri = z
  .string()
  .max(500)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, username, password } = new URL(text);
    const onMachine = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
    // RFC 6749 section 3.1.2: no fragment.
    return (protocol === 'https:' || (protocol === 'http:' && onMachine)) && !text.includes('#') && username === '' && password === '';
  }, 'must be https://, or http:// on this machine, without fragment');
const redirectUris = z.array(redirectUri).max(10);

/* Apps */

export const appSchema = z.object({
  id: z.uuid().describe('Also its client id.'),
  name: z.string(),
  description: z.string(),
  scopes: z.array(appScopeSchema),
  redirectUris: z.array(z.string()),
  createdAt: time,
  disabledAt: time.nullable(),
});
export type App = z.output<typeof appSchema>;
export const appsSchema = z.object({ apps: z.array(appSchema) });
export const appBody = z.object({ name, description, scopes, redirectUris: redirectUris.default([]) });
export const appPatch = z.object({
  name: name.optional(),
  description: z.union([z.literal(''), lineOfText(300)]).optional(),
  scopes: scopes.optional(),
  redirectUris: redirectUris.optional(),
  disabled: z.boolean().optional(),
});
export const appMadeSchema = appSchema.extend({ clientSecret: z.string().describe('Shown once.') });
export const appNamesSchema = z.object({ apps: z.array(z.object({ id: z.uuid(), name: z.string(), description: z.string() })) });

/* OAuth 2.0 */

export const tokenSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().describe('Seconds.'),
  scope: z.string().describe('Between spaces.'),
});
/** RFC 6749 section 5.2. */
export const tokenErrorSchema = z.object({ error: z.string(), error_description: z.string() });

/** RFC 6749 section 4.1.1 and RFC 7636 section 4.3, as the page hands them on. */
export const authorizeQuery = z.object({
  response_type: z.string().max(100).default(''),
  client_id: z.uuid(),
  redirect_uri: z.string().min(1).max(500),
  scope: z.string().max(500).default(''),
  state: z.string().max(2_000).optional(),
  code_challenge: z.string().max(200).default(''),
  code_challenge_method: z.string().max(20).default('plain'),
});
export type AuthorizeRequest = z.output<typeof authorizeQuery>;
export const authorizeFaceSchema = z.object({
  app: z.object({ id: z.uuid(), name: z.string(), description: z.string() }),
  scopes: z.array(appScopeSchema),
  redirect: z.string().nullable().describe('Go there at once: what the app asked for is wrong.'),
});
export type AuthorizeFace = z.output<typeof authorizeFaceSchema>;
export const authorizeBody = authorizeQuery.extend({ allow: z.boolean() });
export const authorizedSchema = z.object({ redirect: z.string() });

/* Incoming webhooks */

export const incomingWebhookSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  app: z.object({ id: z.uuid(), name: z.string() }),
  conversationId: z.uuid(),
  createdAt: time,
  disabledAt: time.nullable(),
});
export type IncomingWebhook = z.output<typeof incomingWebhookSchema>;
export const incomingWebhooksSchema = z.object({ webhooks: z.array(incomingWebhookSchema) });
export const incomingWebhookBody = z.object({ name, appId: z.uuid(), conversationId: z.uuid() });
export const incomingWebhookPatch = z.object({ name: name.optional(), disabled: z.boolean().optional() });
export const incomingWebhookMadeSchema = incomingWebhookSchema.extend({
  url: z.string().describe('Whoever has it can post. Shown once.'),
});

/** POST /api/hooks/:secret */
export const hookParams = z.object({ secret: z.string().min(1).max(200) });
export const hookHeaders = z.object({
  'idempotency-key': z.string().min(1).max(255).optional().describe('The same key again posts nothing and gives the first answer.'),
});
export const hookBody = z.object({
  text: z.string().max(100_000),
  username: lineOfText(60).optional().describe('Shown before the name of the app.'),
});
export const hookAnswerSchema = z.object({ conversationId: z.uuid(), number: z.number().int() });

/* Outgoing webhooks */

export const outgoingWebhookSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  app: z.object({ id: z.uuid(), name: z.string() }),
  url: z.string(),
  events: z.array(webhookEventSchema),
  conversationIds: z.array(z.uuid()).nullable(),
  createdAt: time,
  failingSince: time.nullable().describe('No try has succeeded since then.'),
  disabledAt: time.nullable(),
  disabledReason: z.string().nullable().describe('Null: a person disabled it.'),
  deadLetters: z.number().int(),
});
export type OutgoingWebhook = z.output<typeof outgoingWebhookSchema>;
export const outgoingWebhooksSchema = z.object({ webhooks: z.array(outgoingWebhookSchema) });
export const outgoingWebhookBody = z.object({
  name,
  appId: z.uuid(),
  url: address,
  events: events.default(['message.posted']),
  conversationIds: conversationIds.default(null),
});
export const outgoingWebhookPatch = z.object({
  name: name.optional(),
  url: address.optional(),
  events: events.optional(),
  conversationIds: conversationIds.optional(),
  disabled: z.boolean().optional().describe('Switched on again it goes on where it stood.'),
});
export const outgoingWebhookMadeSchema = outgoingWebhookSchema.extend({ secret: z.string().describe('Checks the signature. Shown once.') });

export const deliveriesQuery = z.object({
  after: z.uuid().optional().describe('The last id of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const deadLetterSchema = z.object({
  id: z.uuid().describe('The Causeway-Delivery of each try.'),
  conversationId: z.uuid(),
  number: z.number().int(),
  event: webhookEventSchema,
  tries: z.number().int(),
  status: z.number().int().nullable().describe('HTTP status of the last answer.'),
  error: z.string(),
  answer: z.string().describe('The beginning of the last answer.'),
  parkedAt: time,
  replaying: z.boolean(),
});
export type DeadLetter = z.output<typeof deadLetterSchema>;
export const deliveriesSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  next: z.uuid().nullable(),
  waiting: z
    .array(
      z.object({
        conversationId: z.uuid(),
        number: z.number().int().describe('Everything up to here is done.'),
        latest: z.number().int(),
        tries: z.number().int(),
        nextTryAt: time.nullable(),
        error: z.string().nullable(),
      }),
    )
    .describe('Conversations with something that is not delivered yet, at most 200.'),
});
export type Deliveries = z.output<typeof deliveriesSchema>;
export const replayBody = z.object({
  ids: z.array(z.uuid()).min(1).max(1_000).optional().describe('Default: all dead letters of the webhook.'),
});
export const replayedSchema = z.object({ replaying: z.number().int() });

/* Slash commands */

const commandName = z
  .string()
  .regex(/^\/?[a-z0-9][a-z0-9_-]{0,31}$/, 'a to z, digits, - and _, at most 32')
  .transform((text) => text.replace('/', ''));
const hint = z.union([z.literal(''), lineOfText(100)]);
export const slashCommandSchema = z.object({
  id: z.uuid().nullable().describe('Null: built in.'),
  name: z.string().describe('Without the slash.'),
  description: z.string(),
  hint: z.string().describe('What may stand after the name.'),
  app: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  url: z.string().nullable().describe('For administrators.'),
  disabledAt: time.nullable(),
});
export type SlashCommand = z.output<typeof slashCommandSchema>;
export const slashCommandsQuery = z.object({
  conversationId: z.uuid().optional().describe('Only those that work there: whose app is a member.'),
});
export const slashCommandsSchema = z.object({ commands: z.array(slashCommandSchema) });
export const slashCommandBody = z.object({ name: commandName, description, hint: hint.default(''), appId: z.uuid(), url: address });
export const slashCommandPatch = z.object({
  description: z.union([z.literal(''), lineOfText(300)]).optional(),
  hint: hint.optional(),
  url: address.optional(),
  disabled: z.boolean().optional(),
});
export const slashCommandMadeSchema = slashCommandSchema.extend({ secret: z.string().describe('Checks the signature. Shown once.') });

/** POST /api/conversations/:id/commands */
export const commandBody = z.object({
  command: commandName,
  text: z.string().max(8_000).default(''),
  clientId: z.uuid().optional().describe('Of the message that comes of it: the same again posts nothing.'),
  acknowledged: z.boolean().default(false).describe('Answer to CHAT_DLP_WARNED.'),
  reason: z.string().max(500).default('').describe('Answer to CHAT_DLP_REASON.'),
});
export const commandAnswerSchema = z.object({
  visible: z.enum(['all', 'me', 'none']),
  number: z.number().int().nullable().describe('Of the message, where it is for all.'),
  text: z.string().describe('What only the caller sees.'),
  name: z.string().describe('Who says it.'),
});
export type CommandAnswer = z.output<typeof commandAnswerSchema>;

/** What an app answers to a slash command. */
export const commandReplySchema = z.object({
  text: z.string().max(100_000).default(''),
  visible: z.enum(['all', 'me']).default('me'),
});
