/** Who hears of what happens to a conversation: a line in its log, the devices of its members, other parts. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../platform/database/index.js';
import type { Principal } from '../platform/principal.js';
import type { ChatSessions } from './chat-sessions.js';
import type { Members } from './members.js';
import type { PersonName, SystemLine, SystemWhat } from './message.js';
import type { MessageLog } from './message-log.js';
import type { ChatEvents, WithMessage } from './ports.js';

export interface ConversationNewsDeps {
  readonly database: Database;
  readonly log: MessageLog;
  readonly members: Members;
  readonly sessions: ChatSessions;
  readonly emit: (...event: ['members', ...ChatEvents['members']]) => void;
}

export class ConversationNews {
  readonly #deps: ConversationNewsDeps;

  constructor(deps: ConversationNewsDeps) {
    this.#deps = deps;
  }

  /** A system line, with the change that it tells of in the same transaction; nothing of both when who does it is no member any more. */
  async say(
    principal: Pick<Principal, 'personId' | 'name'>,
    conversation: { orgId: string; id: string },
    what: SystemWhat,
    people: readonly PersonName[],
    text: string,
    change?: WithMessage,
    asMember = true,
  ): Promise<void> {
    await this.#write(principal, conversation, { what, people, text }, { clientId: randomUUID(), change, asMember });
  }

  /**
   * What happened elsewhere. The same client id again writes nothing more. `asMember`: nothing is written when he
   * is no member any more.
   */
  async report(
    principal: Pick<Principal, 'personId' | 'name'>,
    conversation: { orgId: string; id: string },
    line: SystemLine,
    { clientId = randomUUID(), asMember = false }: { clientId?: string; asMember?: boolean } = {},
  ): Promise<void> {
    await this.#write(principal, conversation, line, { clientId, change: undefined, asMember });
  }

  /** People are members now. After the commit. */
  added(conversation: { orgId: string; id: string }, personIds: readonly string[]): void {
    this.#deps.sessions.tell(personIds, { conversationChanged: conversation.id });
    this.#deps.emit('members', { orgId: conversation.orgId, conversationId: conversation.id }, personIds, []);
  }

  /** Members look at the conversation again. */
  async everybody(conversation: { orgId: string; id: string }): Promise<void> {
    const { members, sessions, database } = this.#deps;
    sessions.tell(await members.all(database, conversation.orgId, conversation.id), { conversationChanged: conversation.id });
  }

  /** People are members no more. After the commit. */
  gone(conversation: { orgId: string; id: string }, personIds: readonly string[]): void {
    if (personIds.length === 0) return;
    const { members, sessions, emit } = this.#deps;
    members.changed(conversation.id);
    sessions.leave(conversationTopic(conversation.id), personIds);
    sessions.tell(personIds, { conversationRemoved: conversation.id });
    emit('members', { orgId: conversation.orgId, conversationId: conversation.id }, [], personIds);
  }

  async #write(
    { personId, name }: Pick<Principal, 'personId' | 'name'>,
    conversation: { orgId: string; id: string },
    line: SystemLine,
    { clientId, change, asMember }: { clientId: string; change: WithMessage | undefined; asMember: boolean },
  ): Promise<void> {
    await this.#deps.log.append(
      {
        orgId: conversation.orgId,
        conversationId: conversation.id,
        senderId: personId,
        senderName: name,
        clientId,
        body: '',
        kind: 'system',
        extra: { system: { ...line, people: line.people.slice(0, 50) } },
      },
      change,
      { asMember },
    );
  }
}

export function conversationTopic(conversationId: string): string {
  return `conversation/${conversationId}`;
}
