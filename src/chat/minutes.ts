/** What the chat gives to the minutes of a meeting, and how they come into it. */
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { derivedId } from '../platform/ids.js';
import type { OrganisationRole, Principal } from '../platform/principal.js';
import type { Chat } from './chat.js';
import type { StoredPoll } from './message.js';
import type { MessageActs, MessagePlace } from './message-acts.js';
import type { NewConversation } from './new-conversations.js';

export interface MinutesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chat: Pick<Chat, 'send'>;
  readonly acts: Pick<MessageActs, 'replace'>;
  /** Gives the one that there is already, of a direct one. */
  readonly makeConversation: (principal: Principal, wish: NewConversation) => Promise<string>;
}

export interface WrittenLine {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly at: Date;
  readonly text: string;
}

export interface WrittenPoll extends Omit<WrittenLine, 'text'> {
  readonly question: string;
  readonly options: readonly { readonly text: string; readonly votes: number }[];
}

interface Place {
  readonly orgId: string;
  readonly conversationId: string;
}

interface Row {
  number: number;
  sender_id: string;
  sender_name: string;
  sent_at: Date;
  body: string;
  poll: StoredPoll | null;
}

/** Nobody writes more in a meeting. */
const linesAtMost = 5_000;
/** How long somebody is taken for who he was when he is spoken for. */
const principalMs = 60_000;

export class Minutes {
  readonly #deps: MinutesDeps;

  constructor(deps: MinutesDeps) {
    this.#deps = deps;
  }

  /** What people wrote in a time and did not recall, oldest first. */
  async between(
    { orgId, conversationId }: Place,
    from: Date,
    to: Date,
  ): Promise<{ messages: readonly WrittenLine[]; polls: readonly WrittenPoll[] }> {
    const rows = await this.#deps.database.query<Row>(
      `select m.number, m.sender_id, m.sender_name, m.sent_at, m.body, m.extra->'poll' as poll from messages m
       where m.org_id = $1 and m.conversation_id = $2 and m.sent_at between $3 and $4 and m.kind <> 'system' and m.recalled_at is null
       order by m.number limit $5`,
      [orgId, conversationId, from, to, linesAtMost],
    );
    const line = (row: Row) => ({
      id: `${conversationId}/${row.number}`,
      personId: row.sender_id,
      name: row.sender_name,
      at: row.sent_at,
    });
    return {
      messages: rows.filter(({ poll }) => !poll).map((row) => ({ ...line(row), text: row.body })),
      polls: rows.flatMap((row) =>
        row.poll
          ? [
              {
                ...line(row),
                question: row.body,
                options: row.poll.options.map((text, index) => ({ text, votes: row.poll?.votes[index] ?? 0 })),
              },
            ]
          : [],
      ),
    };
  }

  /** A message in somebody's name; the same client id again changes nothing. DLP and data domains have their say. */
  async post(by: Principal, conversationId: string, body: string, clientId: string): Promise<MessagePlace> {
    return this.#deps.chat.send(by, { conversationId, body, clientId });
  }

  /** On the server's own authority: see MessageActs.replace. */
  correct(at: MessagePlace, body: string | null, keeps: boolean): ReturnType<MessageActs['replace']> {
    return this.#deps.acts.replace(at, body, keeps);
  }

  /**
   * Tells somebody of something that is his to do, in the name of who gave it to him: where both are, or
   * between the two.
   */
  async assign(place: Place, by: string, to: string, what: { readonly text: string; readonly clientId: string }): Promise<MessagePlace> {
    const { chat } = this.#deps;
    const principal = await this.#person(place.orgId, by);
    const name = (await this.#person(place.orgId, to)).name;
    try {
      return await chat.send(principal, {
        conversationId: place.conversationId,
        body: `@${name} ${what.text}`,
        mentions: [to],
        clientId: what.clientId,
      });
    } catch (error) {
      // One of them is not in it, or it is archived.
      if (!(error instanceof CausewayError) || error.entry.retryable || by === to) throw error;
      const conversationId = await this.#deps.makeConversation(principal, {
        kind: 'direct',
        title: '',
        description: '',
        memberIds: [to],
        domainId: null,
        historyFromJoin: false,
      });
      return chat.send(principal, { conversationId, body: what.text, clientId: derivedId(what.clientId, conversationId) });
    }
  }

  /** As he is now. @throws PERSON_NOT_FOUND */
  async #person(orgId: string, personId: string): Promise<Principal> {
    const { database, clock } = this.#deps;
    const [row] = await database.query<{ name: string; role: OrganisationRole; guest_of: string | null }>(
      'select name, role, guest_of from people where org_id = $1 and id = $2',
      [orgId, personId],
    );
    if (!row) throw new CausewayError('PERSON_NOT_FOUND');
    const { name, role, guest_of: guestOf } = row;
    return { orgId, personId, name, role, signInId: '', expiresAt: clock.now() + principalMs, ...(guestOf ? { guestOf } : {}) };
  }
}
