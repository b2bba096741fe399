/** The calls of chat that go over HTTP, typed by the server's own schemas. A guest of a meeting makes some of them too. */

import type { commandAnswerSchema, commandBody, slashCommandsSchema } from '@server/chat/bots/schema';
import type { guestInvitationMadeSchema } from '@server/chat/domains/schema';
import type { scheduledBody, scheduledListSchema, scheduledSchema } from '@server/chat/notify/schema';
import type { ConversationFace, conversationBody, conversationPatch, historySchema, membersSchema, minePatch } from '@server/chat/schema';
import type { Language } from '@server/platform/errors';
import type { z } from 'zod';
import type { CallOptions } from './call';
import type { Identity } from './session';

export type Conversation = ConversationFace;
export type ConversationInput = z.input<typeof conversationBody>;
export type ConversationChange = z.input<typeof conversationPatch>;
export type ConversationMine = z.input<typeof minePatch>;
export type Member = z.output<typeof membersSchema>['members'][number];
export type CommandAnswer = z.output<typeof commandAnswerSchema>;
export type MessageHistory = z.output<typeof historySchema>;

export type GuestInvitationMade = z.output<typeof guestInvitationMadeSchema>;

type As = <Answer>(identity: Identity, path: string, options?: CallOptions) => Promise<Answer>;
type Bytes = (identity: Identity, path: string, signal?: AbortSignal) => Promise<Blob>;

export function chatRoutes(as: As, bytes: Bytes) {
  const mine = <Answer>(path: string, options?: CallOptions): Promise<Answer> => as<Answer>('active', path, options);
  const conversation = (id: string): string => `/api/conversations/${encodeURIComponent(id)}`;
  const member = (id: string, personId: string): string => `${conversation(id)}/members/${encodeURIComponent(personId)}`;
  return {
    create: (body: ConversationInput) => mine<Conversation>('/api/conversations', { method: 'POST', body }),
    change: (id: string, body: ConversationChange) => mine<Conversation>(conversation(id), { method: 'PATCH', body }),
    changeMine: (id: string, body: ConversationMine) => mine<object>(`${conversation(id)}/mine`, { method: 'PATCH', body }),
    members: (id: string, signal?: AbortSignal) => mine<{ members: Member[] }>(`${conversation(id)}/members`, { signal }),
    addMembers: (id: string, personIds: readonly string[]) =>
      mine<object>(`${conversation(id)}/members`, { method: 'POST', body: { personIds } }),
    setRole: (id: string, personId: string, role: Member['role']) =>
      mine<object>(member(id, personId), { method: 'PATCH', body: { role } }),
    /** Somebody from outside. The answer says whether an e-mail brings the link. */
    inviteGuest: (id: string, email: string, language: Language | null) =>
      mine<GuestInvitationMade>(`${conversation(id)}/guests`, { method: 'POST', body: { email, language } }),
    /** Oneself: leaves. */
    removeMember: (id: string, personId: string) => mine<object>(member(id, personId), { method: 'DELETE' }),
    history: (id: string, number: number, signal?: AbortSignal) =>
      mine<MessageHistory>(`${conversation(id)}/messages/${number}/history`, { signal }),
    scheduled: (id: string, signal?: AbortSignal) =>
      mine<z.output<typeof scheduledListSchema>>(`${conversation(id)}/scheduled`, { signal }),
    schedule: (id: string, body: z.input<typeof scheduledBody>) =>
      mine<z.output<typeof scheduledSchema>>(`${conversation(id)}/scheduled`, { method: 'POST', body }),
    unschedule: (id: string) => mine<object>(`/api/scheduled/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    /** Those that work in this conversation. */
    slashCommands: (conversationId: string, signal?: AbortSignal) =>
      mine<z.output<typeof slashCommandsSchema>>('/api/slash-commands', { query: { conversationId }, signal }),
    command: (id: string, body: z.input<typeof commandBody>) =>
      mine<CommandAnswer>(`${conversation(id)}/commands`, { method: 'POST', body }),
    attachment: (id: string, signal?: AbortSignal) => bytes('active', `/api/attachments/${encodeURIComponent(id)}`, signal),
    preview: (id: string, signal?: AbortSignal) => bytes('active', `/api/attachments/${encodeURIComponent(id)}/preview`, signal),
  };
}
