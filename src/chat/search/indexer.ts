/**
 * Brings the index after the log. It follows the state and not events: messages whose `changed` is
 * beyond the conversation's cursor are indexed as they are now, so edits and recalls need nothing of their
 * own, and after a crash of any node the work goes on where the cursor stands. Events only wake it, and
 * a sweep finds what nobody woke it for.
 *
 * The lock of a cursor's row shares conversations out among nodes. One transaction at a time, with a
 * rest after each that is as long as the work or longer: the commits of the log come first.
 */
import type { Database, Query } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import type { MessageRow } from '../message-rows.js';
import { messageTerms } from './message-terms.js';

export interface IndexerDeps {
  readonly database: Database;
  readonly log: Log;
  /** Messages come by the thousand; one round serves all of this time, milliseconds. */
  readonly gatherMs?: number;
  readonly sweepMs?: number;
  /** So many messages were brought into the index. */
  readonly indexed?: (messages: number) => void;
}

interface CursorRow {
  org_id: string;
  conversation_id: string;
  indexed_number: number;
  last_number: number;
}

/** Nothing more than the index needs: rows come by the thousand, and a date that is read must be written again. */
type ChangedRow = Pick<
  MessageRow,
  'org_id' | 'conversation_id' | 'number' | 'changed' | 'sender_id' | 'body' | 'mentions' | 'mentions_all' | 'extra'
> & { readonly sent_at: string; readonly gone: boolean };

interface Portion extends CursorRow {
  /** Messages, at most. */
  readonly take: number;
}

/** Messages of one transaction, and conversations. With fewer, the cursors cost more than the messages. */
const batchMessages = 1_000;
/** Messages that are read, cut into terms and written at once: so few that the event loop and the log's commits have their turn. */
const turnMessages = 50;
const batchConversations = 200;
const sweptConversations = 2_000;
/** Conversations that fail one after the other, and no more are tried. */
const mostFailures = 3;
/** Rest after a transaction, at least, milliseconds. */
const restMs = 50;
const longestRestMs = 5_000;
/** A transaction that takes so long does so because others need the processor or the disk. */
const slowMs = 250;

export class Indexer {
  readonly #deps: IndexerDeps;
  readonly #gatherMs: number;
  readonly #waiting = new Set<string>();
  readonly #sweeper: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #sweeping = false;
  /** There was more than one transaction takes. */
  #isBehind = false;
  #restMs = restMs;
  #closed = false;

  constructor(deps: IndexerDeps) {
    this.#deps = deps;
    this.#gatherMs = deps.gatherMs ?? 400;
    this.#sweeper = setInterval(() => this.sweep(), deps.sweepMs ?? 30_000).unref();
    this.sweep();
  }

  /** Conversations for which somebody woke it, or which were found behind. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Something of the conversation may be another one than the index knows. */
  wake(conversationId: string): void {
    this.#waiting.add(conversationId);
    this.#schedule(this.#gatherMs);
  }

  /** Looks for what nobody woke it for: before the start, on a node that died. */
  sweep(): void {
    this.#sweeping = true;
    this.#schedule(0);
  }

  /** Ends the batch that is being written; the rest keeps until the next start. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeper);
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(ms: number): void {
    if (this.#closed || this.#timer || this.#running) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#round().finally(() => {
        this.#running = null;
        // Those for which somebody woke it meanwhile may gather again; what is left of the work goes on after the rest.
        if (this.#waiting.size > 0 || this.#sweeping) this.#schedule(this.#isBehind ? this.#restMs : this.#gatherMs);
      });
    }, ms).unref();
  }

  async #round(): Promise<void> {
    const begun = Date.now();
    try {
      if (this.#sweeping && this.#waiting.size < batchConversations) {
        this.#sweeping = false;
        for (const id of await this.#behind()) this.#waiting.add(id);
      }
      const ids = [...this.#waiting].slice(0, batchConversations);
      this.#isBehind = this.#sweeping || ids.length < this.#waiting.size;
      for (const id of ids) this.#waiting.delete(id);
      if (ids.length > 0) await this.#index(ids);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'Indexer | what is to be indexed could not be found out');
    }
    this.#restMs = restAfter(Date.now() - begun);
  }

  async #behind(): Promise<string[]> {
    const rows = await this.#deps.database.query<{ id: string }>(
      `select c.id from conversations c left join search_cursors s on s.conversation_id = c.id
       where c.last_number > coalesce(s.indexed_number, 0) limit ${sweptConversations}`,
    );
    // Another node may be busy with these; then the next sweep is soon enough.
    if (rows.length === sweptConversations) this.#sweeping = true;
    return rows.map(({ id }) => id);
  }

  /** What fails is left to the next sweep. */
  async #index(ids: readonly string[]): Promise<void> {
    if ((await this.#tryIndex(ids)) || ids.length === 1) return;
    // One of them may be the reason (a message that was deleted meanwhile): each for itself, so that it fails alone.
    let failed = 0;
    for (const id of ids) {
      // So many one after the other: it is the database.
      if (this.#closed || failed === mostFailures) return;
      failed = (await this.#tryIndex([id])) ? 0 : failed + 1;
    }
  }

  async #tryIndex(ids: readonly string[]): Promise<boolean> {
    try {
      const { unfinished, messages } = await this.#deps.database.transaction((tx) => indexConversations(tx, ids));
      this.#deps.indexed?.(messages);
      for (const id of unfinished) this.#waiting.add(id);
      this.#isBehind ||= unfinished.length > 0;
      return true;
    } catch (error) {
      if (!this.#closed)
        this.#deps.log.warn({ err: error, conversations: ids.length, first: ids[0] }, 'Indexer | conversations were not indexed');
      return false;
    }
  }
}

/** Half of the time, or a third of it where the work was slow: then the machine is busy with what is more urgent. */
function restAfter(workMs: number): number {
  return Math.min(longestRestMs, Math.max(restMs, workMs < slowMs ? workMs : 2 * workMs));
}

/** `unfinished`: conversations of which there is more to do. */
async function indexConversations(tx: Query, ids: readonly string[]): Promise<{ unfinished: string[]; messages: number }> {
  // The newest number first: what comes after it is not marked as indexed.
  const cursors = await tx.query<CursorRow>(
    `select s.org_id, s.conversation_id, s.indexed_number, c.last_number
     from search_cursors s join conversations c on c.id = s.conversation_id
     where s.conversation_id = any($1) order by s.conversation_id for update of s skip locked`,
    [ids],
  );
  const steps = new Map<string, number>();
  let unfinished = advanced(cursors, steps);
  let messages = 0;
  while (unfinished.length > 0 && messages < batchMessages) {
    const turn = portionsOf(unfinished);
    const rows = await changedMessages(tx, turn);
    await write(tx, rows);
    messages += rows.length;
    for (const [id, step] of stepsOf(turn, rows)) steps.set(id, step);
    unfinished = advanced(unfinished, steps);
  }
  await tx.query(
    `update search_cursors s set indexed_number = n.number from unnest($1::uuid[], $2::int[]) as n (id, number)
     where s.conversation_id = n.id and s.indexed_number < n.number`,
    [[...steps.keys()], [...steps.values()]],
  );
  return { unfinished: [...unfinished.map((cursor) => cursor.conversation_id), ...(await without(tx, ids, cursors))], messages };
}

/** As far as they are now; those that are at their end are left out. */
function advanced(cursors: readonly CursorRow[], steps: ReadonlyMap<string, number>): CursorRow[] {
  const moved = cursors.map((cursor) => ({ ...cursor, indexed_number: steps.get(cursor.conversation_id) ?? cursor.indexed_number }));
  return moved.filter(({ indexed_number, last_number }) => indexed_number < last_number);
}

/**
 * Of conversations without a cursor in hand: new ones, which get theirs, and those which another node has just
 * now. That may have begun before the newest message, so they are asked for again.
 */
async function without(tx: Query, ids: readonly string[], cursors: readonly CursorRow[]): Promise<string[]> {
  if (cursors.length === ids.length) return [];
  const mine = new Set(cursors.map((cursor) => cursor.conversation_id));
  const others = ids.filter((id) => !mine.has(id));
  await tx.query(
    `insert into search_cursors (org_id, conversation_id) select org_id, id from conversations where id = any($1) order by id
     on conflict do nothing`,
    [others],
  );
  // Conversations that are gone have none.
  const rows = await tx.query<{ conversation_id: string }>('select conversation_id from search_cursors where conversation_id = any($1)', [
    others,
  ]);
  return rows.map((row) => row.conversation_id);
}

/** As many of the conversations as one turn has room for; the last may get less than it needs. */
function portionsOf(cursors: readonly CursorRow[]): Portion[] {
  const portions: Portion[] = [];
  let room = turnMessages;
  for (const cursor of cursors) {
    // No more messages than entries can have changed.
    const take = Math.min(room, cursor.last_number - cursor.indexed_number);
    portions.push({ ...cursor, take });
    room -= take;
    if (room === 0) break;
  }
  return portions;
}

/** Of each conversation in the order of changes. */
function changedMessages(tx: Query, portions: readonly Portion[]): Promise<ChangedRow[]> {
  return tx.query<ChangedRow>(
    `select m.org_id, m.conversation_id, m.number, m.changed, m.sender_id, m.body, m.mentions, m.mentions_all, m.extra, m.sent_at::text,
       m.recalled_at is not null or m.kind = 'system' as gone
     from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) as s (org_id, id, indexed_number, take)
     cross join lateral (
       select * from messages x where x.org_id = s.org_id and x.conversation_id = s.id and x.changed > s.indexed_number
       order by x.changed limit s.take) m`,
    [
      portions.map((portion) => portion.org_id),
      portions.map((portion) => portion.conversation_id),
      portions.map((portion) => portion.indexed_number),
      portions.map((portion) => portion.take),
    ],
  );
}

/** How far each conversation is now. */
function stepsOf(portions: readonly Portion[], rows: readonly ChangedRow[]): Map<string, number> {
  const found = new Map<string, { count: number; changed: number }>();
  for (const { conversation_id, changed } of rows) {
    const before = found.get(conversation_id) ?? { count: 0, changed: 0 };
    found.set(conversation_id, { count: before.count + 1, changed: Math.max(before.changed, changed) });
  }
  return new Map(
    portions.map(({ conversation_id, take, last_number }) => {
      const { count = 0, changed = 0 } = found.get(conversation_id) ?? {};
      return [conversation_id, count < take ? last_number : changed];
    }),
  );
}

async function write(tx: Query, rows: readonly ChangedRow[]): Promise<void> {
  const gone = rows.filter((row) => row.gone);
  const there = rows.filter((row) => !row.gone);
  if (gone.length > 0)
    await tx.query(
      `delete from message_search s using unnest($1::uuid[], $2::int[]) as g (id, number)
       where s.conversation_id = g.id and s.number = g.number`,
      [gone.map((row) => row.conversation_id), gone.map((row) => row.number)],
    );
  if (there.length > 0)
    await tx.query(
      // A reaction changes no term: nothing is written.
      `insert into message_search (org_id, conversation_id, number, sent_at, terms)
       select * from json_to_recordset($1) as t (org_id uuid, conversation_id uuid, number int, sent_at timestamptz, terms int[])
       on conflict (conversation_id, number) do update set terms = excluded.terms where message_search.terms <> excluded.terms`,
      [JSON.stringify(there.map(entryOf))],
    );
}

function entryOf({ org_id, conversation_id, number, sent_at, sender_id, body, mentions, mentions_all, extra }: ChangedRow) {
  const terms = messageTerms({ body, senderId: sender_id, mentions, mentionsAll: mentions_all, extra });
  return { org_id, conversation_id, number, sent_at, terms };
}
