/** The HTTP API of conversations and messages. What is live goes over the socket; programs may do all they need here. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CausewayError } from '../platform/errors.js';
import { type HttpApp, principalOf } from '../platform/http/index.js';
import type { Principal } from '../platform/principal.js';
import { type Chat, placeOf } from './chat.js';
import type { Conversations } from './conversations.js';
import type { Head, Heads } from './heads.js';
import type { Members } from './members.js';
import type { Message } from './message.js';
import type { MessageReader, Selection } from './message-reader.js';
import {
  type ConversationFace,
  conversationBody,
  conversationPatch,
  conversationSchema,
  conversationsSchema,
  historySchema,
  type MessageFace,
  memberPatch,
  membersBody,
  membersSchema,
  messageSchema,
  messagesQuery,
  messagesSchema,
  minePatch,
  sendBody,
} from './schema.js';

export interface ChatRoutesDeps {
  readonly chat: Chat;
  readonly conversations: Conversations;
  readonly heads: Heads;
  readonly members: Members;
  readonly reader: MessageReader;
}

const tags = ['Chat'];
const idParams = z.object({ id: z.uuid() });
const memberParams = z.object({ id: z.uuid(), personId: z.uuid() });
const messageParams = z.object({ id: z.uuid(), number: z.coerce.number().int().min(1).max(0x7fff_ffff) });
const nothing = z.object({});

export function chatRoutes(app: HttpApp, { chat, conversations, heads, members, reader }: ChatRoutesDeps): void {
  const one = async (principal: Principal, id: string): Promise<ConversationFace> => {
    const [head] = await heads.heads(principal.orgId, principal.personId, [id]);
    if (!head) throw new CausewayError('CHAT_NOT_FOUND');
    return presentHead(head);
  };

  app.route({
    method: 'GET',
    url: '/api/conversations',
    config: { access: 'guest', scope: 'conversations:read' },
    schema: { tags, summary: "The caller's conversations", response: { 200: conversationsSchema } },
    handler: async (request) => {
      const principal = principalOf(request);
      const standings = await heads.standings(principal.orgId, principal.personId, null);
      const ids = standings.map(({ conversationId }) => conversationId);
      return { conversations: (await heads.heads(principal.orgId, principal.personId, ids)).map(presentHead) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/conversations',
    schema: {
      tags,
      summary: 'Make a conversation; a direct one that is there already is given again',
      body: conversationBody,
      response: { 200: conversationSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { title = '', ...body } = request.body;
      return one(principal, await conversations.make(principal, { ...body, title: body.kind === 'direct' ? '' : title }));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/conversations/:id',
    config: { access: 'guest', scope: 'conversations:read' },
    schema: { tags, summary: 'One conversation, as the caller sees it', params: idParams, response: { 200: conversationSchema } },
    handler: (request) => one(principalOf(request), request.params.id),
  });

  app.route({
    method: 'PATCH',
    url: '/api/conversations/:id',
    schema: {
      tags,
      summary: 'Rename, describe, archive or bring back; admins of the conversation',
      params: idParams,
      body: conversationPatch,
      response: { 200: conversationSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { title, description, archived } = request.body;
      await conversations.patch(principal, request.params.id, {
        ...(title !== undefined && { title }),
        ...(description !== undefined && { description }),
        ...(archived !== undefined && { archived }),
      });
      return one(principal, request.params.id);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/conversations/:id/members',
    config: { access: 'guest', scope: 'conversations:read' },
    schema: { tags, summary: 'Who is in a conversation', params: idParams, response: { 200: membersSchema } },
    handler: async (request) => {
      const list = await conversations.list(principalOf(request), request.params.id);
      return { members: list.map(({ joinedAt, ...member }) => ({ ...member, joinedAt: joinedAt.toISOString() })) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/conversations/:id/members',
    schema: { tags, summary: 'Add people', params: idParams, body: membersBody, response: { 200: nothing } },
    handler: async (request) => {
      await conversations.addMembers(principalOf(request), request.params.id, request.body.personIds);
      return {};
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/conversations/:id/members/:personId',
    schema: { tags, summary: 'Make a member an admin, or no longer', params: memberParams, body: memberPatch, response: { 200: nothing } },
    handler: async (request) => {
      await conversations.setRole(principalOf(request), request.params.id, request.params.personId, request.body.role);
      return {};
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/conversations/:id/members/:personId',
    config: { access: 'guest' },
    schema: { tags, summary: 'Leave, or put somebody out', params: memberParams, response: { 200: nothing } },
    handler: async (request) => {
      await conversations.takeOut(principalOf(request), request.params.id, request.params.personId);
      return {};
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/conversations/:id/mine',
    config: { access: 'guest' },
    schema: {
      tags,
      summary: 'What the caller wants to be told of this conversation',
      params: idParams,
      body: minePatch,
      response: { 200: conversationSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { notify, mutedUntil } = request.body;
      await conversations.patchMine(principal, request.params.id, {
        ...(notify !== undefined && { notify }),
        ...(mutedUntil !== undefined && { mutedUntil: mutedUntil === null ? null : new Date(mutedUntil) }),
      });
      return one(principal, request.params.id);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/conversations/:id/messages',
    config: { access: 'guest', scope: 'messages:read' },
    schema: {
      tags,
      summary: 'Messages of a conversation; the newest where nothing is asked for',
      params: idParams,
      querystring: messagesQuery,
      response: { 200: messagesSchema },
    },
    handler: async (request) => {
      const { changedAfter, limit, ...asked } = request.query;
      if (changedAfter !== undefined) {
        const { messages, cursor, more } = await chat.catchUp(principalOf(request), request.params.id, changedAfter, limit);
        return { messages: messages.map(presentMessage), latest: cursor, more };
      }
      const { messages, latest, more } = await chat.read(principalOf(request), request.params.id, selectionOf(asked), limit);
      return { messages: messages.map(presentMessage), latest, more };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/conversations/:id/messages',
    config: { access: 'guest', scope: 'messages:write' },
    schema: {
      tags,
      summary: 'Send a message; answered when it is durable',
      params: idParams,
      body: sendBody,
      response: { 200: messageSchema },
    },
    handler: async (request) => {
      const { clientId = randomUUID(), thread, replyTo, ...body } = request.body;
      const draft = { ...body, clientId, conversationId: request.params.id, thread: thread ?? 0, replyTo: replyTo ?? 0 };
      return presentMessage(await chat.send(principalOf(request), draft));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/conversations/:id/messages/:number/history',
    config: { access: 'guest' },
    schema: { tags, summary: 'What a message was before its edits', params: messageParams, response: { 200: historySchema } },
    handler: async (request) => {
      const principal = principalOf(request);
      const message = await chat.message(principal, request.params.id, request.params.number);
      // What was taken back is not for its readers any more.
      if (message.recalledAt !== null) throw new CausewayError('CHAT_RECALLED');
      const place = placeOf(await members.of(principal, request.params.id));
      const changes = await reader.history(place, message.number);
      return {
        changes: changes
          .filter(({ kind }) => kind === 'edit')
          .map(({ number, kind, actorName, at, before }) => ({ number, kind, by: actorName, at: at.toISOString(), before })),
      };
    },
  });
}

function selectionOf(asked: {
  after?: number | undefined;
  before?: number | undefined;
  since?: string | undefined;
  thread?: number | undefined;
}): Selection {
  const thread = asked.thread === undefined ? {} : { thread: asked.thread };
  if (asked.after !== undefined) return { by: 'after', number: asked.after, ...thread };
  if (asked.since !== undefined) return { by: 'since', at: new Date(asked.since), ...thread };
  return { by: 'before', number: asked.before ?? 0x7fff_ffff, ...thread };
}

function presentHead(head: Head): ConversationFace {
  return {
    id: head.id,
    kind: head.kind,
    title: head.title,
    description: head.description,
    domain: head.domainId ? { id: head.domainId, name: head.domainName } : null,
    latest: head.latest,
    memberCount: head.memberCount,
    archived: head.archived,
    historyFromJoin: head.historyFromJoin,
    createdAt: head.createdAt.toISOString(),
    role: head.role,
    readNumber: head.readNumber,
    unread: head.unread,
    unreadMentions: head.unreadMentions,
    notify: head.notify,
    mutedUntil: iso(head.mutedUntil),
    canPost: head.canPost,
    canManage: head.canManage,
    counterpart: head.counterpart,
  };
}

export function presentMessage(message: Message): MessageFace {
  const { attachments, poll, cards, system, forwarded } = message.extra ?? {};
  return {
    number: message.number,
    changed: message.changed,
    kind: message.kind,
    senderId: message.senderId,
    senderName: message.senderName,
    clientId: message.clientId,
    body: message.body,
    sentAt: message.sentAt.toISOString(),
    editedAt: iso(message.editedAt),
    recalledAt: iso(message.recalledAt),
    pinned: message.pinnedAt !== null,
    urgent: message.urgent,
    byApp: message.byApp,
    thread: message.thread,
    replyTo: message.replyTo,
    replies: message.replies,
    mentions: [...message.mentions],
    mentionsAll: message.mentionsAll,
    attachments: (attachments ?? []).map((attachment) => ({ ...attachment })),
    reactions: Object.fromEntries(Object.entries(message.reactions).map(([emoji, people]) => [emoji, people.length])),
    poll: poll
      ? {
          options: poll.options.map((text, index) => ({ text, votes: poll.votes[index] ?? 0 })),
          voters: poll.voters,
          multiple: poll.multiple,
          anonymous: poll.anonymous,
          closed: poll.closed,
        }
      : null,
    cards: (cards ?? []).map((card) => ({ ...card })),
    system: system ? { ...system, people: [...system.people], recordingId: system.recordingId ?? null } : null,
    forwarded: forwarded ? { senderName: forwarded.senderName, sentAt: new Date(forwarded.sentAtMs).toISOString() } : null,
  };
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
