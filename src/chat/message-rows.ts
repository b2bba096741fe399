/** Messages as rows: the columns, and both directions. */
import type { Change, ChangeKind, Extra, Message, MessageKind } from './message.js';

export interface MessageRow {
  org_id: string;
  conversation_id: string;
  number: number;
  changed: number;
  sender_id: string;
  sender_name: string;
  client_id: string;
  body: string;
  sent_at: Date;
  kind: MessageKind;
  thread: number | null;
  reply_to: number | null;
  mentions: string[];
  mentions_all: boolean;
  urgent: boolean;
  by_app: boolean;
  edited_at: Date | null;
  recalled_at: Date | null;
  pinned_at: Date | null;
  extra: Extra | null;
  reactions: Record<string, string[]> | null;
}

const names = [
  'org_id',
  'conversation_id',
  'number',
  'changed',
  'sender_id',
  'sender_name',
  'client_id',
  'body',
  'sent_at',
  'kind',
  'thread',
  'reply_to',
  'mentions',
  'mentions_all',
  'urgent',
  'by_app',
  'edited_at',
  'recalled_at',
  'pinned_at',
  'extra',
  'reactions',
] as const satisfies readonly (keyof MessageRow)[];

/** For a select; `m` is the table. */
export const messageColumns = names.map((name) => `m.${name}`).join(', ');

export function toMessage(row: MessageRow, replies = 0): Message {
  return {
    orgId: row.org_id,
    conversationId: row.conversation_id,
    number: row.number,
    changed: row.changed,
    senderId: row.sender_id,
    senderName: row.sender_name,
    clientId: row.client_id,
    body: row.body,
    sentAt: row.sent_at,
    kind: row.kind,
    thread: row.thread,
    replyTo: row.reply_to,
    mentions: row.mentions,
    mentionsAll: row.mentions_all,
    urgent: row.urgent,
    byApp: row.by_app,
    editedAt: row.edited_at,
    recalledAt: row.recalled_at,
    pinnedAt: row.pinned_at,
    extra: row.extra,
    reactions: row.reactions ?? {},
    replies,
  };
}

/** For `append_messages` (0037-announcements-by-admins.sql), which gives it its number. */
export function toNewRow(message: Message, asMember: boolean) {
  return {
    org_id: message.orgId,
    conversation_id: message.conversationId,
    sender_id: message.senderId,
    sender_name: message.senderName,
    client_id: message.clientId,
    body: message.body,
    kind: message.kind,
    thread: message.thread,
    reply_to: message.replyTo,
    mentions: message.mentions,
    mentions_all: message.mentionsAll,
    urgent: message.urgent,
    by_app: message.byApp,
    extra: message.extra,
    as_member: asMember,
  };
}

export interface ChangeRow {
  number: number;
  kind: ChangeKind;
  actor_id: string | null;
  actor_name: string;
  at: Date;
  before: string | null;
  detail: Record<string, unknown> | null;
}

export function toChange(row: ChangeRow): Change {
  return {
    number: row.number,
    kind: row.kind,
    actorId: row.actor_id,
    actorName: row.actor_name,
    at: row.at,
    before: row.before,
    detail: row.detail,
  };
}
