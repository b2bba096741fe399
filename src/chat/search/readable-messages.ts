/** Messages behind the index, as far as one person may read them. */
import type { Query } from '../../platform/database/index.js';
import type { ConversationKind } from '../members.js';
import type { Message } from '../message.js';
import { type MessageRow, messageColumns, toMessage } from '../message-rows.js';
import type { Place } from './candidates.js';

interface Reader {
  readonly orgId: string;
  readonly personId: string;
}

export interface ConversationName {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly title: string;
}

/** In the order of the places; null where there is nothing that the person may read. */
export async function readMessages(database: Query, { orgId, personId }: Reader, places: readonly Place[]): Promise<(Message | null)[]> {
  if (places.length === 0) return [];
  const rows = await database.query<MessageRow & { place: number }>(
    `select ${messageColumns}, f.place::int
     from unnest($3::uuid[], $4::int[]) with ordinality as f (conversation_id, number, place)
     join conversation_members n on n.conversation_id = f.conversation_id and n.person_id = $2 and n.visible_after < f.number
     join messages m on m.conversation_id = f.conversation_id and m.number = f.number
     where n.org_id = $1 and m.org_id = $1 and m.recalled_at is null and m.kind <> 'system'`,
    [orgId, personId, places.map((place) => place.conversationId), places.map((place) => place.number)],
  );
  const messages = new Array<Message | null>(places.length).fill(null);
  for (const row of rows) messages[row.place - 1] = toMessage(row);
  return messages;
}

/** Of a direct conversation, the name of the other person. */
export async function conversationNames(
  database: Query,
  { orgId, personId }: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ConversationName>> {
  if (ids.length === 0) return new Map();
  const rows = await database.query<ConversationName>(
    `select c.id, c.kind, coalesce(other.name, c.title) as title from conversations c
     left join lateral (
       select p.name from conversation_members o join people p on p.id = o.person_id
       where c.kind = 'direct' and o.conversation_id = c.id order by o.person_id = $2 limit 1) other on true
     where c.org_id = $1 and c.id = any($3)`,
    [orgId, personId, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
