/** The ChatService of proto/causeway/chat.proto over the socket. */
import type { causeway } from '#proto';
import { CausewayError } from '../platform/errors.js';
import type { Handlers, Session, Topics } from '../platform/gateway/index.js';
import type { Principal } from '../platform/principal.js';
import type { Chat } from './chat.js';
import type { ChatSessions } from './chat-sessions.js';
import { conversationTopic } from './conversation-news.js';
import type { Conversations } from './conversations.js';
import { checkBody, type Draft } from './draft.js';
import type { Members } from './members.js';
import type { Acted, MessageActs } from './message-acts.js';
import type { Selection } from './message-reader.js';
import type { UrgentDesk } from './ports.js';
import type { Presence } from './presence.js';
import type { Presenter } from './presenter.js';
import type { Reads } from './reads.js';
import type { Sync, SyncedConversation } from './sync.js';
import { headOnWire } from './wire.js';

export interface ChatServiceDeps {
  readonly chat: Chat;
  readonly acts: MessageActs;
  readonly conversations: Conversations;
  readonly members: Members;
  readonly presenter: Presenter;
  readonly presence: Presence;
  readonly reads: Reads;
  readonly sessions: ChatSessions;
  readonly sync: Sync;
  readonly topics: Topics;
  readonly urgent: UrgentDesk;
  readonly bodyCharacters: number;
}

const usualPage = 100;
const largestPage = 200;
const typingMs = 2_000;
/** In larger conversations nobody is told who writes. */
const typingUpTo = 200;

export function chatService(deps: ChatServiceDeps): Handlers<'ChatService'> {
  const { chat, acts, conversations, members, presenter, presence, reads, sessions, sync, topics, urgent } = deps;
  /** When a session last told that it writes, by conversation. */
  const typed = new WeakMap<Session, Map<string, number>>();

  const changeReply = async (principal: Principal, acted: Promise<Acted>): Promise<causeway.ChangeReply.$Properties> => {
    const { message, change } = await acted;
    const [presented] = await presenter.present(principal, [message]);
    return { number: change?.number ?? 0, ...(presented && { message: presented }) };
  };
  const synced = async (principal: Principal, one: SyncedConversation): Promise<causeway.SyncedConversation.$Properties> => ({
    conversation: headOnWire(one.head),
    messages: await presenter.present(principal, one.messages),
    cursor: one.cursor,
    more: one.more,
  });

  return {
    sync: async (session, request) => {
      const { principal } = session;
      const cursors = request.cursors.map((cursor) => ({
        conversationId: (cursor.conversationId ?? '').toLowerCase(),
        number: cursor.number ?? 0,
        readNumber: cursor.readNumber ?? 0,
        version: cursor.version ?? 0,
      }));
      const { epoch, reset, gone, ...rest } = await sync.sync(session, cursors, request.epoch, request.only);
      const waiting = request.only.length > 0 ? [] : await urgent.waitingFor(principal);
      const urgentMessages = await Promise.all(
        waiting.map(async ({ conversationId, number }) => {
          const message = await chat.message(principal, conversationId, number).catch(() => null);
          return message && message.recalledAt === null ? presenter.present(principal, [message]) : [];
        }),
      );
      return {
        epoch,
        reset,
        gone: [...gone],
        conversations: await Promise.all(rest.conversations.map((one) => synced(principal, one))),
        urgent: urgentMessages.flat(),
      };
    },
    send: async ({ principal }, request) => {
      const message = await chat.send(principal, draftOf(request));
      return { number: message.number, sentAtMs: message.sentAt.getTime() };
    },
    fetch: async ({ principal }, request) => {
      const limit = Math.min(request.limit || usualPage, largestPage);
      if (request.changedAfter !== null && request.changedAfter !== undefined) {
        const { messages, cursor, more } = await chat.catchUp(principal, request.conversationId, request.changedAfter, limit);
        return { messages: await presenter.present(principal, messages), latest: cursor, cursor, more };
      }
      const { messages, latest, more } = await chat.read(principal, request.conversationId, selectionOf(request), limit);
      return { messages: await presenter.present(principal, messages), latest, more };
    },
    edit: ({ principal }, request) =>
      changeReply(
        principal,
        acts.edit(principal, request.conversationId, request.number, {
          body: request.body,
          mentions: request.mentions,
          acknowledged: request.dlpAcknowledged,
          reason: request.dlpReason,
        }),
      ),
    recall: ({ principal }, { conversationId, number }) => changeReply(principal, acts.recall(principal, conversationId, number)),
    react: ({ principal }, { conversationId, number, emoji, on }) =>
      changeReply(principal, acts.react(principal, conversationId, number, emoji, on)),
    pin: ({ principal }, { conversationId, number, on }) => changeReply(principal, acts.pin(principal, conversationId, number, on)),
    vote: ({ principal }, { conversationId, number, options }) =>
      changeReply(principal, acts.vote(principal, conversationId, number, options)),
    closePoll: ({ principal }, { conversationId, number }) => changeReply(principal, acts.closePoll(principal, conversationId, number)),
    markRead: async (session, { conversationId, number }) => {
      const { readNumber, unread, mentions } = await reads.mark(session, conversationId, number);
      return { readNumber, unread, unreadMentions: mentions };
    },
    listReaders: async ({ principal }, { conversationId, number }) => {
      const message = await chat.message(principal, conversationId, number);
      const [{ read, unread }, confirmed] = await Promise.all([
        reads.readers(principal, message),
        message.urgent ? urgent.confirmedBy(message) : [],
      ]);
      return { read, unread, confirmed: [...confirmed] };
    },
    confirm: async ({ principal }, { conversationId, number }) => {
      await chat.message(principal, conversationId, number);
      await urgent.confirm(principal, conversationId.toLowerCase(), number);
      return {};
    },
    type: async (session, { conversationId, thread }) => {
      const { principal } = session;
      const { conversation } = await members.of(principal, conversationId);
      const times = typed.get(session) ?? new Map<string, number>();
      typed.set(session, times);
      const now = Date.now();
      if (conversation.memberCount > typingUpTo || now - (times.get(conversation.id) ?? 0) < typingMs) return {};
      for (const [id, at] of times) if (now - at >= typingMs) times.delete(id);
      times.set(conversation.id, now);
      const person = { id: principal.personId, name: principal.name };
      topics.publishVolatile(conversationTopic(conversation.id), { chat: { typing: { person, thread } } });
      return {};
    },
    saveDraft: async (session, { conversationId, body }) => {
      await conversations.patchMine(session.principal, conversationId, { draft: checkBody(body, deps.bodyCharacters, true) });
      sessions.tell([session.principal.personId], { conversationChanged: conversationId.toLowerCase() }, session);
      return {};
    },
    watchPresence: async (session, { personIds, idle }) => {
      sessions.enter(session);
      return { people: await presence.watch(session, personIds, idle) };
    },
  };
}

function draftOf(request: causeway.SendRequest): Draft {
  const { poll, forward } = request;
  return {
    conversationId: request.conversationId,
    clientId: request.clientId,
    body: request.body,
    thread: request.thread,
    replyTo: request.replyTo,
    mentions: request.mentions,
    mentionsAll: request.mentionsAll,
    attachmentIds: request.attachmentIds,
    urgent: request.urgent,
    acknowledged: request.dlpAcknowledged,
    reason: request.dlpReason,
    ...(poll && { poll: { options: poll.options ?? [], multiple: poll.multiple ?? false, anonymous: poll.anonymous ?? false } }),
    ...(forward && { forward: { conversationId: forward.conversationId ?? '', number: forward.number ?? 0 } }),
  };
}

/** The newest where nothing is asked for. @throws REQUEST_INVALID when more than one is. */
function selectionOf(request: causeway.FetchRequest): Selection {
  const { thread } = request;
  const asked: Selection[] = [];
  if (typeof request.before === 'number') asked.push({ by: 'before', number: request.before, thread });
  if (typeof request.after === 'number') asked.push({ by: 'after', number: request.after, thread });
  if (typeof request.around === 'number') asked.push({ by: 'around', number: request.around, thread });
  if (typeof request.sinceMs === 'number') asked.push({ by: 'since', at: dateOf(request.sinceMs), thread });
  if (request.numbers.length > 0) asked.push({ by: 'numbers', numbers: request.numbers.slice(0, largestPage) });
  if (request.pinned) asked.push({ by: 'pinned' });
  const [selection = { by: 'before', number: 0x7fff_ffff, thread }] = asked;
  if (asked.length <= 1) return selection;
  const detail = 'at most one of changed_after, before, after, around, since_ms, numbers, pinned';
  throw new CausewayError('REQUEST_INVALID', { field: 'before', fill: { detail } });
}

/** Within what a Date can hold (ECMA-262, section 21.4.1.1). */
function dateOf(ms: number): Date {
  return new Date(Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 8_640_000_000_000_000) : 0);
}
