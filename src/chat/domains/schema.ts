/** Shapes of the API of domains and guests. The page infers its types from here. */
import { z } from 'zod';
import { languages } from '../../platform/errors.js';
import { lineOfText } from '../../platform/text.js';
import { crossings } from './crossing.js';

const name = lineOfText(80);
/** As the database writes them. */
const id = z.uuid().toLowerCase();
const anyOr = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.literal('*')]);

/** GET /api/domains */
export const domainSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  isDefault: z.boolean().describe('Of conversations and people that have no other.'),
  guests: z.boolean().describe('Whether guests may be invited to its conversations.'),
});
export type Domain = z.output<typeof domainSchema>;
export const domainsSchema = z.object({ domains: z.array(domainSchema) });
/** POST /api/domains */
export const domainBody = z.object({ name, guests: z.boolean().default(true) });
/** PATCH /api/domains/:id */
export const domainPatch = z.object({ name, guests: z.boolean() }).partial();

/** GET /api/domain-rules */
export const domainRuleSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  from: anyOr(id).describe('A domain; `*`: any.'),
  to: anyOr(id),
  what: anyOr(z.enum(crossings)).describe('people: members; forward: messages; files: attachments; export: compliance exports.'),
  allow: z.boolean(),
});
export type Rule = z.output<typeof domainRuleSchema>;
export const domainRulesSchema = z.object({ rules: z.array(domainRuleSchema) });
/** POST /api/domain-rules. */
export const domainRuleBody = z.object({
  name,
  from: anyOr(id).default('*'),
  to: anyOr(id).default('*'),
  what: anyOr(z.enum(crossings)).default('*'),
  allow: z.boolean(),
});
/** PATCH /api/domain-rules/:id */
export const domainRulePatch = z
  .object({ name, from: anyOr(id), to: anyOr(id), what: anyOr(z.enum(crossings)), allow: z.boolean() })
  .partial();

/** GET and PUT /api/people/:id/domains */
export const personDomainsSchema = z.object({ domainIds: z.array(z.uuid()).describe('None: the default domain.') });
export const personDomainsBody = z.object({ domainIds: z.array(id).max(50) });

/** PATCH /api/conversations/:id/domain */
export const conversationDomainBody = z.object({ domainId: id.nullable().describe('Null: the default domain.') });
export const conversationDomainSchema = z.object({ domainId: z.uuid(), domainName: z.string() });

/** What became of the e-mail to the guest. */
export const guestMails = ['sent', 'failed', 'none'] as const;
/** POST /api/conversations/:id/guests */
export const guestInvitationBody = z.object({
  email: z
    .email()
    .max(254)
    .transform((v) => v.toLowerCase()),
  language: z
    .enum(languages)
    .nullable()
    .default(null)
    .describe('Of the e-mail, unless the guest has chosen one. Null: English and Chinese in one.'),
});
export const guestInvitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  invitedBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export const guestInvitationMadeSchema = guestInvitationSchema.extend({
  link: z.url().describe('Give this to the guest; it is shown once.'),
  mail: z
    .enum(guestMails)
    .describe('sent: the mail server has taken an e-mail with the link; failed: it has not; none: no e-mails are sent.'),
});
/** GET /api/conversations/:id/guests */
export const conversationGuestsSchema = z.object({
  guests: z.array(z.object({ id: z.uuid(), name: z.string(), email: z.string().nullable(), joinedAt: z.iso.datetime() })),
  invitations: z.array(guestInvitationSchema),
});
