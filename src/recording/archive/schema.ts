/** Shapes of the API of the archive. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../../platform/text.js';
import { chapterOrigins, newsKinds } from '../schema.js';

const id = z.uuid().toLowerCase();
const person = z.object({ id: z.uuid(), name: z.string() });
const at = z.iso.datetime();
/** PostgreSQL's integer; 24 days. */
const ms = z.number().int().min(0).max(2_147_483_647);
const atMs = ms.describe('Milliseconds since the recording began.');
/** More lines, with nothing that can't be stored or turns them around. */
const text = (max: number) =>
  z
    .string()
    .overwrite((given) => given.replace(/(?!\n)[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '').trim())
    .max(max);

export const recordingParams = z.object({ id });

// Playing and files

/** POST /api/recordings/:id/plays, and again for each renewal */
export const playSchema = z.object({
  id: z.uuid().describe('Of the viewing. The right to the stream is in a cookie that goes along with it.'),
  playlist: z.string().describe('Address of the HLS playlist. Empty: a transcript alone has no stream.'),
  expiresAt: at.describe('The stream ends then, unless POST /api/recordings/:id/plays/:playId comes before.'),
  beginMs: ms.describe('Where the stream begins, milliseconds since the recording did: something may have been cut off.'),
  watermark: z.object({ text: z.string() }).nullable().describe('To be shown over the picture, with the time of day, all the while.'),
});
export type Play = z.output<typeof playSchema>;
export const playParams = z.object({ id, playId: id });
export const hlsParams = z.object({ id, '*': z.string().max(100) });
export const fileParams = z.object({ id, name: z.string().max(100) });
export const fileQuery = z.object({ inline: z.enum(['1']).optional().describe('To be shown in the page, and not saved.') });

/** GET /api/recordings/:id/viewings */
export const viewingsSchema = z.object({
  viewings: z.array(
    z.object({
      id: z.uuid(),
      person: person.nullable().describe('Null: a visitor by a link.'),
      link: z.object({ id: z.uuid(), name: z.string() }).nullable(),
      name: z.string(),
      client: z.string(),
      startedAt: at,
      seenAt: at,
    }),
  ),
});

// Downloads with a watermark

export const downloadSchema = z.object({
  id: z.uuid(),
  state: z.enum(['waiting', 'rendering', 'ready', 'failed']),
  progress: z.number().describe('0 to 1.'),
  name: z.string(),
  bytes: z.number().nullable(),
  sha256: z.string().nullable(),
  expiresAt: at.describe('It is deleted then.'),
});
export type Download = z.output<typeof downloadSchema>;
export const downloadParams = z.object({ id, downloadId: id });

// Shares

export const shareSchema = z.object({
  id: z.uuid(),
  kind: z.enum(['person', 'conversation', 'link']),
  targetId: z.uuid().nullable(),
  name: z.string(),
  download: z.boolean(),
  password: z.boolean().describe('A link that asks for a password.'),
  expiresAt: at.nullable(),
  createdBy: person,
  createdAt: at,
  ended: z.boolean().describe('Withdrawn, or expired.'),
  visits: z.number().int().describe('How often it was watched by the link.'),
  lastVisitAt: at.nullable(),
});
export type Share = z.output<typeof shareSchema>;
export const sharesSchema = z.object({ shares: z.array(shareSchema) });

/** POST /api/recordings/:id/shares */
export const shareBody = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('person'),
    targetId: id,
    download: z.boolean().default(false),
    expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
  }),
  z.object({
    kind: z.literal('conversation'),
    targetId: id,
    download: z.boolean().default(false),
    expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
  }),
  z.object({
    kind: z.literal('link'),
    name: lineOfText(100).describe('For whom it is.'),
    download: z.boolean().default(false),
    password: z.string().min(8).max(256).nullable().default(null),
    expiresAt: z.iso.datetime({ offset: true }).describe('At most a year ahead.'),
  }),
]);
export type ShareBody = z.output<typeof shareBody>;
export const shareMadeSchema = z.object({
  share: shareSchema,
  link: z.string().nullable().describe('Shown this once: the server keeps a hash of its secret.'),
});
export const shareParams = z.object({ id, shareId: id });

/** POST /api/recording-links/open */
export const openLinkBody = z.object({
  secret: z.string().min(1).max(200).describe('What stands behind # in the link.'),
  password: z.string().max(256).default(''),
  name: lineOfText(80).nullable().default(null).describe('How the visitor calls himself.'),
});
export const visitSchema = playSchema.extend({
  recording: z.object({
    title: z.string(),
    organisation: z.string(),
    startedAt: at,
    stoppedAt: at.nullable(),
    chapters: z.array(z.object({ atMs: ms, title: z.string(), origin: z.enum(chapterOrigins) })),
    files: z.array(z.object({ name: z.string(), kind: z.string(), mediaType: z.string(), bytes: z.number() })),
  }),
  download: z.boolean(),
});
export type Visit = z.output<typeof visitSchema>;
export const visitParams = z.object({ id });
/** GET /api/recording-links/:id/transcript */
export const visitTranscriptSchema = z.object({
  lines: z.array(z.object({ id: z.uuid(), speaker: z.string(), beginMs: ms, endMs: ms, language: z.string(), text: z.string() })),
});

// Comments

export const commentSchema = z.object({
  id: z.uuid(),
  atMs,
  replyTo: z.uuid().nullable(),
  person: person.nullable().describe('Null: it was deleted, and stands here for its answers.'),
  text: z.string(),
  createdAt: at,
  mayDelete: z.boolean(),
});
export type Comment = z.output<typeof commentSchema>;
export const commentsSchema = z.object({ comments: z.array(commentSchema).describe('By the moment, answers behind what they answer.') });
export const commentBody = z.object({
  text: text(4_000).min(1),
  atMs: atMs.default(0).describe('Milliseconds since the recording began; an answer stands where its comment does.'),
  replyTo: id.nullable().default(null),
});
export type CommentBody = z.output<typeof commentBody>;
export const commentParams = z.object({ id, commentId: id });

// Reviews

export const outcomes = ['cleared', 'flagged', 'escalated'] as const;
export const markSchema = z.object({
  id: z.uuid(),
  fromMs: ms,
  toMs: ms,
  label: z.string(),
  note: z.string(),
});
export type Mark = z.output<typeof markSchema>;
export const reviewSchema = z.object({
  id: z.uuid(),
  recordingId: z.uuid(),
  recordingTitle: z.string(),
  recordedAt: at,
  reviewer: person,
  assignedBy: person,
  task: z.string(),
  dueOn: z.iso.date().nullable(),
  createdAt: at,
  outcome: z.enum(outcomes).nullable().describe('Null: it is under way.'),
  conclusion: z.string(),
  finishedAt: at.nullable(),
  reportSha256: z.string().nullable(),
  marks: z.array(markSchema),
  mine: z.boolean().describe('The caller is the reviewer.'),
});
export type Review = z.output<typeof reviewSchema>;
export const reviewsSchema = z.object({ reviews: z.array(reviewSchema) });
export const reviewBody = z.object({
  reviewerId: id,
  task: text(2_000).default(''),
  dueOn: z.iso.date().nullable().default(null),
});
export type ReviewBody = z.output<typeof reviewBody>;
export const markBody = z
  .object({ fromMs: ms, toMs: ms, label: lineOfText(60), note: text(2_000).default('') })
  .refine(({ fromMs, toMs }) => toMs >= fromMs, 'toMs: before fromMs');
export type MarkBody = z.output<typeof markBody>;
export const markParams = z.object({ id, markId: id });
export const finishBody = z.object({
  outcome: z.enum(outcomes),
  conclusion: text(4_000).default(''),
  language: z.enum(['en', 'zh-Hant', 'zh-Hans']).default('en').describe('Of the report.'),
});
export type FinishBody = z.output<typeof finishBody>;

// Edits

export const editSchema = z.object({
  id: z.uuid(),
  what: z.enum(['trim', 'redact']),
  fromMs: ms,
  toMs: ms,
  reason: z.string(),
  madeBy: person,
  madeAt: at,
  undone: z.object({ by: z.string(), at }).nullable(),
  finalAt: at.nullable().describe('The originals of the passage are deleted: it can not be undone any more.'),
  finalOn: at.nullable().describe('When they will be. Null: they are kept as long as the recording.'),
});
export type EditFace = z.output<typeof editSchema>;
export const editsSchema = z.object({ edits: z.array(editSchema) });
export const editBody = z
  .object({
    what: z.enum(['trim', 'redact']).describe('trim: what lies outside is taken away. redact: silence and a card instead of the picture.'),
    fromMs: ms,
    toMs: ms,
    reason: lineOfText(500),
  })
  .refine(({ fromMs, toMs }) => toMs > fromMs, 'toMs: not after fromMs');
export type EditBody = z.output<typeof editBody>;
export const editParams = z.object({ id, editId: id });
export const undoBody = z.object({ reason: lineOfText(500) });

/** GET/PUT /api/recording-originals */
export const originalsSchema = z.object({
  days: z
    .number()
    .int()
    .min(0)
    .max(36_500)
    .nullable()
    .describe('Days until the originals of what was cut out are deleted; null: kept as long as the recording.'),
});

// Keeping and deleting

/** GET/PATCH /api/recordings/:id/retention */
export const retentionSchema = z.object({
  deleteAt: at.nullable(),
  keepDays: z.number().int().nullable().describe('Since the recording began; null: as long as nobody deletes it.'),
  rule: z.enum(['hold', 'person', 'policy']).describe('What decides: a legal hold, somebody who set it for this recording, the policy.'),
  hold: z.string().nullable().describe('The legal hold that keeps it, whatever the days say.'),
  setBy: z.object({ name: z.string(), at }).nullable(),
});
export type RetentionFace = z.output<typeof retentionSchema>;
export const retentionPatch = z.object({ keepDays: z.number().int().min(1).max(36_500).nullable() });

/** DELETE /api/recordings/:id */
export const deletedSchema = z.object({
  deletedAt: at,
  bytes: z.number().describe('Of all files and captured tracks. They are gone within minutes.'),
  counts: z.record(z.string(), z.number()).describe('Rows that are gone, by what they were.'),
});
export type Deleted = z.output<typeof deletedSchema>;

// Quota

export const quotaSchema = z.object({
  bytes: z.number().nullable().describe('What recordings may take; null: no limit.'),
  own: z.boolean().describe('Set for this organisation; else it is the default of the server.'),
  usedBytes: z.number(),
  recordings: z.number().int(),
  level: z.enum(['fine', 'near', 'almost', 'full']).describe('near: from 80 %, almost: from 95 %, full: nothing more is recorded.'),
});
export type Quota = z.output<typeof quotaSchema>;
export const quotaBody = z.object({
  bytes: z.number().int().min(1_000_000).max(1e15).nullable().describe('Null: the default of the server.'),
});

export const nothing = z.object({});
export const bytesSchema = z.unknown().describe('The bytes of the file.');
export const noneSchema = z.null().describe('Nothing: the headers say it.');

// What people are told of recordings

/** GET /api/recording-news */
export const newsSchema = z.object({
  id: z.uuid(),
  kind: z.enum(newsKinds),
  recording: z.object({ id: z.uuid(), title: z.string() }).nullable().describe('Null: the caller does not see it any more.'),
  by: person,
  at,
  outcome: z.enum(outcomes).nullable().describe('How the review came out.'),
  seen: z.boolean(),
});
export type NewsFace = z.output<typeof newsSchema>;
export const newsListSchema = z.object({
  news: z.array(newsSchema).describe('The newest, what the caller has not seen before all others.'),
  unseen: z.int(),
});
/** POST /api/recording-news/seen */
export const seenBody = z
  .object({ recordingId: id.optional().describe('All of this recording: it was opened.'), ids: z.array(id).max(200).optional() })
  .refine(({ recordingId, ids }) => recordingId !== undefined || ids !== undefined, 'recordingId or ids');
export const seenSchema = z.object({ seen: z.int().describe('How many of them were new until now.') });
