/** Shapes of recordings over HTTP. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../platform/text.js';

export const recordingKinds = ['recording', 'transcript'] as const;
export const recordingStates = ['on', 'paused', 'processing', 'ready', 'failed'] as const;
/** A shared screen, a topic of the summary, a person, an item of the meeting's agenda. */
export const chapterOrigins = ['screen', 'topic', 'person', 'agenda'] as const;
export const recordingSteps = ['seal', 'transcribe', 'compose', 'summarize', 'sign'] as const;

const person = z.object({ id: z.uuid(), name: z.string() });

export const newsKinds = ['shared', 'review-assigned', 'review-finished', 'review-withdrawn'] as const;
export type NewsKind = (typeof newsKinds)[number];
const recordingNews = z.object({ id: z.uuid(), kind: z.enum(newsKinds), by: person, at: z.iso.datetime() });
export type RecordingNews = z.output<typeof recordingNews>;

export const recordingSchema = z.object({
  id: z.uuid(),
  meetingId: z.uuid(),
  conversationId: z.uuid(),
  kind: z.enum(recordingKinds),
  state: z.enum(recordingStates),
  title: z.string(),
  startedBy: person,
  people: z.array(person).describe('Those of whom something was taken, by name.'),
  startedAt: z.iso.datetime().describe('All times within the recording are milliseconds since this one.'),
  stoppedAt: z.iso.datetime().nullable(),
  step: z.enum(recordingSteps).nullable().describe('What is being done with it while it is processing.'),
  progress: z.number().describe('0 to 1, of all steps together.'),
  failure: z.string().nullable().describe('Why a step failed, for who manages it.'),
  bytes: z.number(),
  version: z.int().describe('Grows each time it is put together anew; 0: not yet.'),
  deleteAt: z.iso.datetime().nullable().describe('Null: kept until somebody deletes it.'),
  mine: z.object({ download: z.boolean(), manage: z.boolean(), govern: z.boolean(), watermark: z.boolean() }),
  toReview: z.boolean().describe('The caller is to review it.'),
  news: z.array(recordingNews).describe('Why it is new to the caller, oldest first: until POST /api/recording-news/seen.'),
});
export type RecordingFace = z.output<typeof recordingSchema>;

/** GET /api/recordings */
export const recordingsQuery = z.object({
  query: z.string().max(200).optional().describe('Part of the title.'),
  meetingId: z.uuid().optional(),
  state: z.enum(recordingStates).optional(),
  of: z
    .enum(['mine', 'shared', 'review', 'new'])
    .optional()
    .describe(
      'mine: those that the caller started. shared: those that somebody shared with the caller. review: those that the caller is to review. new: those of which there is news for the caller.',
    ),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export const recordingsSchema = z.object({ recordings: z.array(recordingSchema), cursor: z.string().nullable() });

const gapReasons = ['paused', 'redacted', 'withdrawn', 'disk-full', 'disk-slow', 'interrupted', 'node-lost', 'damaged', 'lost'] as const;
const recordingGap = z.object({
  what: z
    .enum(gapReasons)
    .describe(
      'paused, redacted: nothing of anybody. withdrawn: somebody took his consent back. disk-full, disk-slow: it came and was not kept. interrupted, node-lost: a server was cut off. damaged: what was kept could not be read. lost: it never came from the sender.',
    ),
  fromMs: z.number(),
  toMs: z.number().nullable().describe('Null: to the end.'),
  people: z.array(person).nullable().describe('Null: of everybody. Empty: it is not said of whom.'),
  sources: z.array(z.enum(['microphone', 'camera', 'screen', 'screen-audio'])).describe('What of them is missing. Empty: everything.'),
  by: person.nullable().describe('Who paused it.'),
  partly: z.boolean().describe('Not all of that time: again and again.'),
});
export type RecordingGap = z.output<typeof recordingGap>;

/** GET /api/recordings/:id */
export const recordingDetailSchema = recordingSchema.extend({
  pauses: z.array(z.object({ fromMs: z.number(), toMs: z.number().nullable() })),
  gaps: z.array(recordingGap).describe('What is not in it, and why, by when it begins; what nobody misses is left out.'),
  files: z.array(z.object({ name: z.string(), kind: z.string(), mediaType: z.string(), bytes: z.number(), sha256: z.string() })),
  chapters: z.array(z.object({ atMs: z.number(), title: z.string(), origin: z.enum(chapterOrigins) })),
});
export type RecordingDetail = z.output<typeof recordingDetailSchema>;

/** PATCH /api/recordings/:id */
export const recordingPatch = z.object({ title: lineOfText(200) });

/** POST /api/recording-downloads */
const wished = { recordingId: z.uuid().toLowerCase() };
export const downloadWish = z.discriminatedUnion('what', [
  z.object({ ...wished, what: z.literal('file'), name: z.string().max(100).describe('Such as meeting.mp4.') }),
  z.object({
    ...wished,
    what: z.literal('copy'),
    downloadId: z.uuid().toLowerCase().describe('One with a name in the picture, that is ready.'),
  }),
  z.object({ ...wished, what: z.literal('evidence') }),
]);
export type DownloadWish = z.output<typeof downloadWish>;
export const downloadLinkSchema = z.object({
  url: z.string().describe('On this server.'),
  name: z.string().describe('As it is saved.'),
  bytes: z.number(),
  expiresAt: z.iso.datetime().describe('Begun before, it may take as long as it takes.'),
});
export type DownloadLink = z.output<typeof downloadLinkSchema>;
