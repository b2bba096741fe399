/** What waits to be told, written down, so that it outlives the node that would have told it. */
import type { Database } from '../../platform/database/index.js';

export interface WaitingNotice {
  readonly orgId: string;
  readonly id: string;
  readonly conversationId: string;
  /** The first message that is to be told of. */
  readonly from: number;
}

interface Row {
  org_id: string;
  id: string;
  conversation_id: string;
  from_number: number;
}

const atOnce = 1_000;

export class WaitingNotices {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Nothing where the conversation has gone in between. */
  async keep({ orgId, id, conversationId, from }: WaitingNotice, due: Date): Promise<void> {
    await this.#database.query(
      `insert into waiting_notices (org_id, id, conversation_id, from_number, due_at)
       select org_id, $2, id, $4, $5 from conversations where org_id = $1 and id = $3
       on conflict (id) do update set from_number = least(waiting_notices.from_number, excluded.from_number)`,
      [orgId, id, conversationId, from, due],
    );
  }

  async forget({ orgId, id }: Pick<WaitingNotice, 'orgId' | 'id'>): Promise<void> {
    await this.#database.query('delete from waiting_notices where org_id = $1 and id = $2', [orgId, id]);
  }

  /** Those that were due before this, the longest overdue first. */
  async late(before: Date): Promise<WaitingNotice[]> {
    const rows = await this.#database.query<Row>(
      `select org_id, id, conversation_id, from_number from waiting_notices where due_at < $1 order by due_at limit ${atOnce}`,
      [before],
    );
    return rows.map(({ org_id, id, conversation_id, from_number }) => ({
      orgId: org_id,
      id,
      conversationId: conversation_id,
      from: from_number,
    }));
  }

  /** The newest messages from there on: their numbers, and when they were sent. */
  async messages({ orgId, conversationId, from }: WaitingNotice, most: number): Promise<Map<number, number>> {
    const rows = await this.#database.query<{ number: number; sent_at: Date }>(
      `select number, sent_at from messages
       where org_id = $1 and conversation_id = $2 and number >= $3
         and (kind <> 'system' or extra->'system'->>'what' = 'recording-shared') order by number desc limit $4`,
      [orgId, conversationId, from, most],
    );
    return new Map(rows.map(({ number, sent_at }) => [number, sent_at.getTime()]));
  }
}
