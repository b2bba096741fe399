/** The HTTP API of meetings, and what a page must know before anybody signs in. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Chat } from '../chat/index.js';
import { CausewayError } from '../platform/errors.js';
import { type HttpApp, principalOf } from '../platform/http/index.js';
import type { Principal } from '../platform/principal.js';
import type { Agendas } from './agendas.js';
import type { LiveMeetings } from './live-meetings.js';
import type { MeetingRecord, MeetingRecords, MemberRole } from './meeting-records.js';
import type { AgendaNow } from './meeting-state.js';
import {
  type Agenda,
  agendaBody,
  agendaSchema,
  attendanceSchema,
  guestBody,
  guestSignedInSchema,
  type Meeting,
  meetingBody,
  meetingFaceSchema,
  meetingPatch,
  meetingSchema,
  meetingsQuery,
  meetingsSchema,
  messagesQuery,
  messagesSchema,
  type ServerFace,
  serverSchema,
} from './schema.js';

export interface MeetingRoutesDeps {
  readonly records: MeetingRecords;
  readonly agendas: Agendas;
  readonly live: LiveMeetings;
  readonly chat: Chat;
  /** Signs a guest in; handed over by the composition root, because signaling does not know accounts. */
  readonly signInGuest: (guest: {
    orgId: string;
    meetingId: string;
    name: string;
    device: string | undefined;
    client: string;
  }) => Promise<{ signedIn: z.output<typeof guestSignedInSchema>; device: string }>;
  readonly server: () => Promise<ServerFace>;
  readonly pageUrl: (request: FastifyRequest) => string;
  readonly secureCookies: boolean;
  readonly guestsPerMinute: number;
}

/** Recognises a guest's browser within one meeting; see People.addGuest. */
const guestCookie = 'causeway_guest';
const guestCookieSeconds = 30 * 24 * 3600;
const tags = ['Meetings'];
const idParams = z.object({ id: z.uuid() });
const codeParams = z.object({ code: z.string().min(1).max(40) });
const nothing = z.object({});

export function meetingRoutes(app: HttpApp, deps: MeetingRoutesDeps): void {
  const { records, agendas, live, chat } = deps;

  const present = async (request: FastifyRequest, record: MeetingRecord, mine: boolean): Promise<Meeting> => ({
    id: record.id,
    code: record.code,
    link: `${deps.pageUrl(request)}/m/${record.code}`,
    kind: record.kind,
    title: record.title,
    status: record.status,
    startsAt: iso(record.startsAt),
    startedAt: iso(record.startedAt),
    endedAt: iso(record.endedAt),
    lobby: record.lobby,
    guests: record.guests,
    chatHistory: record.chatHistory,
    host: { id: record.hostId, name: record.hostName },
    mine,
    participants: await live.participantsOf(record),
  });

  /** A meeting that the person is a member of; strangers learn nothing of it. @throws MEETING_NOT_FOUND */
  const readable = async (principal: Principal, id: string): Promise<{ record: MeetingRecord; role: MemberRole }> => {
    const record = await records.get(principal.orgId, id);
    const member = await records.member(record, principal.personId);
    if (member?.admission !== 'admitted') throw new CausewayError('MEETING_NOT_FOUND');
    return { record, role: member.role };
  };
  /** A meeting that the person hosts. @throws MEETING_NOT_FOUND, MEETING_FORBIDDEN */
  const hosted = async (principal: Principal, id: string): Promise<MeetingRecord> => {
    const { record, role } = await readable(principal, id);
    if (role !== 'host') throw new CausewayError('MEETING_FORBIDDEN');
    return record;
  };

  app.route({
    method: 'GET',
    url: '/api/server',
    config: { access: 'public' },
    schema: { tags: ['Server'], summary: 'What a page must know before anybody signs in', response: { 200: serverSchema } },
    handler: () => deps.server(),
  });

  app.route({
    method: 'POST',
    url: '/api/meetings',
    config: { access: 'person' },
    schema: { tags, summary: 'Create a meeting, now or for later', body: meetingBody, response: { 200: meetingSchema } },
    handler: async (request) => present(request, await records.create(principalOf(request), request.body), true),
  });

  app.route({
    method: 'GET',
    url: '/api/meetings',
    config: { access: 'person' },
    schema: { tags, summary: 'Meetings that the caller hosts or was in', querystring: meetingsQuery, response: { 200: meetingsSchema } },
    handler: async (request) => {
      const page = await records.list(principalOf(request), request.query);
      return { meetings: await Promise.all(page.meetings.map((record) => present(request, record, record.mine))), cursor: page.cursor };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/meetings/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'One meeting', params: idParams, response: { 200: meetingSchema } },
    handler: async (request) => {
      const { record, role } = await readable(principalOf(request), request.params.id);
      return present(request, record, role === 'host');
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/meetings/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Change a meeting', params: idParams, body: meetingPatch, response: { 200: meetingSchema } },
    handler: async (request) => {
      const changed = await records.update(await hosted(principalOf(request), request.params.id), request.body);
      await live.updateRecord(changed);
      return present(request, changed, true);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/meetings/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Cancel a meeting that has not begun, or end it', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      const record = await hosted(principalOf(request), request.params.id);
      await records.cancel(record);
      // Tells those who wait at its door, too.
      await live.end(record);
      return {};
    },
  });

  app.route({
    method: 'GET',
    url: '/api/meetings/:id/agenda',
    config: { access: 'person' },
    schema: { tags, summary: 'What a meeting is to talk about, and talks about now', params: idParams, response: { 200: agendaSchema } },
    handler: async (request) => {
      const { record } = await readable(principalOf(request), request.params.id);
      return agenda(await agendas.of(record));
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/meetings/:id/agenda',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Change the agenda of a meeting; for hosts',
      params: idParams,
      body: agendaBody,
      response: { 200: agendaSchema },
    },
    handler: async (request) => {
      const { record, role } = await readable(principalOf(request), request.params.id);
      if (role !== 'host' && role !== 'co-host') throw new CausewayError('MEETING_FORBIDDEN');
      const now = await agendas.set(record, request.body.revision, request.body.items);
      await live.updateRecord(record);
      return agenda(now);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/meetings/:id/end',
    config: { access: 'person' },
    schema: { tags, summary: 'End a meeting for all', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await live.end(await hosted(principalOf(request), request.params.id));
      return {};
    },
  });

  app.route({
    method: 'GET',
    url: '/api/meetings/:id/attendance',
    config: { access: 'person' },
    schema: { tags, summary: 'Who was in the meeting, and when; for hosts', params: idParams, response: { 200: attendanceSchema } },
    handler: async (request) => {
      const { record, role } = await readable(principalOf(request), request.params.id);
      if (role !== 'host' && role !== 'co-host') throw new CausewayError('MEETING_FORBIDDEN');
      return { people: attendance(await records.attendance(record)) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/meetings/:id/messages',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'The chat of a meeting, as the caller may read it',
      params: idParams,
      querystring: messagesQuery,
      response: { 200: messagesSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { record } = await readable(principal, request.params.id);
      const { after, limit } = request.query;
      const { messages, latest } = await chat.read(principal, record.conversationId, { by: 'after', number: after }, limit);
      return {
        latest,
        messages: messages.map((m) => ({
          number: m.number,
          senderId: m.senderId,
          senderName: m.senderName,
          body: m.body,
          sentAt: m.sentAt.toISOString(),
        })),
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/meetings/code/:code',
    config: { access: 'public' },
    schema: { tags, summary: 'What the page before joining shows', params: codeParams, response: { 200: meetingFaceSchema } },
    handler: async (request) => {
      const { id, code, kind, title, organisation, status, startsAt, guests, lobby } = await records.byCode(request.params.code);
      return { id, code, kind, title, organisation, status, startsAt: iso(startsAt), guests, lobby };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/meetings/code/:code/guest',
    config: { access: 'public', ratePerMinute: deps.guestsPerMinute },
    schema: {
      tags,
      summary: 'Come as a guest: a sign-in for this meeting alone',
      params: codeParams,
      body: guestBody,
      response: { 200: guestSignedInSchema },
    },
    handler: async (request, reply) => {
      const record = await records.byCode(request.params.code);
      if (record.status === 'ended') throw new CausewayError('MEETING_ENDED');
      if (!record.guests) throw new CausewayError('MEETING_GUESTS_OFF');
      const { signedIn, device } = await deps.signInGuest({
        orgId: record.orgId,
        meetingId: record.id,
        name: request.body.name,
        device: request.cookies[guestCookie],
        client: (request.headers['user-agent'] ?? 'unknown').slice(0, 200),
      });
      reply.setCookie(guestCookie, device, {
        httpOnly: true,
        sameSite: 'strict',
        secure: deps.secureCookies,
        path: '/api/meetings/code',
        maxAge: guestCookieSeconds,
      });
      return signedIn;
    },
  });
}

/** Stays, grouped by person, in the order of first coming. */
function attendance(stays: Awaited<ReturnType<MeetingRecords['attendance']>>): z.output<typeof attendanceSchema>['people'] {
  const people = new Map<string, z.output<typeof attendanceSchema>['people'][number]>();
  for (const { personId, name, guest, joinedAt, leftAt } of stays) {
    const person = people.get(personId) ?? { personId, name, guest, stays: [] };
    person.stays.push({ joinedAt: joinedAt.toISOString(), leftAt: iso(leftAt) });
    people.set(personId, person);
  }
  return [...people.values()];
}

function agenda({ revision, items, currentId, since }: AgendaNow): Agenda {
  return { revision, items: [...items], currentId, since: since > 0 ? new Date(since).toISOString() : null };
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
