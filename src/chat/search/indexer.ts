/**
 * Brings the index after the log. It follows the state and not events: messages whose `changed` is
 * beyond the conversation's cursor are indexed as they are now, so edits and recalls need nothing of their
 * own, and after a crash of any node the work goes on where the cursor stands. Events only wake it, and
 * a sweep finds what nobody woke it for.
 *
 * The lock of a cursor's row shares conversations out among nodes. One transaction at a time, with a
 * rest after each that is as long as the work or longer: the commits of the log come first.
 */
import { setImmediate } from 'node:timers/promises';
import type { Database, Query } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import { type MessageRow, messageColumns, toMessage } from '../message-rows.js';
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

type ChangedRow = MessageRow & { at: string };

interface Portion extends CursorRow {
  /** Messages, at most. */
  readonly take: number;
}

/** Messages of one transaction, and conversations. With fewer, the cursors cost more than the messages. */
const batchMessages = 1_000;
/** Messages that are cut into terms before the event loop has its turn. */
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
  const portions = portionsOf(cursors);
  const rows = await changedMessages(tx, portions);
  await write(tx, rows);
  const steps = stepsOf(portions, rows);
  await tx.query(
    `update search_cursors s set indexed_number = n.number from unnest($1::uuid[], $2::int[]) as n (id, number)
     where s.conversation_id = n.id and s.indexed_number < n.number`,
    [[...steps.keys()], [...steps.values()]],
  );
  const begun = cursors.filter(({ conversation_id, indexed_number, last_number }) => {
    return (steps.get(conversation_id) ?? indexed_number) < last_number;
  });
  return { unfinished: [...begun.map((cursor) => cursor.conversation_id), ...(await without(tx, ids, cursors))], messages: rows.length };
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

/** As many of the conversations as one batch has room for; the last may get less than it needs. */
function portionsOf(cursors: readonly CursorRow[]): Portion[] {
  const portions: Portion[] = [];
  let room = batchMessages;
  for (const cursor of cursors) {
    // No more messages than entries can have changed.
    const take = Math.min(room, cursor.last_number - cursor.indexed_number);
    if (take > 0) portions.push({ ...cursor, take });
    room -= take;
  }
  return portions;
}

/** Of each conversation in the order of changes. */
function changedMessages(tx: Query, portions: readonly Portion[]): Promise<ChangedRow[]> {
  return tx.query<ChangedRow>(
    `select ${messageColumns}, m.sent_at::text as at
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
  const isGone = (row: ChangedRow) => row.recalled_at !== null || row.kind === 'system';
  const gone = rows.filter(isGone);
  const there = rows.filter((row) => !isGone(row));
  if (gone.length > 0)
    await tx.query(
      `delete from message_search s using unnest($1::uuid[], $2::int[]) as g (id, number)
       where s.conversation_id = g.id and s.number = g.number`,
      [gone.map((row) => row.conversation_id), gone.map((row) => row.number)],
    );
  if (there.length > 0)
    await tx.query(
      // Arrays of arrays don't unnest by row, so terms travel as text. A reaction changes no term: nothing is written.
      `insert into message_search (org_id, conversation_id, number, sent_at, terms)
       select org_id, id, number, sent_at, terms::int[]
       from unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[], $5::text[]) as t (org_id, id, number, sent_at, terms)
       on conflict (conversation_id, number) do update set terms = excluded.terms where message_search.terms <> excluded.terms`,
      [
        there.map((row) => row.org_id),
        there.map((row) => row.conversation_id),
        there.map((row) => row.number),
        there.map((row) => row.at),
        await termsOf(there),
      ],
    );
}

/** As literals of arrays. */
async function termsOf(rows: readonly ChangedRow[]): Promise<string[]> {
  const literals: string[] = [];
  for (const [index, row] of rows.entries()) {
    if (index % turnMessages === turnMessages - 1) await setImmediate();
    literals.push(`{${messageTerms(toMessage(row)).join(',')}}`);
  }
  return literals;
}
