/** Chat as tests use it: conversations over HTTP, the rest over sockets. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { causeway } from '#proto';
import { type ConversationFace, type conversationBody, conversationSchema } from '../../src/chat/schema.js';
import type { Api, SignedIn } from './api.js';
import type { SocketClient } from './socket-client.js';

export function makeConversation(
  api: Api,
  by: SignedIn,
  members: readonly SignedIn[],
  over: Partial<z.input<typeof conversationBody>> = {},
): Promise<ConversationFace> {
  const body = { kind: 'group', title: 'Harbour', memberIds: members.map(({ person }) => person.id), ...over };
  return api.get(conversationSchema, 'POST', '/api/conversations', body, by.accessToken);
}

/** Sends, and gives the number. */
export async function say(
  as: SocketClient,
  conversationId: string,
  body: string,
  more: Partial<causeway.SendRequest.$Properties> = {},
): Promise<number> {
  const { number } = await as.chat.send({ conversationId, clientId: randomUUID(), body, ...more });
  return number;
}

/** Everything of a conversation that this client may read. */
export async function readAll(as: SocketClient, conversationId: string): Promise<causeway.ChatMessage.$Properties[]> {
  const { messages } = await as.chat.fetch({ conversationId, after: 0, limit: 200 });
  return messages;
}
