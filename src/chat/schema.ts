/** Shapes of the HTTP API of chat. The page infers its types from here. */
import { z } from 'zod';
import { cleanText, lineOfText } from '../platform/text.js';

export const conversationKinds = ['direct', 'group', 'department', 'announcement', 'meeting', 'project'] as const;
export const memberRoles = ['member', 'admin'] as const;
export const notifyLevels = ['all', 'mentions', 'nothing'] as const;

const time = z.iso.datetime();
const number = z.number().int().min(0);
const personSchema = z.object({ id: z.string(), name: z.string(), external: z.boolean().optional(), app: z.boolean().optional() });

export const attachmentSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  type: z.string(),
  size: z.number(),
  sha256: z.string(),
  width: z.number(),
  height: z.number(),
  preview: z.boolean(),
});

/** A message as a program reads it: proto ChatMessage in JSON. */
export const messageSchema = z.object({
  number: number.describe('Its place in the log of the conversation.'),
  changed: number.describe('The number of the entry that changed it last.'),
  kind: z.enum(['text', 'poll', 'system']),
  senderId: z.uuid(),
  senderName: z.string(),
  clientId: z.uuid(),
  body: z.string().describe('Markdown without HTML. Empty once recalled.'),
  sentAt: time,
  editedAt: time.nullable(),
  recalledAt: time.nullable(),
  pinned: z.boolean(),
  urgent: z.boolean(),
  byApp: z.boolean(),
  thread: number.nullable(),
  replyTo: number.nullable(),
  replies: number,
  mentions: z.array(z.uuid()),
  mentionsAll: z.boolean(),
  attachments: z.array(attachmentSchema),
  reactions: z.record(z.string(), number).describe('How many, by emoji.'),
  poll: z
    .object({
      options: z.array(z.object({ text: z.string(), votes: number })),
      voters: number,
      multiple: z.boolean(),
      anonymous: z.boolean(),
      closed: z.boolean(),
    })
    .nullable(),
  cards: z.array(z.object({ url: z.string(), title: z.string(), description: z.string(), site: z.string() })),
  system: z
    .object({
      what: z.string(),
      people: z.array(personSchema),
      text: z.string(),
      recordingId: z.uuid().nullable().describe('The recording that is ready, or shared with the members.'),
    })
    .nullable(),
  forwarded: z.object({ senderName: z.string(), sentAt: time }).nullable(),
});
export type MessageFace = z.output<typeof messageSchema>;

export const messagesSchema = z.object({
  messages: z.array(messageSchema),
  latest: number.describe('The newest number of the conversation.'),
  more: z.boolean().describe('There are more in the direction that was asked for.'),
});

/** GET /api/conversations/:id/messages?after=0&limit=100 */
export const messagesQuery = z
  .object({
    after: z.coerce.number().int().min(0).optional().describe('Messages after this number, oldest first.'),
    before: z.coerce.number().int().min(1).optional().describe('The newest messages before this number.'),
    changedAfter: z.coerce.number().int().min(0).optional().describe('Messages that changed after this number, by `changed`.'),
    since: time.optional().describe('Messages from this time on.'),
    thread: z.coerce.number().int().min(0).optional().describe('Only this thread; 0: only outside of threads.'),
    limit: z.coerce.number().int().min(1).max(200).default(100),
  })
  .refine(
    ({ after, before, changedAfter, since }) => [after, before, changedAfter, since].filter((v) => v !== undefined).length <= 1,
    'at most one of after, before, changedAfter, since',
  );

export const sendBody = z.object({
  clientId: z.uuid().optional().describe('Makes a resend harmless. Default: a new one.'),
  body: z.string().max(400_000).default(''),
  thread: number.optional(),
  replyTo: number.optional(),
  mentions: z.array(z.uuid()).max(1_000).default([]),
  mentionsAll: z.boolean().default(false),
  attachmentIds: z.array(z.uuid()).max(100).default([]),
  urgent: z.boolean().default(false),
  acknowledged: z.boolean().default(false).describe('Answer to CHAT_DLP_WARNED.'),
  reason: z.string().max(500).default('').describe('Answer to CHAT_DLP_REASON.'),
});

export const conversationSchema = z.object({
  id: z.uuid(),
  kind: z.enum(conversationKinds),
  title: z.string(),
  description: z.string(),
  domain: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  latest: number,
  memberCount: number,
  archived: z.boolean(),
  historyFromJoin: z.boolean(),
  createdAt: time,
  role: z.enum(memberRoles),
  readNumber: number,
  unread: number,
  unreadMentions: number,
  notify: z.enum(notifyLevels),
  mutedUntil: time.nullable(),
  canPost: z.boolean(),
  canManage: z.boolean(),
  counterpart: personSchema.nullable().describe('Of a direct conversation.'),
});
export type ConversationFace = z.output<typeof conversationSchema>;
export const conversationsSchema = z.object({ conversations: z.array(conversationSchema) });

const title = lineOfText(120);
const description = z.string().overwrite(cleanText).max(2_000);
export const conversationBody = z
  .object({
    kind: z.enum(['direct', 'group', 'department', 'announcement', 'project']),
    title: title.optional().describe('Needed unless it is direct.'),
    description: description.default(''),
    memberIds: z.array(z.uuid()).max(10_000).default([]).describe('Besides the caller. Of a direct conversation: one, or none for notes.'),
    domainId: z.uuid().nullable().default(null),
    historyFromJoin: z.boolean().default(false).describe('Who joins later sees only what was written since.'),
  })
  .refine((body) => body.kind === 'direct' || body.title !== undefined, { path: ['title'], message: 'a title is needed' });
export const conversationPatch = z.object({ title, description, archived: z.boolean() }).partial();

export const memberSchema = personSchema.extend({ role: z.enum(memberRoles), joinedAt: time, email: z.string().nullable() });
export const membersSchema = z.object({ members: z.array(memberSchema) });
export const membersBody = z.object({ personIds: z.array(z.uuid()).min(1).max(10_000) });
export const memberPatch = z.object({ role: z.enum(memberRoles) });
export const minePatch = z.object({ notify: z.enum(notifyLevels), mutedUntil: time.nullable() }).partial();

export const historySchema = z.object({
  changes: z.array(
    z.object({
      number,
      kind: z.string(),
      by: z.string(),
      at: time,
      before: z.string().nullable().describe('The text that an edit replaced.'),
    }),
  ),
});
