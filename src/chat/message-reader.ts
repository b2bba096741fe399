/** Reads messages of one conversation. Who may read what is decided before; `visibleAfter` keeps the rest out. */
import type { Database } from '../platform/database/index.js';
import type { Change, Message } from './message.js';
import { type ChangeRow, type MessageRow, messageColumns, toChange, toMessage } from './message-rows.js';

export interface Place {
  readonly orgId: string;
  readonly conversationId: string;
  /** Messages up to here are not there for this reader. */
  readonly visibleAfter: number;
}

/** Which messages. `thread`: those of one thread with its root; 0: what stands in the conversation itself; undefined: all. */
export type Selection =
  | { readonly by: 'before'; readonly number: number; readonly thread?: number }
  | { readonly by: 'after'; readonly number: number; readonly thread?: number }
  | { readonly by: 'around'; readonly number: number; readonly thread?: number }
  | { readonly by: 'since'; readonly at: Date; readonly thread?: number }
  | { readonly by: 'numbers'; readonly numbers: readonly number[] }
  | { readonly by: 'pinned' };

export interface Page {
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly more: boolean;
}

export interface CaughtUp {
  /** By `changed`. */
  readonly messages: readonly Message[];
  /** Everything is known up to here. */
  readonly cursor: number;
  readonly more: boolean;
}

type Row = MessageRow & { replies: number };

/** Numbers are an `integer` in the database; nothing comes after this one. */
const lastPossible = 0x7fff_ffff;
const repliesColumn = `case when m.thread is null and m.kind <> 'system'
  then (select count(*)::int from messages r where r.conversation_id = m.conversation_id and r.thread = m.number) else 0 end as replies`;
const select = `select ${messageColumns}, ${repliesColumn} from messages m where m.org_id = $1 and m.conversation_id = $2 and m.number > $3`;

export class MessageReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The newest number of the log; 0 where there is no such conversation. */
  async latest(orgId: string, conversationId: string): Promise<number> {
    const [row] = await this.#database.query<{ last_number: number }>(
      'select last_number from conversations where org_id = $1 and id = $2',
      [orgId, conversationId],
    );
    return row?.last_number ?? 0;
  }

  async read(place: Place, selection: Selection, limit: number): Promise<Page> {
    switch (selection.by) {
      case 'before':
        return this.#before(place, selection.number, selection.thread, limit);
      case 'after':
        return this.#after(place, selection.number, selection.thread, limit);
      case 'around': {
        const half = Math.max(1, Math.floor(limit / 2));
        const [older, newer] = await Promise.all([
          this.#before(place, selection.number, selection.thread, half),
          this.#after(place, selection.number - 1, selection.thread, half),
        ]);
        return { messages: [...older.messages, ...newer.messages], more: older.more || newer.more };
      }
      case 'since':
        return this.#page(
          place,
          `and m.sent_at >= $4 ${inThread(selection.thread, 6)} order by m.number limit $5`,
          limit,
          [selection.at],
          selection.thread,
        );
      case 'numbers':
        return this.#page(place, 'and m.number = any($4) order by m.number limit $5', limit, [selection.numbers.map(clamp)]);
      case 'pinned':
        return this.#page(place, 'and m.pinned_at is not null order by m.number limit $4', limit, []);
    }
  }

  /** One message; null: it is not there, or not for this reader. */
  async one(place: Place, number: number): Promise<Message | null> {
    const { messages } = await this.read(place, { by: 'numbers', numbers: [number] }, 1);
    return messages[0] ?? null;
  }

  /** Messages that changed after a number, as they are now. */
  async changedAfter(place: Place, after: number, limit: number): Promise<CaughtUp> {
    // The newest number first: what comes in between is then in the list or after the cursor, never lost.
    const latest = await this.latest(place.orgId, place.conversationId);
    const rows = await this.#database.query<Row>(`${select} and m.changed > $4 order by m.changed limit $5`, [
      place.orgId,
      place.conversationId,
      place.visibleAfter,
      clamp(after),
      limit,
    ]);
    const messages = rows.map((row) => toMessage(row, row.replies));
    const more = rows.length === limit;
    const last = messages.at(-1)?.changed ?? after;
    return { messages, more, cursor: more ? last : Math.max(latest, last) };
  }

  /** What a message was before its edits, oldest first, and what else happened to it. */
  async history(place: Place, number: number): Promise<Change[]> {
    const rows = await this.#database.query<ChangeRow>(
      `select c.number, c.kind, c.actor_id, c.actor_name, c.at, c.before, c.detail from message_changes c
       where c.org_id = $1 and c.conversation_id = $2 and c.message_number = $3 and c.message_number > $4 order by c.number limit 1000`,
      [place.orgId, place.conversationId, clamp(number), place.visibleAfter],
    );
    return rows.map(toChange);
  }

  /** The options that one person chose, by the number of the poll. */
  async votesOf(place: Place, personId: string, numbers: readonly number[]): Promise<ReadonlyMap<number, readonly number[]>> {
    if (numbers.length === 0) return new Map();
    const rows = await this.#database.query<{ number: number; options: number[] }>(
      'select number, options from poll_votes where org_id = $1 and conversation_id = $2 and person_id = $3 and number = any($4)',
      [place.orgId, place.conversationId, personId, numbers],
    );
    return new Map(rows.map(({ number, options }) => [number, options]));
  }

  /** Names of people of the organisation, by id. */
  async names(orgId: string, personIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (personIds.length === 0) return new Map();
    const rows = await this.#database.query<{ id: string; name: string }>(
      'select id, name from people where org_id = $1 and id = any($2)',
      [orgId, [...new Set(personIds)]],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  async #before(place: Place, number: number, thread: number | undefined, limit: number): Promise<Page> {
    const page = await this.#page(
      place,
      `and m.number < $4 ${inThread(thread, 6)} order by m.number desc limit $5`,
      limit,
      [clamp(number)],
      thread,
    );
    return { ...page, messages: [...page.messages].reverse() };
  }

  #after(place: Place, number: number, thread: number | undefined, limit: number): Promise<Page> {
    return this.#page(place, `and m.number > $4 ${inThread(thread, 6)} order by m.number limit $5`, limit, [clamp(number)], thread);
  }

  /** One more than is wanted tells whether there are more. */
  async #page(place: Place, rest: string, limit: number, values: readonly unknown[], thread?: number): Promise<Page> {
    const rows = await this.#database.query<Row>(`${select} ${rest}`, [
      place.orgId,
      place.conversationId,
      place.visibleAfter,
      ...values,
      limit + 1,
      ...(thread ? [clamp(thread)] : []),
    ]);
    return { messages: rows.slice(0, limit).map((row) => toMessage(row, row.replies)), more: rows.length > limit };
  }
}

/** `parameter` is the place of the thread's number among the values. */
function inThread(thread: number | undefined, parameter: number): string {
  if (thread === undefined) return '';
  return thread === 0 ? 'and m.thread is null' : `and (m.thread = $${parameter} or m.number = $${parameter})`;
}

function clamp(number: number): number {
  return Math.min(Math.max(Math.trunc(number), 0), lastPossible);
}
