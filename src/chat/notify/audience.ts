/**
 * Whom messages of one conversation concern: members with a device to push to, for whom there is
 * something unread among them that they want to be told of.
 *
 * The rows are fetched by conversation and matched here. In SQL it would be each member with each
 * message, for which the database finds no good plan when there are thousands of members.
 */
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { isSignedIn } from './push-subscriptions.js';

export interface Candidate {
  readonly personId: string;
  /** The newest message that concerns him. */
  readonly number: number;
  /** The newest that mentions him; 0: none. */
  readonly mention: number;
  /** When he was told of the conversation last, milliseconds since 1970, and up to which message; 0: never. */
  readonly toldAt: number;
  readonly toldNumber: number;
}

interface MessageRow {
  number: number;
  sender_id: string;
  thread: number | null;
  mentions: string[];
  mentions_all: boolean;
  urgent: boolean;
}

interface MemberRow {
  person_id: string;
  all: boolean;
  from: number;
  told_at: Date | null;
  told_number: number | null;
}

export class Audience {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async of(orgId: string, conversationId: string, numbers: readonly number[]): Promise<Candidate[]> {
    const messages = await this.#database.query<MessageRow>(
      `select number, sender_id, thread, mentions, mentions_all, urgent from messages
       where org_id = $1 and conversation_id = $2 and number = any($3) and recalled_at is null order by number desc`,
      [orgId, conversationId, numbers],
    );
    const [newest] = messages;
    if (!newest) return [];
    const members = await this.#members(orgId, conversationId, newest.number);
    if (members.length === 0) return [];
    const followers = await this.#followers(orgId, conversationId, messages);
    const askedElsewhere = await this.#asked(orgId, conversationId, messages);
    return members.flatMap((member) => {
      const concerns = (message: MessageRow): boolean =>
        message.number > member.from &&
        message.sender_id !== member.person_id &&
        !askedElsewhere.has(`${message.number}/${member.person_id}`) &&
        (mentions(message, member) || (member.all && (message.thread === null || followers.has(`${message.thread}/${member.person_id}`))));
      const last = messages.find(concerns);
      if (!last || last.number <= (member.told_number ?? 0)) return [];
      return [
        {
          personId: member.person_id,
          number: last.number,
          mention: messages.find((message) => mentions(message, member) && concerns(message))?.number ?? 0,
          toldAt: member.told_at?.getTime() ?? 0,
          toldNumber: member.told_number ?? 0,
        },
      ];
    });
  }

  /** What is written to one person alone is for him as a mention is; what is said in a meeting is for those who are in it. */
  #members(orgId: string, conversationId: string, newest: number): Promise<MemberRow[]> {
    return this.#database.query<MemberRow>(
      `select m.person_id, m.notify = 'all' and c.kind <> 'meeting' or c.kind = 'direct' as all,
              greatest(m.read_number, m.visible_after) as from, k.told_at, k.told_number
       from conversation_members m
       join conversations c on c.id = m.conversation_id
       left join push_marks k on k.conversation_id = m.conversation_id and k.person_id = m.person_id
       where m.org_id = $2 and m.conversation_id = $3 and m.read_number < $4 and m.notify <> 'nothing'
         and (m.muted_until is null or m.muted_until <= $1)
         and m.person_id in (
           select s.person_id from push_subscriptions s join sign_ins i on ${isSignedIn}
           where s.org_id = $2 and s.person_id in (select person_id from conversation_members where conversation_id = $3))`,
      [new Date(this.#clock.now()), orgId, conversationId, newest],
    );
  }

  /** `thread/person` of those who wrote in these threads, or what they are about. */
  async #followers(orgId: string, conversationId: string, messages: readonly MessageRow[]): Promise<Set<string>> {
    const threads = [...new Set(messages.flatMap(({ thread }) => (thread === null ? [] : [thread])))];
    if (threads.length === 0) return new Set();
    const rows = await this.#database.query<{ thread: number; sender_id: string }>(
      `select distinct thread, sender_id from messages where org_id = $1 and conversation_id = $2 and thread = any($3)
       union select number, sender_id from messages where org_id = $1 and conversation_id = $2 and number = any($3)`,
      [orgId, conversationId, threads],
    );
    return new Set(rows.map(({ thread, sender_id }) => `${thread}/${sender_id}`));
  }

  /** `number/person` of urgent messages, of which those who have to confirm are told otherwise. */
  async #asked(orgId: string, conversationId: string, messages: readonly MessageRow[]): Promise<Set<string>> {
    const urgent = messages.flatMap((message) => (message.urgent ? [message.number] : []));
    if (urgent.length === 0) return new Set();
    const rows = await this.#database.query<{ number: number; person_id: string }>(
      'select number, person_id from urgent_receipts where org_id = $1 and conversation_id = $2 and number = any($3)',
      [orgId, conversationId, urgent],
    );
    return new Set(rows.map(({ number, person_id }) => `${number}/${person_id}`));
  }
}

function mentions(message: MessageRow, { person_id }: MemberRow): boolean {
  return message.mentions_all || message.mentions.includes(person_id);
}
