/** Stores a group of messages: in one trip where all are plain, else in a longer transaction that says which is not. */
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Message, NewMessage } from './message.js';
import { type MessageRow, messageColumns, toMessage, toNewRow } from './message-rows.js';
import type { WithMessage } from './ports.js';

export interface ToStore {
  readonly message: NewMessage;
  readonly withMessage: WithMessage | undefined;
  readonly asMember: boolean;
}

/** What became of a message. `isNew`: it is to be published; what was sent before was so then. */
export type Outcome = { readonly message: Message; readonly isNew: boolean } | { readonly refusal: CausewayError };

/** The act of a message does not let it be written. Nothing of the group is. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly one: ToStore,
    override readonly cause: CausewayError,
  ) {
    super(cause.message, { cause });
  }
}

/**
 * By `keyOf`; what is in no conversation of its organisation, or of no member, has no outcome. `isSecond`: it was tried
 * with this time before, and what has it was stored then.
 *
 * @throws Refused
 */
export async function storeGroup(
  database: Database,
  group: readonly ToStore[],
  now: Date,
  isSecond: boolean,
): Promise<ReadonlyMap<string, Outcome>> {
  return (await storePlain(database, group, now)) ?? (await database.transaction((tx) => store(tx, group, now, isSecond)));
}

/** All in one trip, because on a busy machine each trip waits for a core twice. Null, and nothing is stored: not all are new messages of members. */
async function storePlain(database: Database, group: readonly ToStore[], now: Date): Promise<Map<string, Outcome> | null> {
  const isOnce = new Set(group.map(({ message }) => keyOf(message))).size === group.length;
  if (!isOnce || group.some(({ withMessage }) => withMessage)) return null;
  const messages = await appendAll(database, group, now);
  return messages && new Map(messages.map((message) => [keyOf(message), { message, isNew: true }]));
}

/** One transaction: lock the conversations, find resends and who may not write, number and store the rest. */
async function store(tx: Query, group: readonly ToStore[], now: Date, isSecond: boolean): Promise<Map<string, Outcome>> {
  const conversations = await tx.query<{ org_id: string; id: string; archived: boolean }>(
    'select org_id, id, archived from lock_conversations($1)',
    [[...new Set(group.map(({ message }) => message.conversationId))]],
  );
  const archived = new Map(conversations.map((row) => [`${row.org_id}/${row.id}`, row.archived]));
  const { members, isResent } = await standingOf(tx, group);
  const known = (isResent ? await resentAmong(tx, group) : []).map((row) => toMessage(row));
  const outcomes = new Map(
    known.map((message): [string, Outcome] => [keyOf(message), { message, isNew: isSecond && message.sentAt.getTime() === now.getTime() }]),
  );
  const fresh = new Map<string, ToStore>();
  for (const one of group) {
    const { message, asMember } = one;
    const isArchived = archived.get(`${message.orgId}/${message.conversationId}`);
    if (isArchived === undefined || outcomes.has(keyOf(message)) || fresh.has(keyOf(message))) continue;
    const mayWrite = asMember ? members.get(`${message.conversationId}/${message.senderId}`) : true;
    if (mayWrite === undefined) continue;
    // What is archived can be brought back, and left; a system line tells of it.
    const isLine = !asMember || message.kind === 'system';
    if (isLine || (mayWrite && !isArchived)) fresh.set(keyOf(message), one);
    else outcomes.set(keyOf(message), { refusal: new CausewayError(isArchived ? 'CHAT_ARCHIVED' : 'CHAT_FORBIDDEN') });
  }
  if (fresh.size === 0) return outcomes;
  const appended = await appendAll(tx, [...fresh.values()], now);
  // Another node has taken one of the senders out, or stored his client id in another conversation, since they were looked at.
  if (!appended) throw new Error('Messages that may be stored were not stored.');
  for (const message of appended) {
    outcomes.set(keyOf(message), { message, isNew: true });
    const one = fresh.get(keyOf(message));
    await one?.withMessage?.(tx, message).catch((error: unknown) => {
      throw error instanceof CausewayError ? new Refused(one, error) : error;
    });
  }
  return outcomes;
}

/** Null: one of them was sent before or may not be written, and nothing is stored (0037-announcements-by-admins.sql). */
async function appendAll(query: Query, group: readonly ToStore[], now: Date): Promise<Message[] | null> {
  const rows = await query.query<{ number: number }>('select number from append_messages($1, $2)', [
    JSON.stringify(group.map(({ message, asMember }) => toNewRow(complete(message, 0, now), asMember))),
    now,
  ]);
  if (rows.length < group.length) return null;
  return group.map(({ message }, at) => complete(message, rows[at]?.number ?? 0, now));
}

/**
 * Of the senders who are members, by `conversation/person`, whether they may write there, and whether anything of the
 * group was stored before: one question, because each is a trip.
 */
async function standingOf(tx: Query, group: readonly ToStore[]): Promise<{ members: ReadonlyMap<string, boolean>; isResent: boolean }> {
  const asked = group.filter(({ asMember }) => asMember).map(({ message }) => message);
  const [row] = await tx.query<{ members: Record<string, boolean> | null; resent: boolean }>(
    `select
       (select json_object_agg(m.conversation_id || '/' || m.person_id, c.kind <> 'announcement' or m.role = 'admin')
        from conversation_members m join conversations c on c.id = m.conversation_id
        where (m.conversation_id, m.person_id) in (select * from unnest($1::uuid[], $2::uuid[]))) as members,
       exists (select 1 from messages where (sender_id, client_id) in (select * from unnest($3::uuid[], $4::uuid[]))) as resent`,
    [
      asked.map(({ conversationId }) => conversationId),
      asked.map(({ senderId }) => senderId),
      group.map(({ message }) => message.senderId),
      group.map(({ message }) => message.clientId),
    ],
  );
  return { members: new Map(Object.entries(row?.members ?? {})), isResent: row?.resent ?? false };
}

function resentAmong(tx: Query, group: readonly ToStore[]): Promise<MessageRow[]> {
  return tx.query<MessageRow>(
    `select ${messageColumns} from messages m where (m.sender_id, m.client_id) in (select * from unnest($1::uuid[], $2::uuid[]))
     order by m.conversation_id, m.number`,
    [group.map(({ message }) => message.senderId), group.map(({ message }) => message.clientId)],
  );
}

/** Field by field: an object that is put together of two becomes a dictionary, five times as large. */
function complete(message: NewMessage, number: number, sentAt: Date): Message {
  return {
    orgId: message.orgId,
    conversationId: message.conversationId,
    number,
    changed: number,
    senderId: message.senderId,
    senderName: message.senderName,
    clientId: message.clientId,
    body: message.body,
    sentAt,
    kind: message.kind ?? 'text',
    thread: message.thread ?? null,
    replyTo: message.replyTo ?? null,
    mentions: message.mentions ?? [],
    mentionsAll: message.mentionsAll ?? false,
    urgent: message.urgent ?? false,
    byApp: message.byApp ?? false,
    editedAt: null,
    recalledAt: null,
    pinnedAt: null,
    extra: message.extra ?? null,
    reactions: {},
    replies: 0,
  };
}

export function keyOf(message: { senderId: string; clientId: string }): string {
  return `${message.senderId}/${message.clientId}`;
}
