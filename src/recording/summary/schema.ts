/** Shapes of summaries: as they are stored, and of the API. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../../platform/text.js';

/** Bounds of what is stored, and of what a person may send. */
export const bounds = {
  text: 1_000,
  title: 120,
  overview: 20,
  topics: 40,
  perTopic: 20,
  decisions: 100,
  questions: 100,
  items: 200,
} as const;

/** speech: a line of the transcript. chat: a message of that time. poll: its outcome. person: somebody wrote it in the review. */
export const originSchema = z.enum(['speech', 'chat', 'poll', 'person']);
export type Origin = z.output<typeof originSchema>;

const text = z.string().min(1).max(bounds.text);
const atMs = z.number().int().min(0).max(2_147_483_647).describe('Milliseconds since the recording began.');

export const sentenceSchema = z.object({
  text,
  atMs,
  lineId: z.string().nullable().describe('The line of the transcript, the message or the poll that it stands on.'),
  origin: originSchema,
  personId: z.string().nullable().describe('Who said it.'),
  speaker: z.string().nullable(),
});
export type Sentence = z.output<typeof sentenceSchema>;

export const topicSchema = z.object({
  title: z.string().min(1).max(bounds.title),
  beginMs: atMs,
  endMs: atMs,
  sentences: z.array(sentenceSchema),
});
export type Topic = z.output<typeof topicSchema>;

/** recording_summaries.content */
export const contentSchema = z.object({
  overview: z.array(sentenceSchema),
  topics: z.array(topicSchema),
  decisions: z.array(sentenceSchema),
  questions: z.array(sentenceSchema).describe('Asked, and not answered in the meeting.'),
});
export type Content = z.output<typeof contentSchema>;

export const emptyContent: Content = { overview: [], topics: [], decisions: [], questions: [] };

export const actionStateSchema = z.enum(['proposed', 'confirmed', 'dismissed', 'done']);
export type ActionState = z.output<typeof actionStateSchema>;

export const actionItemSchema = z.object({
  id: z.uuid(),
  recordingId: z.uuid(),
  state: actionStateSchema,
  what: text,
  assignee: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  dueOn: z.iso.date().nullable(),
  dueText: z.string().nullable().describe('How the date was said.'),
  note: z.string(),
  atMs: atMs.nullable(),
  lineId: z.string().nullable(),
  origin: originSchema,
  edited: z.boolean().describe('A person changed it.'),
});
export type ActionItem = z.output<typeof actionItemSchema>;

/** Why the server was not used although one is set. */
export const fallBackSchema = z.enum(['unreachable', 'timeout', 'refused', 'nothing', 'rubbish']);
export type FallBack = z.output<typeof fallBackSchema>;

const byline = z.object({ id: z.uuid(), name: z.string() });

/** GET /api/recordings/:id/summary */
export const summarySchema = z.object({
  recordingId: z.uuid(),
  number: z.number().int(),
  engine: z.enum(['offline', 'server']).describe('offline: rules of this program. server: a language model.'),
  model: z.string().nullable(),
  fellBack: fallBackSchema.nullable().describe('A server is set, and this is why it was not used.'),
  language: z.string(),
  madeAt: z.iso.datetime(),
  editedBy: byline.nullable().describe('Null: it is as the machine wrote it.'),
  posted: z.object({ by: byline, at: z.iso.datetime() }).nullable(),
  content: contentSchema,
  actionItems: z.array(actionItemSchema),
  making: z.boolean().describe('Another one is being written.'),
  mayManage: z.boolean(),
  versions: z.array(
    z.object({
      number: z.number().int(),
      madeAt: z.iso.datetime(),
      editedBy: byline.nullable(),
      engine: z.enum(['offline', 'server']),
      posted: z.boolean(),
    }),
  ),
});
export type Summary = z.output<typeof summarySchema>;

/** What a person wrote, with nothing in it that turns a line around or can't be seen. */
const written = lineOfText(bounds.text);
const newSentence = z.object({
  text: written,
  lineId: z.string().min(1).max(100).nullable().default(null),
  atMs: atMs.default(0).describe('Counts where there is no line.'),
});
export type NewSentence = z.output<typeof newSentence>;

/** PUT /api/recordings/:id/summary */
export const summaryBody = z.object({
  number: z.number().int().min(1).describe('The version that was edited: when there is another by now, it is refused.'),
  overview: z.array(newSentence).max(bounds.overview),
  topics: z
    .array(
      z.object({
        title: lineOfText(bounds.title),
        beginMs: atMs,
        endMs: atMs,
        sentences: z.array(newSentence).max(bounds.perTopic),
      }),
    )
    .max(bounds.topics),
  decisions: z.array(newSentence).max(bounds.decisions),
  questions: z.array(newSentence).max(bounds.questions),
});
export type SummaryBody = z.output<typeof summaryBody>;

/** POST /api/recordings/:id/summary/post */
export const postBody = z.object({ number: z.number().int().min(1).describe('The version that was read.') });

const assigneeId = z.uuid().toLowerCase().nullable();
const dueOn = z.iso
  .date()
  .refine((day) => day >= '1970-01-01')
  .nullable();
const note = z.string().max(2_000);

/** POST /api/recordings/:id/action-items: what the machine missed. */
export const newActionBody = z.object({
  what: written,
  assigneeId: assigneeId.default(null),
  dueOn: dueOn.default(null),
  note: note.default(''),
  atMs: atMs.nullable().default(null),
});
export type NewAction = z.output<typeof newActionBody>;

/** PATCH /api/action-items/:id */
export const actionPatch = z.object({ what: written, assigneeId, dueOn, note }).partial();
export type ActionPatch = z.output<typeof actionPatch>;

/** GET /api/action-items/mine */
export const myActionsSchema = z.object({
  items: z.array(actionItemSchema.extend({ recordingTitle: z.string(), meetingId: z.uuid() })),
});
export type MyActions = z.output<typeof myActionsSchema>;
