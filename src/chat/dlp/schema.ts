/** Shapes of the DLP API. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../../platform/text.js';

/**
 * What is found without a pattern: Hong Kong identity card (check digit), resident identity card of the
 * mainland with 18 digits (checksum) and with 15 (a valid date alone, so it finds more than it should),
 * payment card (Luhn, ranges of issuers), phone number, IBAN.
 */
export const detectorNames = ['hkid', 'prc-id', 'prc-id-15', 'card', 'phone', 'iban'] as const;
export type DetectorName = (typeof detectorNames)[number];

/**
 * What happens to a message in which a rule finds enough, from the mildest: notify lets it pass and says
 * so to admins; warn wants it to be sent once more; reason wants to know why; block keeps nothing of it.
 */
export const dlpActions = ['notify', 'warn', 'reason', 'block'] as const;
export type DlpAction = (typeof dlpActions)[number];

export const conversationKinds = ['direct', 'group', 'department', 'announcement', 'meeting', 'project'] as const;

/** Of one organisation, at most. */
export const maxRules = 100;
const maxMinimum = 100;

const patternSchema = z.object({
  name: lineOfText(60).describe('What people are told was found.'),
  pattern: z
    .string()
    .min(1)
    .max(1_000)
    .describe('RE2 syntax: no look-arounds, no back-references. Sees the text in NFKC without invisible characters.'),
  caseSensitive: z.boolean().default(false),
});
export type DlpPattern = z.output<typeof patternSchema>;

const fileType = z
  .string()
  .overwrite((text) => text.trim().toLowerCase().replace(/^\./, ''))
  .regex(/^(?:[a-z0-9+_-]{1,20}|[a-z0-9-]{1,40}\/(?:\*|[a-z0-9.+-]{1,80}))$/)
  .describe('An extension such as `exe`, or a media type such as `application/zip` or `video/*`.');

const unique = <Item extends z.ZodType<string>>(item: Item, max: number) =>
  z
    .array(item)
    .max(max)
    .overwrite((list) => [...new Set(list)]);

const ruleFields = z.object({
  name: lineOfText(80),
  enabled: z.boolean(),
  detectors: unique(z.enum(detectorNames), detectorNames.length),
  patterns: z.array(patternSchema).max(20),
  fileTypes: unique(fileType, 100),
  action: z.enum(dlpActions),
  notify: z.boolean().describe('Admins are told of every match that was blocked or answered. The action notify does so in any case.'),
  scope: z
    .object({ domains: unique(z.uuid(), 100).default([]), kinds: unique(z.enum(conversationKinds), conversationKinds.length).default([]) })
    .describe('Conversations of these domains and of these kinds. An empty list: of all.'),
  minimum: z
    .int()
    .min(1)
    .max(maxMinimum)
    .describe('So many matches before anything happens. The same number twice is one match; of patterns, places count, up to the minimum.'),
});

/** POST /api/dlp/rules */
export const dlpRuleBody = ruleFields.extend({
  enabled: ruleFields.shape.enabled.default(false),
  detectors: ruleFields.shape.detectors.default([]),
  patterns: ruleFields.shape.patterns.default([]),
  fileTypes: ruleFields.shape.fileTypes.default([]),
  notify: ruleFields.shape.notify.default(false),
  scope: ruleFields.shape.scope.default({ domains: [], kinds: [] }),
  minimum: ruleFields.shape.minimum.default(1),
});
export type DlpRuleBody = z.output<typeof dlpRuleBody>;
/** PATCH /api/dlp/rules/:id */
export const dlpRulePatch = ruleFields.partial();
export type DlpRulePatch = z.output<typeof dlpRulePatch>;

export const dlpRuleSchema = ruleFields.extend({ id: z.uuid(), createdAt: z.iso.datetime(), changedAt: z.iso.datetime() });
export type DlpRule = z.output<typeof dlpRuleSchema>;

export const dlpRulesSchema = z.object({ rules: z.array(dlpRuleSchema).describe('By name.') });

/** POST /api/dlp/rules/test : what a rule would have found. Changes nothing. */
export const dlpTestBody = z.object({
  rule: dlpRuleBody.describe('On or off, stored or not.'),
  since: z.iso
    .datetime({ offset: true })
    .refine((text) => Date.parse(text) >= 0)
    .optional()
    .describe('Default: 30 days ago.'),
  limit: z.int().min(1).max(100_000).default(10_000).describe('So many messages are read at most, the newest first.'),
});
export type DlpTestBody = z.output<typeof dlpTestBody>;

export const foundSchema = z.object({
  detector: z.string().describe('Name of a detector; `pattern`; `file`.'),
  what: z.string().describe('As people are told: HKID, the name of the pattern, .exe'),
  count: z.int(),
});
export type DlpFound = z.output<typeof foundSchema>;

export const dlpTestSchema = z.object({
  read: z.int().describe('Messages that were read.'),
  matched: z.int().describe('Messages in which the rule would have acted.'),
  complete: z.boolean().describe('Everything since then was read. False: `limit`, or the time that a test has, came first.'),
  until: z.iso.datetime().nullable().describe('The oldest message that was read.'),
  found: z.array(foundSchema).describe('Matches in all these messages.'),
  messages: z
    .array(
      z.object({
        conversationId: z.uuid(),
        conversation: z.string().describe('Its title; empty for two people.'),
        number: z.int(),
        sender: z.object({ id: z.uuid(), name: z.string() }),
        sentAt: z.iso.datetime(),
        found: z.array(foundSchema.extend({ excerpt: z.string().describe('Of the first match, most of it hidden: A123•••(•)') })),
      }),
    )
    .describe('The newest hundred of them.'),
});
export type DlpTest = z.output<typeof dlpTestSchema>;
