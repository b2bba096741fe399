/** The log of a conversation as webhooks tell it: each entry with the message as it is now. */
import type { Query } from '../../platform/database/index.js';
import type { ChangeKind, Message, PersonName } from '../message.js';
import { type MessageRow, messageColumns, toMessage } from '../message-rows.js';
import type { ConversationFace } from '../ports.js';
import type { WebhookEvent } from './schema.js';

export interface LogEntry {
  readonly number: number;
  /** Null: of no interest outside. */
  readonly event: WebhookEvent | null;
  readonly actorId: string | null;
  readonly actorName: string;
  readonly at: Date;
  readonly detail: Readonly<Record<string, unknown>> | null;
  /** Null: it was deleted since (retention). */
  readonly message: Message | null;
}

interface EntryRow {
  number: number;
  kind: ChangeKind | 'message';
  message_number: number;
  actor_id: string | null;
  actor_name: string;
  at: Date;
  detail: Record<string, unknown> | null;
}

const eventOf = {
  edit: 'message.edited',
  recall: 'message.recalled',
  reaction: 'reaction.changed',
  pin: 'message.pinned',
  vote: 'poll.changed',
  'poll-closed': 'poll.changed',
  cards: null,
} as const satisfies Record<ChangeKind, WebhookEvent | null>;

/** Entries from a number on, in order. What is missing between them was deleted. */
export async function readEntries(
  database: Query,
  conversation: { orgId: string; id: string },
  from: number,
  limit: number,
): Promise<LogEntry[]> {
  // Each half by its own index, so that a long log costs no more than a short one.
  const rows = await database.query<EntryRow>(
    `select * from (
       (select number, 'message' as kind, number as message_number, sender_id as actor_id, sender_name as actor_name, sent_at as at,
               null::jsonb as detail
        from messages where org_id = $1 and conversation_id = $2 and number >= $3 order by number limit $4)
       union all
       (select number, kind, message_number, actor_id, actor_name, at, detail
        from message_changes where org_id = $1 and conversation_id = $2 and number >= $3 order by number limit $4)
     ) log order by number limit $4`,
    [conversation.orgId, conversation.id, from, limit],
  );
  if (rows.length === 0) return [];
  const found = await database.query<MessageRow>(
    `select ${messageColumns} from messages m where m.org_id = $1 and m.conversation_id = $2 and m.number = any($3)`,
    [conversation.orgId, conversation.id, [...new Set(rows.map((row) => row.message_number))]],
  );
  const messages = new Map(found.map((row) => [row.number, toMessage(row)]));
  return rows.map((row) => {
    const message = messages.get(row.message_number) ?? null;
    const posted = message?.kind === 'system' ? 'conversation.changed' : 'message.posted';
    return {
      number: row.number,
      event: row.kind === 'message' ? posted : eventOf[row.kind],
      actorId: row.actor_id,
      actorName: row.actor_name,
      at: row.at,
      detail: row.detail,
      message,
    };
  });
}

/** What is sent. The message is as it is now: what was recalled before it was delivered never leaves. */
export function describeEntry(
  entry: LogEntry & { readonly event: WebhookEvent; readonly message: Message },
  {
    delivery,
    webhookId,
    conversation,
  }: { delivery: string; webhookId: string; conversation: Pick<ConversationFace, 'orgId' | 'id' | 'kind' | 'title'> },
) {
  const { message, detail } = entry;
  // Nobody learns who chose what in an anonymous poll, nor who voted.
  const secret = entry.event === 'poll.changed' && message.extra?.poll?.anonymous === true;
  const { emoji, on } = detail ?? {};
  return {
    id: delivery,
    event: entry.event,
    webhookId,
    organisationId: conversation.orgId,
    conversation: { id: conversation.id, kind: conversation.kind, title: conversation.title },
    number: entry.number,
    at: entry.at.toISOString(),
    actor: secret || entry.actorId === null ? null : { id: entry.actorId, name: entry.actorName },
    ...(entry.event === 'reaction.changed' ? { reaction: { emoji, on } } : {}),
    message: describeMessage(message),
  };
}

function describeMessage(message: Message) {
  const { poll, system, attachments = [], forwarded } = message.extra ?? {};
  return {
    number: message.number,
    kind: message.kind,
    clientId: message.clientId,
    sender: { id: message.senderId, name: message.senderName, app: message.byApp },
    body: message.body,
    thread: message.thread,
    replyTo: message.replyTo,
    mentions: message.mentions,
    mentionsAll: message.mentionsAll,
    urgent: message.urgent,
    sentAt: message.sentAt.toISOString(),
    editedAt: message.editedAt?.toISOString() ?? null,
    recalledAt: message.recalledAt?.toISOString() ?? null,
    pinned: message.pinnedAt !== null,
    attachments: message.recalledAt ? [] : attachments.map(({ id, name, type, size, sha256 }) => ({ id, name, type, size, sha256 })),
    reactions: Object.entries(message.reactions).map(([emoji, people]) => ({ emoji, people })),
    ...(poll
      ? {
          poll: { closed: poll.closed, voters: poll.voters, options: poll.options.map((text, i) => ({ text, votes: poll.votes[i] ?? 0 })) },
        }
      : {}),
    ...(system ? { system: { ...system, people: system.people.map(nameOnly) } } : {}),
    ...(forwarded ? { forwarded: { senderName: forwarded.senderName } } : {}),
  };
}

function nameOnly({ id, name }: PersonName) {
  return { id, name };
}
