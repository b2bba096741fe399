/** Every call of the HTTP API by name, typed by the server's own schemas. */
import type { CaptionLanguages } from '@server/recording/captions/schema';
import type {
  Device,
  Invitation,
  invitationBody,
  invitationFaceSchema,
  invitationMadeSchema,
  Person,
} from '@server/services/accounts/schema';
import type { PersonQuality, QualityReport, qualityQuery } from '@server/signaling/quality/schema';
import type {
  Agenda,
  agendaBody,
  attendanceSchema,
  Meeting,
  MeetingFace,
  meetingBody,
  meetingPatch,
  meetingsQuery,
  meetingsSchema,
  messagesQuery,
  messagesSchema,
  ServerFace,
} from '@server/signaling/schema';
import type { z } from 'zod';
import { adminRoutes } from './admin-routes';
import { type CallOptions, call, callForBytes } from './call';
import { chatRoutes } from './chat-routes';
import { recordingRoutes } from './recording-routes';
import type { Identity, Session } from './session';

export type Colleague = Omit<Person, 'organisation'>;
export type InvitationFace = z.output<typeof invitationFaceSchema>;
export type InvitationMade = z.output<typeof invitationMadeSchema>;
export type Meetings = z.output<typeof meetingsSchema>;
export type MeetingInput = z.input<typeof meetingBody>;
export type MeetingChange = z.input<typeof meetingPatch>;
export type Attendance = z.output<typeof attendanceSchema>;
export type Messages = z.output<typeof messagesSchema>;
export type { Agenda, Device, Invitation, Meeting, MeetingFace, Person, PersonQuality, QualityReport, ServerFace };

export type Api = ReturnType<typeof createApi>;

export function createApi({ session }: { session: Session }) {
  const as = <Answer>(identity: Identity, path: string, options: CallOptions = {}): Promise<Answer> =>
    session.authorized(identity, (token) => call<Answer>(path, { ...options, token }));
  const mine = <Answer>(path: string, options?: CallOptions): Promise<Answer> => as<Answer>('account', path, options);
  const meeting = (id: string): string => `/api/meetings/${encodeURIComponent(id)}`;

  return {
    /** What a page needs to know before anybody signs in. */
    server: (signal?: AbortSignal) => call<ServerFace>('/api/server', { signal }),
    me: (signal?: AbortSignal) => as<Person>('active', '/api/me', { signal }),

    meetings: {
      create: (body: MeetingInput) => mine<Meeting>('/api/meetings', { method: 'POST', body }),
      list: (query: z.input<typeof meetingsQuery> & { limit?: number }, signal?: AbortSignal) =>
        mine<Meetings>('/api/meetings', { query, signal }),
      get: (id: string, signal?: AbortSignal) => mine<Meeting>(meeting(id), { signal }),
      change: (id: string, body: MeetingChange) => mine<Meeting>(meeting(id), { method: 'PATCH', body }),
      /** Cancels one that has not begun, ends one that is live. */
      remove: (id: string) => mine<object>(meeting(id), { method: 'DELETE' }),
      end: (id: string) => mine<object>(`${meeting(id)}/end`, { method: 'POST' }),
      agenda: (id: string, signal?: AbortSignal) => mine<Agenda>(`${meeting(id)}/agenda`, { signal }),
      /** Replaces the list of the revision that was changed. */
      setAgenda: (id: string, body: z.input<typeof agendaBody>) => mine<Agenda>(`${meeting(id)}/agenda`, { method: 'PUT', body }),
      attendance: (id: string, signal?: AbortSignal) => mine<Attendance>(`${meeting(id)}/attendance`, { signal }),
      messages: (id: string, query: z.output<typeof messagesQuery>, signal?: AbortSignal) =>
        mine<Messages>(`${meeting(id)}/messages`, { query, signal }),
      /** How good the call was for each; with `mine` for oneself alone. */
      quality: (id: string, query: z.input<typeof qualityQuery> & { limit?: number }, signal?: AbortSignal) =>
        mine<QualityReport>(`${meeting(id)}/quality`, { query, signal }),
      /** What stands on the door of a meeting; needs no sign-in. */
      face: (code: string, signal?: AbortSignal) => call<MeetingFace>(`/api/meetings/code/${encodeURIComponent(code)}`, { signal }),
    },

    people: {
      list: (signal?: AbortSignal) => mine<{ people: Colleague[] }>('/api/people', { signal }),
    },

    invitations: {
      list: (signal?: AbortSignal) => mine<{ invitations: Invitation[] }>('/api/invitations', { signal }),
      create: (body: z.input<typeof invitationBody>) => mine<InvitationMade>('/api/invitations', { method: 'POST', body }),
      withdraw: (id: string) => mine<object>(`/api/invitations/${encodeURIComponent(id)}`, { method: 'DELETE' }),
      lookUp: (token: string, signal?: AbortSignal) =>
        call<InvitationFace>('/api/invitations/look-up', { method: 'POST', body: { token }, signal }),
    },

    chat: chatRoutes(as, (identity, path, signal) => session.authorized(identity, (token) => callForBytes(path, { token, signal }))),

    admin: adminRoutes(as, (identity, path, options) => session.authorized(identity, (token) => callForBytes(path, { ...options, token }))),

    recordings: recordingRoutes(as, (identity, path, options) =>
      session.authorized(identity, (token) => callForBytes(path, { ...options, token })),
    ),

    /** What can be captioned on this server; for guests too. */
    captionLanguages: (signal?: AbortSignal) => as<CaptionLanguages>('active', '/api/captions/languages', { signal }),

    devices: {
      list: (signal?: AbortSignal) => mine<{ devices: Device[] }>('/api/devices', { signal }),
      signOut: (id: string) => mine<object>(`/api/devices/${encodeURIComponent(id)}`, { method: 'DELETE' }),
      signOutEverywhere: () => mine<object>('/api/devices/sign-out-everywhere', { method: 'POST' }),
    },
  };
}
