/** Shapes of the API of consent to recordings. The page infers its types from here. */
import { z } from 'zod';
import { languages } from '../../platform/errors.js';
import { lineOfText } from '../../platform/text.js';

export const recordedMeetingKinds = ['meeting', 'webinar'] as const;
export type RecordedMeetingKind = (typeof recordedMeetingKinds)[number];

const time = z.iso.datetime();
const what = z
  .enum(['asked', 'informed', 'yes', 'no', 'withdrawn', 'withdrawn-all'])
  .describe('withdrawn: nothing more of the person from then on. withdrawn-all: nothing at all.');

/** PUT /api/recording-policies */
export const recordingPolicyBody = z.object({
  meetingKind: z.enum(recordedMeetingKinds),
  consent: z
    .enum(['ask', 'inform', 'forbidden'])
    .describe('ask: only who says yes is recorded. inform: everybody is, who was told and has not objected. forbidden: no recording.'),
  starters: z.enum(['host', 'moderators']).describe('Who may start one: hosts, or co-hosts too.'),
  keepDays: z.number().int().min(1).max(36_500).nullable().describe('Days until it is deleted. Null: until somebody deletes it.'),
  viewers: z.enum(['participants', 'moderators']).describe('Who sees it without being asked: who was in the meeting, or its hosts alone.'),
  download: z.boolean(),
  watermark: z.boolean().describe('Whoever plays or downloads it sees his name on it.'),
  contact: lineOfText(200)
    .nullable()
    .describe('Whom to ask for access and correction: name or post, address. Null: the name of the organisation.'),
});
export const recordingPolicySchema = recordingPolicyBody.extend({
  contact: z.string().nullable(),
  changedAt: time.nullable().describe('Null: nobody has changed it; these are the defaults.'),
});
export type RecordingPolicyFace = z.output<typeof recordingPolicySchema>;
/** GET /api/recording-policies */
export const recordingPoliciesSchema = z.object({ policies: z.array(recordingPolicySchema).describe('One for each kind of meeting.') });

export const noticeTextSchema = z.object({
  title: z.string(),
  what: z.string().describe('What is recorded.'),
  purpose: z.string(),
  kept: z.string().describe('How long it is kept.'),
  seenBy: z.string(),
  voluntary: z.string().describe('That it is voluntary, and what a no means.'),
  contact: z.string().describe('How to withdraw, and whom to ask for access and correction.'),
});
export type NoticeText = z.output<typeof noticeTextSchema>;
export const noticeTextsSchema = z.record(z.enum(languages), noticeTextSchema);
export type NoticeTexts = z.output<typeof noticeTextsSchema>;

/** GET /api/recordings/:id/consent */
export const ledgerSchema = z.object({
  entries: z
    .array(
      z.object({
        number: z.number().int().describe('From 1, without holes; of one person alone they have holes.'),
        person: z.object({ id: z.uuid(), name: z.string() }).describe('The name is that of the time.'),
        what,
        noticeHash: z.string(),
        language: z.enum(languages).describe('In which the notice was shown.'),
        client: z.string().describe('Browser or program, as it named itself.'),
        at: time,
      }),
    )
    .describe('Oldest first. Who may not manage the recording sees his own alone.'),
  notices: z.array(
    z.object({
      hash: z.string().describe('SHA-256 of the canonical JSON (RFC 8785) of texts.'),
      version: z.string(),
      texts: noticeTextsSchema,
    }),
  ),
});
export type LedgerFace = z.output<typeof ledgerSchema>;

/** GET /api/recordings/mine?before=... */
export const mineQuery = z.object({
  before: z.uuid().toLowerCase().optional().describe('Only older recordings: `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const mineSchema = z.object({
  recordings: z
    .array(
      z.object({
        id: z.uuid(),
        meetingId: z.uuid(),
        kind: z.enum(['recording', 'transcript']),
        title: z.string(),
        state: z.enum(['on', 'paused', 'processing', 'ready', 'failed', 'deleted']),
        startedBy: z.string(),
        startedAt: time,
        stoppedAt: time.nullable(),
        deleteAt: time.nullable().describe('When it will be deleted. Null: when somebody deletes it.'),
        deletedAt: time.nullable(),
        answer: what.describe('What counts of the caller.'),
        recorded: z.boolean().describe('Something of the caller is in it now.'),
        contact: z.string().describe('Whom to ask for access and correction.'),
      }),
    )
    .describe('Newest first: those that the caller was told of, or asked about.'),
  next: z.uuid().nullable().describe('`before` of the following page. Null: there is none.'),
});
export type MyRecordings = z.output<typeof mineSchema>;

/** POST /api/recordings/:id/consent/withdraw */
export const withdrawBody = z.object({
  everything: z.boolean().describe('Also what was recorded before: it is removed, and the recording put together anew without it.'),
  personId: z
    .uuid()
    .toLowerCase()
    .optional()
    .describe('Of somebody who asked for it otherwise, such as a guest after the meeting. For those who govern the recording.'),
});
export const withdrawnSchema = z.object({
  answer: what.describe('What counts of the person now.'),
  heldBy: z.string().nullable().describe('The legal hold that keeps what was recorded for now; it is removed once the hold is lifted.'),
});
export type Withdrawn = z.output<typeof withdrawnSchema>;
