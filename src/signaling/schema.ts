/** Shapes of the meetings API. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../platform/text.js';

export const meetingKinds = ['meeting', 'webinar'] as const;
const kind = z.enum(meetingKinds).describe('Of a webinar, hosts and presenters send; whoever else joins views.');
export const lobbyPolicies = ['off', 'guests', 'everyone'] as const;
const title = lineOfText(120);
/** From 1970 on: the calendar of the database has no year 0. */
const time = z.iso.datetime().refine((text) => Date.parse(text) >= 0);

/** Of an agenda. */
const item = {
  title: lineOfText(200),
  minutes: z.number().int().min(1).max(600).nullable().default(null).describe('Planned; null: as long as it takes.'),
};
const itemsAtMost = 50;
/** A list that replaces another one: who makes an item chooses its id. */
export const agendaItems = z
  .array(z.object({ id: z.uuid().describe('Stays when the item is changed or moved.'), ...item }))
  .max(itemsAtMost)
  .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, { message: 'ids', path: ['id'] });
export type AgendaInput = z.output<typeof agendaItems>;

export const meetingSchema = z.object({
  id: z.uuid(),
  code: z.string().describe('The last part of the link.'),
  link: z.string(),
  kind,
  title: z.string(),
  status: z.enum(['scheduled', 'live', 'ended']),
  startsAt: z.iso.datetime().nullable().describe('Null: as soon as somebody joins.'),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  lobby: z.enum(lobbyPolicies).describe('Who waits for a host: nobody, guests, or everyone but hosts.'),
  guests: z.boolean().describe('Whether people without an account may join by the link.'),
  chatHistory: z.boolean().describe('Whether late joiners see what was written before.'),
  host: z.object({ id: z.uuid(), name: z.string() }),
  mine: z.boolean().describe('The caller is a host, and may change and end it.'),
  participants: z.number().int().describe('How many are in it now, viewers included.'),
});
export type Meeting = z.output<typeof meetingSchema>;

/** POST /api/meetings */
export const meetingBody = z.object({
  title,
  kind: kind.default('meeting'),
  startsAt: time.nullable().default(null),
  lobby: z.enum(lobbyPolicies).default('guests'),
  guests: z.boolean().default(true),
  chatHistory: z.boolean().default(true),
  agenda: z.array(z.object(item)).max(itemsAtMost).default([]).describe('What is to be talked about, in order.'),
});
/** PATCH /api/meetings/:id */
export const meetingPatch = z
  .object({ title, kind, startsAt: time.nullable(), lobby: z.enum(lobbyPolicies), guests: z.boolean(), chatHistory: z.boolean() })
  .partial();

/** PUT /api/meetings/:id/agenda */
export const agendaBody = z.object({
  revision: z.number().int().min(0).describe('Of the agenda that was changed; when somebody else was faster nothing is changed.'),
  items: agendaItems,
});
/** GET /api/meetings/:id/agenda */
export const agendaSchema = z.object({
  revision: z.number().int().describe('0: there never was one.'),
  items: z.array(
    z.object({
      id: z.uuid(),
      title: z.string(),
      minutes: z.number().int().nullable(),
      spentMs: z.number().describe('How long it was talked about, milliseconds; without the time since `since` of the current one.'),
    }),
  ),
  currentId: z.uuid().nullable().describe('What is talked about.'),
  since: z.iso.datetime().nullable(),
});
export type Agenda = z.output<typeof agendaSchema>;

/** GET /api/meetings?state=upcoming|past&cursor=... : newest first for past, soonest first for upcoming. */
export const meetingsQuery = z.object({
  state: z.enum(['upcoming', 'past']).default('upcoming').describe('upcoming: scheduled and live.'),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export const meetingsSchema = z.object({ meetings: z.array(meetingSchema), cursor: z.string().nullable() });

/** GET /api/meetings/code/:code : what the page before joining shows; needs no sign-in. */
export const meetingFaceSchema = z.object({
  id: z.uuid(),
  code: z.string(),
  kind,
  title: z.string(),
  organisation: z.string(),
  status: z.enum(['scheduled', 'live', 'ended']),
  startsAt: z.iso.datetime().nullable(),
  guests: z.boolean(),
  lobby: z.enum(lobbyPolicies),
});
export type MeetingFace = z.output<typeof meetingFaceSchema>;

/** POST /api/meetings/code/:code/guest : answers like a sign-in, with the refresh token in the body. */
export const guestBody = z.object({ name: lineOfText(80) });

export const guestSignedInSchema = z.object({
  accessToken: z.string(),
  expiresInMs: z.number().int(),
  refreshToken: z.string().describe('For POST /api/auth/refresh, in the body. Good for this meeting.'),
  person: z.object({
    id: z.uuid(),
    name: z.string(),
    email: z.null(),
    role: z.literal('guest'),
    organisation: z.object({ id: z.uuid(), name: z.string() }),
  }),
});
/** GET /api/meetings/:id/attendance : who was in it, and when. For hosts. */
export const attendanceSchema = z.object({
  people: z.array(
    z.object({
      personId: z.uuid(),
      name: z.string(),
      guest: z.boolean(),
      stays: z.array(z.object({ joinedAt: z.iso.datetime(), leftAt: z.iso.datetime().nullable() })),
    }),
  ),
});
/** GET /api/meetings/:id/messages?after=0&limit=100 : the chat as this person may read it. */
export const messagesQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(100),
});
export const messagesSchema = z.object({
  messages: z.array(
    z.object({ number: z.number().int(), senderId: z.uuid(), senderName: z.string(), body: z.string(), sentAt: z.iso.datetime() }),
  ),
  latest: z.number().int(),
});

/** GET /api/server : what a page needs to know before anybody signs in. */
export const serverSchema = z.object({
  version: z.string(),
  setUp: z.boolean().describe('False until the owner link was used.'),
  gatewayUrl: z.string().describe('Address of the socket; `{host}` stands for the host of the page.'),
  gatewayUrls: z
    .array(z.string())
    .describe('Addresses of the sockets of all nodes, this one first: a page whose node is gone finds another.'),
  rtpCapabilities: z.record(z.string(), z.unknown()).describe("mediasoup's RtpCapabilities of every router."),
  passwordMin: z.number().int(),
  chatBodyCharacters: z.number().int(),
  chatRecallMs: z.number().int().describe('How long a sender can recall a message, milliseconds.'),
});
export type ServerFace = z.output<typeof serverSchema>;
