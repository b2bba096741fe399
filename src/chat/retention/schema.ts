/** Shapes of the API of retention, legal holds and exports. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../../platform/text.js';

const id = z.uuid().toLowerCase();
/** From 1970 on: the calendar of the database has no year 0. With an offset, the end of 9999 may lie in a year of five digits. */
const time = z.iso.datetime({ offset: true }).refine((text) => Date.parse(text) >= 0 && Date.parse(text) < Date.UTC(10_000, 0));
const days = z.number().int().min(1).max(36_500).nullable().describe('Null: for ever.');
const reason = lineOfText(500);
const format = z.enum(['json', 'html']);

/** What decided how long messages of a conversation are kept. */
export const decidedBySchema = z.enum(['conversation', 'domain', 'organisation', 'minimum', 'nothing']);
export type DecidedBy = z.output<typeof decidedBySchema>;

/** PUT /api/retention/organisation, /domains/:id, /conversations/:id */
export const policyBody = z.object({ days });
export const policySchema = z.object({
  scope: z.enum(['organisation', 'domain', 'conversation']),
  id: z.uuid().nullable().describe('Of the domain or the conversation.'),
  name: z.string(),
  days,
});
export type Policy = z.output<typeof policySchema>;

/** GET /api/retention/conversations/:id */
export const effectiveSchema = z.object({
  days,
  decidedBy: decidedBySchema,
  wanted: days.describe('What the policy says; the minimum may be longer.'),
  held: z.boolean().describe('A legal hold keeps something of it whatever the policy says.'),
});
export type Effective = z.output<typeof effectiveSchema>;

export const backupSchema = z
  .object({ day: z.number().int().min(1).max(28), hour: z.number().int().min(0).max(23).describe('UTC.'), format: format.default('json') })
  .nullable()
  .describe('An export of everything, each month. Null: none.');
/** GET /api/retention */
export const retentionSchema = z.object({
  policies: z.array(policySchema),
  minimum: z.object({ days: z.number().int(), reason: z.string() }).describe('What no policy goes below; 0: none.'),
  backup: backupSchema,
});
export type RetentionFace = z.output<typeof retentionSchema>;
/** PATCH /api/retention */
export const retentionPatch = z
  .object({
    minimum: z.object({ days: z.number().int().min(0).max(36_500), reason: z.string().max(500) }),
    backup: backupSchema,
  })
  .partial();

/** POST /api/holds. Neither conversations nor people: everything of the organisation. */
export const holdBody = z.object({
  name: lineOfText(120),
  matter: lineOfText(200),
  reason,
  conversationIds: z.array(id).max(2_000).default([]),
  personIds: z.array(id).max(2_000).default([]),
  since: time.nullable().default(null),
  until: time.nullable().default(null),
});
export const releaseBody = z.object({ reason });
const actSchema = z.object({ by: z.string(), at: z.iso.datetime(), reason: z.string() });
export const holdSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  matter: z.string(),
  everything: z.boolean(),
  conversations: z.array(z.object({ id: z.uuid(), title: z.string() })),
  people: z
    .array(z.object({ id: z.uuid(), name: z.string() }))
    .describe('What they wrote, and the conversations that they are or were in.'),
  since: z.iso.datetime().nullable(),
  until: z.iso.datetime().nullable(),
  created: actSchema,
  released: actSchema.nullable(),
});
export type Hold = z.output<typeof holdSchema>;
export const holdsSchema = z.object({ holds: z.array(holdSchema) });

/** POST /api/exports: exactly one of the three. */
export const exportBody = z
  .object({
    conversationIds: z.array(id).min(1).max(2_000).optional(),
    personIds: z.array(id).min(1).max(200).optional(),
    domainId: id.optional(),
    since: time.nullable().default(null),
    until: time.nullable().default(null),
    format: format.default('json'),
    reason: lineOfText(500).default('-'),
  })
  .refine(
    ({ conversationIds, personIds, domainId }) => [conversationIds, personIds, domainId].filter((one) => one !== undefined).length === 1,
    {
      path: ['conversationIds'],
    },
  );
/** What an export is of; {}: everything. */
export const scopeSchema = z.object({
  conversationIds: z.array(z.uuid()).optional(),
  personIds: z.array(z.uuid()).optional(),
  domainId: z.uuid().optional(),
});
export type ExportScope = z.output<typeof scopeSchema>;
export const exportSchema = z.object({
  id: z.uuid(),
  kind: z.enum(['export', 'backup']),
  status: z.enum(['waiting', 'running', 'done', 'failed']),
  format,
  scope: scopeSchema,
  since: z.iso.datetime().nullable(),
  until: z.iso.datetime().nullable(),
  reason: z.string(),
  madeBy: z.string(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  done: z.number().int().describe('Steps of `total`: one for each conversation, one for the file.'),
  total: z.number().int(),
  messages: z.number().int(),
  size: z.number().nullable().describe('Bytes of the file.'),
  sha256: z.string().nullable().describe('Of the file, hex.'),
  error: z.string().nullable(),
});
export type Export = z.output<typeof exportSchema>;
export const exportsSchema = z.object({ exports: z.array(exportSchema) });
