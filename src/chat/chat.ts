/**
 * Chat as others see it: conversations, sending, reading. A message travels so: validate, check
 * membership, append to the log (durable), publish to topic "conversation/<id>", acknowledge.
 */
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Topics } from '../platform/gateway/index.js';
import { isId } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import type { Principal } from '../platform/principal.js';
import { Conversations } from './conversations.js';
import { type Message, MessageLog } from './message-log.js';

/** Numbers are an `integer` in the database; nothing comes after this one. */
const lastPossible = 0x7fff_ffff;

export interface ChatDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly bodyCharacters: number;
  readonly groupCommitMs: number;
}

export class Chat {
  readonly conversations: Conversations;
  readonly #deps: ChatDeps;
  readonly #messages: MessageLog;

  constructor(deps: ChatDeps) {
    this.#deps = deps;
    this.conversations = new Conversations(deps);
    this.#messages = new MessageLog({ ...deps, committed: (message) => this.#publish(message) });
  }

  /** @throws CHAT_NOT_FOUND, CHAT_EMPTY, CHAT_TOO_LONG, CHAT_BAD_CLIENT_ID */
  async send(principal: Principal, message: { conversationId: string; clientId: string; body: string }): Promise<Message> {
    const { bodyCharacters } = this.#deps;
    // PostgreSQL's text holds no NUL.
    const body = message.body.replaceAll('\0', '').trim();
    if (!isId(message.conversationId)) throw new CausewayError('CHAT_NOT_FOUND');
    if (!isId(message.clientId)) throw new CausewayError('CHAT_BAD_CLIENT_ID', { field: 'clientId' });
    if (body === '') throw new CausewayError('CHAT_EMPTY', { field: 'body' });
    if ([...body].length > bodyCharacters) throw new CausewayError('CHAT_TOO_LONG', { field: 'body', fill: { limit: bodyCharacters } });
    await this.conversations.membership(principal, message.conversationId);
    const stored = await this.#messages.append({
      orgId: principal.orgId,
      conversationId: message.conversationId.toLowerCase(),
      senderId: principal.personId,
      senderName: principal.name,
      clientId: message.clientId.toLowerCase(),
      body,
    });
    // The client id was used for another conversation: that message is not this one.
    if (stored.conversationId !== message.conversationId.toLowerCase())
      throw new CausewayError('CHAT_BAD_CLIENT_ID', { field: 'clientId' });
    return stored;
  }

  /** What the person may read after a number. @throws CHAT_NOT_FOUND */
  async read(principal: Principal, conversationId: string, after: number, limit: number): Promise<{ messages: Message[]; latest: number }> {
    if (!isId(conversationId)) throw new CausewayError('CHAT_NOT_FOUND');
    const { visibleAfter } = await this.conversations.membership(principal, conversationId);
    return this.#messages.read(principal.orgId, conversationId, Math.max(Math.min(after, lastPossible), visibleAfter), limit);
  }

  /** Waits for what is being written. */
  close(): Promise<void> {
    return this.#messages.close();
  }

  #publish(message: Message): void {
    this.#deps.topics.publish(conversationTopic(message.conversationId), message.number, {
      chat: {
        message: {
          conversationId: message.conversationId,
          number: message.number,
          senderId: message.senderId,
          senderName: message.senderName,
          clientId: message.clientId,
          body: message.body,
          sentAtMs: message.sentAt.getTime(),
        },
      },
    });
  }
}

export function conversationTopic(conversationId: string): string {
  return `conversation/${conversationId}`;
}
