/** Shapes of the audit API. The page infers its types from here. */
import { z } from 'zod';

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const number = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const hash = z.string().regex(/^[0-9a-f]{64}$/i);

/** GET /api/audit?action=chat.dlp-blocked&actor=...&from=...&to=...&before=120&limit=100 */
export const auditQuery = z.object({
  action: z
    .string()
    .regex(/^[a-z0-9.-]{1,80}\*?$/)
    .optional()
    .describe('Such as `chat.dlp-blocked`, or `chat.dlp-*` for all that begin so.'),
  actor: z.uuid().optional().describe('Id of the person who did it.'),
  from: time.optional(),
  to: time.optional().describe('Exclusive.'),
  before: number.optional().describe('Only rows with lower numbers: `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const auditRowSchema = z.object({
  number: z.number().int().describe('From 1, without holes.'),
  at: z.iso.datetime(),
  actor: z.object({ id: z.uuid(), name: z.string() }).nullable().describe('Null: the server itself. The name is that of the time.'),
  action: z.string(),
  subject: z.record(z.string(), z.unknown()),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string().describe('SHA-256 over the hash of the row before and this row, hex.'),
});
export type AuditRow = z.output<typeof auditRowSchema>;

export const auditSchema = z.object({
  rows: z.array(auditRowSchema).describe('Newest first.'),
  next: z.number().int().nullable().describe('`before` of the following page. Null: there is none.'),
});
export type AuditPage = z.output<typeof auditSchema>;

/** GET /api/audit/verify?number=120&hash=... */
export const verifyQuery = z
  .object({ number: number.optional(), hash: hash.optional() })
  .refine(({ number, hash }) => (number === undefined) === (hash === undefined), { path: ['hash'] })
  .describe('A row that was noted elsewhere: with it an end that was cut off, and a log that was written anew, are found too.');

export const verdictSchema = z.object({
  intact: z.boolean(),
  number: z.number().int().describe('The last row that is as it was written. 0: none.'),
  hash: z.string().describe('Its hash. Note number and hash elsewhere, and give them to the next check.'),
  broken: z
    .object({
      number: z.number().int().describe('The first row that is wrong.'),
      what: z
        .enum(['altered', 'missing', 'rewritten'])
        .describe('altered: it, or the hash before it, is not as written. missing: it is gone. rewritten: not the row that was noted.'),
    })
    .nullable(),
});
export type Verdict = z.output<typeof verdictSchema>;
