/** Messages as one reader sees them: with the names behind reactions, and what he himself chose. */
import type { causeway } from '#proto';
import type { Principal } from '../platform/principal.js';
import type { Message } from './message.js';
import type { MessageReader } from './message-reader.js';
import { messageOnWire } from './wire.js';

export class Presenter {
  readonly #reader: MessageReader;

  constructor(reader: MessageReader) {
    this.#reader = reader;
  }

  /** Of one conversation. */
  async present(principal: Principal, messages: readonly Message[]): Promise<causeway.ChatMessage.$Properties[]> {
    const [first] = messages;
    if (!first) return [];
    const place = { orgId: principal.orgId, conversationId: first.conversationId, visibleAfter: 0 };
    const named = messages.flatMap(({ reactions }) => Object.values(reactions).flatMap((people) => people.slice(0, 10)));
    const polls = messages.filter(({ kind }) => kind === 'poll').map(({ number }) => number);
    const [names, votes] = await Promise.all([
      this.#reader.names(principal.orgId, named),
      this.#reader.votesOf(place, principal.personId, polls),
    ]);
    return messages.map((message) =>
      messageOnWire(message, { personId: principal.personId, names, votes: votes.get(message.number) ?? [] }),
    );
  }
}
