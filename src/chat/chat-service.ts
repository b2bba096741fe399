/** The ChatService of proto/causeway/chat.proto over the socket. */
import type { Handlers } from '../platform/gateway/index.js';
import type { Chat } from './chat.js';

export function chatService(chat: Chat): Handlers<'ChatService'> {
  return {
    send: async (session, request) => {
      const message = await chat.send(session.principal, request);
      return { number: message.number, sentAtMs: message.sentAt.getTime() };
    },
    fetch: async (session, request) => {
      const limit = Math.min(request.limit || 100, 200);
      const { messages, latest } = await chat.read(session.principal, request.conversationId, request.after, limit);
      return { latest, messages: messages.map(({ sentAt, ...message }) => ({ ...message, sentAtMs: sentAt.getTime() })) };
    },
  };
}
