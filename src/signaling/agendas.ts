/**
 * Agendas in the database: what meetings are to talk about, and what they talked about when. What is
 * written here counts; what is in memory is taken from it. Every statement is scoped by the organisation.
 */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { type AgendaItem, type AgendaNow, noAgenda, turned } from './meeting-state.js';

export interface AgendasDeps {
  readonly database: Database;
  readonly clock: Clock;
}

export type PlannedItem = Omit<AgendaItem, 'spentMs'>;
/** Of which meeting. */
interface Of {
  readonly orgId: string;
  readonly id: string;
}

interface Row {
  items: PlannedItem[];
  revision: number;
}

interface Turn {
  number: number;
  itemId: string | null;
  at: Date;
}

export class Agendas {
  readonly #deps: AgendasDeps;

  constructor(deps: AgendasDeps) {
    this.#deps = deps;
  }

  async of(meeting: Of): Promise<AgendaNow> {
    const { database } = this.#deps;
    const row = await rowOf(database, meeting);
    return row ? agendaOf(row, await turnsOf(database, meeting)) : noAgenda;
  }

  /** Of a meeting that is being made, in the same transaction. */
  async create(tx: Query, meeting: Of, items: readonly PlannedItem[]): Promise<void> {
    if (items.length > 0) await this.#store(tx, meeting, { items: [...items], revision: 1 });
  }

  /**
   * Replaces the list, when it is still the one that was changed. The same list once more changes
   * nothing: an answer may have been lost. @throws MEETING_AGENDA_CHANGED, MEETING_ENDED, MEETING_NOT_FOUND
   */
  set(meeting: Of, revision: number, items: readonly PlannedItem[]): Promise<AgendaNow> {
    return this.#deps.database.transaction(async (tx) => {
      await lock(tx, meeting);
      const before = (await rowOf(tx, meeting)) ?? { items: [], revision: 0 };
      const turns = await turnsOf(tx, meeting);
      if (isSame(before.items, items)) return agendaOf(before, turns);
      if (before.revision !== revision) throw new CausewayError('MEETING_AGENDA_CHANGED');
      const now = { items: [...items], revision: revision + 1 };
      await this.#store(tx, meeting, now);
      // A chapter is called as its item is.
      await tx.query(
        `update meeting_agenda_turns t set title = item.title from unnest($3::uuid[], $4::text[]) as item (id, title)
         where t.org_id = $1 and t.meeting_id = $2 and t.item_id = item.id and t.title <> item.title`,
        [meeting.orgId, meeting.id, items.map(({ id }) => id), items.map(({ title }) => title)],
      );
      const current = turns.at(-1)?.itemId ?? null;
      if (current !== null && !items.some(({ id }) => id === current)) turns.push(await this.#append(tx, meeting, turns, null));
      return agendaOf(now, turns);
    });
  }

  /** From now on the meeting talks about this item, or (null) about none. @throws MEETING_NO_AGENDA_ITEM, MEETING_ENDED, MEETING_NOT_FOUND */
  turn(meeting: Of, itemId: string | null): Promise<AgendaNow> {
    return this.#deps.database.transaction(async (tx) => {
      await lock(tx, meeting);
      const row = (await rowOf(tx, meeting)) ?? { items: [], revision: 0 };
      const item = row.items.find(({ id }) => id === itemId);
      if (itemId !== null && !item) throw new CausewayError('MEETING_NO_AGENDA_ITEM');
      const turns = await turnsOf(tx, meeting);
      if ((turns.at(-1)?.itemId ?? null) !== itemId) turns.push(await this.#append(tx, meeting, turns, item ?? null));
      return agendaOf(row, turns);
    });
  }

  async #store(tx: Query, { orgId, id }: Of, { items, revision }: Row): Promise<void> {
    await tx.query(
      `insert into meeting_agendas (org_id, meeting_id, items, revision, changed_at) values ($1, $2, $3, $4, $5)
       on conflict (meeting_id) do update set items = excluded.items, revision = excluded.revision, changed_at = excluded.changed_at`,
      [orgId, id, JSON.stringify(items), revision, new Date(this.#deps.clock.now())],
    );
  }

  async #append(tx: Query, { orgId, id }: Of, turns: readonly Turn[], item: PlannedItem | null): Promise<Turn> {
    const last = turns.at(-1);
    // Another node's clock may be a little ahead; what came later is later.
    const at = new Date(Math.max(this.#deps.clock.now(), last?.at.getTime() ?? 0));
    const turn = { number: (last?.number ?? 0) + 1, itemId: item?.id ?? null, at };
    await tx.query('insert into meeting_agenda_turns (org_id, meeting_id, number, item_id, title, at) values ($1, $2, $3, $4, $5, $6)', [
      orgId,
      id,
      turn.number,
      turn.itemId,
      item?.title ?? null,
      at,
    ]);
    return turn;
  }
}

/** Who changes an agenda waits here for others who do; who comes in meanwhile does not. @throws MEETING_ENDED, MEETING_NOT_FOUND */
async function lock(tx: Query, { orgId, id }: Of): Promise<void> {
  const [row] = await tx.query<{ status: string }>('select status from meetings where org_id = $1 and id = $2 for no key update', [
    orgId,
    id,
  ]);
  if (!row) throw new CausewayError('MEETING_NOT_FOUND');
  if (row.status === 'ended') throw new CausewayError('MEETING_ENDED');
}

async function rowOf(tx: Query, { orgId, id }: Of): Promise<Row | undefined> {
  const [row] = await tx.query<Row>('select items, revision from meeting_agendas where org_id = $1 and meeting_id = $2', [orgId, id]);
  return row;
}

function turnsOf(tx: Query, { orgId, id }: Of): Promise<Turn[]> {
  return tx.query<Turn>(
    `select number, item_id as "itemId", at from meeting_agenda_turns where org_id = $1 and meeting_id = $2 order by number`,
    [orgId, id],
  );
}

function agendaOf({ items, revision }: Row, turns: readonly Turn[]): AgendaNow {
  const planned: AgendaNow = { ...noAgenda, revision, items: items.map(({ id, title, minutes }) => ({ id, title, minutes, spentMs: 0 })) };
  return turns.reduce((agenda, { itemId, at }) => turned(agenda, itemId, at.getTime()), planned);
}

function isSame(before: readonly PlannedItem[], after: readonly PlannedItem[]): boolean {
  const form = (items: readonly PlannedItem[]) => JSON.stringify(items.map(({ id, title, minutes }) => [id, title, minutes]));
  return form(before) === form(after);
}
