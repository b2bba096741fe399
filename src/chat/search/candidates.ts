/**
 * Messages that have the wanted terms, newest first, of the conversations that one person may read.
 *
 * Two ways lead there. `recent` reads the newest messages in the order of time and keeps those with the
 * terms: common words fill a page from a few hundred. `indexed` asks the inverted index for all that have the
 * terms, and sorts them: rare words are few. The choice is not left to the planner, whose guess of how
 * common a combination is may be wrong by a factor of a thousand: the first looks at a bounded number, and
 * the second is asked when the first has shown that they are rare.
 */
import type { Query } from '../../platform/database/index.js';

/** A place in the order of finds: the newest first. */
export interface Place {
  /** Microseconds since 1970. */
  readonly sentAt: number;
  readonly conversationId: string;
  readonly number: number;
}

/** What is looked for, and where. */
export interface Scope {
  readonly orgId: string;
  /** With one alone, numbers are the order, else the time. */
  readonly conversationIds: readonly string[];
  /** Of conversations of which some messages are hidden from the person: up to which number. */
  readonly hidden: ReadonlyMap<string, number>;
  /** All of these. */
  readonly terms: readonly number[];
  /** One of these, where there are any. */
  readonly anyTerms: readonly number[];
  readonly since: string | null;
  readonly until: string | null;
}

interface PlaceRow {
  micros: number;
  conversation_id: string;
  number: number;
}

/** Said of few rows only: the arithmetic costs more than finding them. */
const placeColumns = '(extract(epoch from s.sent_at) * 1000000)::float8 as micros, s.conversation_id, s.number';

/** Messages that one look at the newest reads. */
const windowRows = 4_000;
/** Clocks of nodes differ: messages whose number is so much higher than that of the last before a time may be before it too. */
const numbersOutOfTime = 1_000;

/** `lookedTo`: how far the look went; null: to the end of all. */
export async function recentPlaces(
  database: Query,
  scope: Scope,
  after: Place | null,
  limit: number,
): Promise<{ places: Place[]; lookedTo: Place | null }> {
  const values = new Values();
  const { columns, where } = await inOrder(database, scope, after, values);
  const rows = await database.query<PlaceRow & { is_edge: boolean; looked: number }>(
    `with looked as materialized (
       select s.conversation_id, s.number, s.sent_at, s.terms from message_search s
       where ${where} order by ${by(columns, 'desc')} limit ${windowRows}
     )
     select ${placeColumns}, false as is_edge, 0 as looked
     from (select * from looked s where ${wanted(scope, values)} order by ${by(columns, 'desc')} limit ${values.add(limit)}) s
     union all
     select ${placeColumns}, true, (select count(*)::int from looked) from (select * from looked s order by ${by(columns, 'asc')} limit 1) s
     order by is_edge, ${outerOrder(columns)}`,
    values.all,
  );
  const edge = rows.find(({ is_edge }) => is_edge);
  return {
    places: rows.filter(({ is_edge }) => !is_edge).map(toPlace),
    lookedTo: edge && edge.looked >= windowRows ? toPlace(edge) : null,
  };
}

/** Needs terms: without any, it would read everything. */
export async function indexedPlaces(database: Query, scope: Scope, after: Place | null, limit: number): Promise<Place[]> {
  const { sql, values } = await indexedQuery(database, scope, after, limit);
  return (await database.query<PlaceRow>(sql, values)).map(toPlace);
}

/** Apart, so that its plan can be looked at. */
export async function indexedQuery(
  database: Query,
  scope: Scope,
  after: Place | null,
  limit: number,
): Promise<{ sql: string; values: unknown[] }> {
  const values = new Values();
  const { columns, where } = await inOrder(database, scope, after, values);
  // Materialized: with the limit in sight, the planner may prefer the order of time to the index.
  const sql = `with found as materialized (
       select s.sent_at, s.conversation_id, s.number from message_search s where ${where} and ${wanted(scope, values)}
     )
     select ${placeColumns} from (select * from found s order by ${by(columns, 'desc')} limit ${values.add(limit)}) s
     order by ${outerOrder(columns)}`;
  return { sql, values: values.all };
}

/** Conditions that follow the order, which an index has. */
async function inOrder(database: Query, scope: Scope, after: Place | null, values: Values): Promise<{ columns: string[]; where: string }> {
  const { orgId, conversationIds, since, until, hidden } = scope;
  const [only = ''] = conversationIds;
  const conditions = [`s.org_id = ${values.add(orgId)}`];
  if (since !== null) conditions.push(`s.sent_at >= ${values.add(since)}::timestamptz`);
  if (until !== null) conditions.push(`s.sent_at < ${values.add(until)}::timestamptz`);
  if (conversationIds.length === 1) {
    conditions.push(`s.conversation_id = ${values.add(only)}`, `s.number > ${values.add(hidden.get(only) ?? 0)}`);
    const before = Math.min(after?.number ?? 0x7fff_ffff, until === null ? 0x7fff_ffff : await lastBefore(database, only, until));
    conditions.push(`s.number < ${values.add(before)}`);
    return { columns: ['number'], where: conditions.join(' and ') };
  }
  if (after) {
    const at = `(timestamptz 'epoch' + ${values.add(after.sentAt)}::float8 * interval '1 microsecond')`;
    conditions.push(
      `s.sent_at <= ${at}`,
      `(s.sent_at, s.conversation_id, s.number) < (${at}, ${values.add(after.conversationId)}, ${values.add(after.number)})`,
    );
  }
  return { columns: ['sent_at', 'conversation_id', 'number'], where: conditions.join(' and ') };
}

/** A number that no message before this time has reached. */
async function lastBefore(database: Query, conversationId: string, until: string): Promise<number> {
  const [row] = await database.query<{ number: number }>(
    'select number from messages where conversation_id = $1 and sent_at < $2 order by sent_at desc limit 1',
    [conversationId, until],
  );
  return Math.min((row?.number ?? 0) + numbersOutOfTime, 0x7fff_ffff);
}

/** What must be so of each message. */
function wanted({ conversationIds, hidden, terms, anyTerms }: Scope, values: Values): string {
  const conditions = [`s.conversation_id = any(${values.add(conversationIds)}::uuid[])`];
  if (terms.length > 0) conditions.push(`s.terms @> ${values.add(terms)}::int[]`);
  if (anyTerms.length > 0) conditions.push(`s.terms && ${values.add(anyTerms)}::int[]`);
  if (hidden.size > 0 && conversationIds.length > 1)
    conditions.push(`not exists (
       select 1 from unnest(${values.add([...hidden.keys()])}::uuid[], ${values.add([...hidden.values()])}::int[]) as h (id, up_to)
       where h.id = s.conversation_id and s.number <= h.up_to)`);
  return conditions.join(' and ');
}

function by(columns: readonly string[], direction: 'asc' | 'desc'): string {
  return columns.map((column) => `s.${column} ${direction}`).join(', ');
}

/** The same order, of rows that say the time as a place does. */
function outerOrder(columns: readonly string[]): string {
  return columns.map((column) => `${column === 'sent_at' ? 'micros' : column} desc`).join(', ');
}

function toPlace(row: PlaceRow): Place {
  return { sentAt: row.micros, conversationId: row.conversation_id, number: row.number };
}

/** Values of a statement, by the names that stand for them in its text. */
class Values {
  readonly all: unknown[] = [];

  add(value: unknown): string {
    return `$${this.all.push(value)}`;
  }
}
