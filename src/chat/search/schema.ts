/** Shapes of the search. The page infers its types from here. */
import { z } from 'zod';
import { conversationKinds } from '../schema.js';

const time = z.iso.datetime().refine((text) => Date.parse(text) >= 0);
const ranges = z.array(z.tuple([z.number().int(), z.number().int()])).describe('[start, end) in UTF-16 units, as JavaScript counts.');

/** GET /api/search/messages?q=... : newest first. */
export const searchQuery = z
  .object({
    q: z
      .string()
      .max(200)
      .default('')
      .describe(
        'Pieces between spaces must all be there, also inside of words; words in quotes as whole words and in this order. ' +
          'Case, width, accents, and Traditional or Simplified make no difference. One or two letters alone are found as a word.',
      ),
    from: z.uuid().optional().describe('Who wrote it.'),
    conversation: z.uuid().optional(),
    since: time.optional().describe('From this time on.'),
    until: time.optional().describe('Before this time.'),
    has: z.enum(['file']).optional(),
    mentions: z.enum(['me']).optional().describe('Mentions the caller, or everybody.'),
    cursor: z.string().max(400).optional(),
    limit: z.coerce.number().int().min(1).max(50).default(20),
  })
  .refine(
    ({ q, from, conversation, since, until, has, mentions }) =>
      q.trim() !== '' || [from, conversation, since, until, has, mentions].some((filter) => filter !== undefined),
    { path: ['q'], message: 'something to search for' },
  );
export type SearchQuery = z.output<typeof searchQuery>;

export const foundMessageSchema = z.object({
  conversation: z.object({
    id: z.uuid(),
    kind: z.enum(conversationKinds),
    title: z.string().describe('Of a direct conversation: the name of the other person.'),
  }),
  number: z.number().int(),
  thread: z.number().int().nullable(),
  kind: z.enum(['text', 'poll', 'system']),
  sender: z.object({ id: z.uuid(), name: z.string(), app: z.boolean() }),
  sentAt: z.iso.datetime(),
  edited: z.boolean(),
  highlights: ranges.describe('In the body of the message. Empty where only a file name was found. [start, end) in UTF-16 units.'),
  snippet: z
    .object({ text: z.string(), start: z.number().int().describe('Where in the body it begins.'), highlights: ranges })
    .describe('The part of the body around the first highlight. Plain text: to be shown without reading it as HTML or markdown.'),
  attachments: z.array(z.object({ id: z.uuid(), name: z.string(), type: z.string(), size: z.number(), highlights: ranges })),
});
export type FoundMessage = z.output<typeof foundMessageSchema>;

export const foundSchema = z.object({
  messages: z.array(foundMessageSchema),
  cursor: z.string().nullable().describe('For the next page; null: that was all. A page may be short, even empty, and have one.'),
});
export type Found = z.output<typeof foundSchema>;
