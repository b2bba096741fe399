/** What an export says of a conversation, read from the database page by page: it may have millions of messages. */
import type { Database } from '../../platform/database/index.js';
import type { Change, Extra, Message } from '../message.js';
import { type ChangeRow, type MessageRow, messageColumns, toChange, toMessage } from '../message-rows.js';
import type { PartAttachment } from './export-records.js';

export interface ExportedPerson {
  readonly id: string;
  readonly name: string;
}

export interface ExportedConversation {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly domain: string;
  readonly createdAt: string;
  readonly archivedAt: string | null;
}

/** One time that somebody was a member: with `readsAfter` it says what he could have seen. */
export interface ExportedMember extends ExportedPerson {
  readonly joinedAt: string;
  readonly leftAt: string | null;
  /** Messages with higher numbers. */
  readonly readsAfter: number;
}

export interface ExportedChange {
  readonly number: number;
  readonly kind: string;
  readonly by: { readonly id: string | null; readonly name: string };
  readonly at: string;
  /** The text that it replaced. */
  readonly before: string | null;
  readonly detail: unknown;
}

export interface ExportedFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
  /** Where it is in the export. */
  readonly path: string;
}

export interface ExportedMessage {
  readonly number: number;
  readonly kind: string;
  readonly sender: ExportedPerson;
  readonly sentAt: string;
  readonly text: string;
  readonly editedAt: string | null;
  readonly recalledAt: string | null;
  readonly pinnedAt: string | null;
  readonly thread: number | null;
  readonly replyTo: number | null;
  readonly mentions: readonly ExportedPerson[];
  readonly mentionsAll: boolean;
  readonly urgent: boolean;
  readonly byApp: boolean;
  readonly reactions: Readonly<Record<string, readonly ExportedPerson[]>>;
  readonly attachments: readonly ExportedFile[];
  readonly poll: Extra['poll'] | null;
  readonly cards: Extra['cards'] | null;
  readonly system: Extra['system'] | null;
  readonly forwarded: Extra['forwarded'] | null;
  /** Everything that happened to it, oldest first. */
  readonly changes: readonly ExportedChange[];
}

export interface Span {
  readonly since: Date | null;
  readonly until: Date | null;
}

interface FileRow {
  id: string;
  name: string;
  type: string;
  size: string;
  sha256: Buffer | null;
  key: string;
  message_number: number;
}

const messagesAtOnce = 500;

export class ExportContent {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async conversation(orgId: string, conversationId: string): Promise<ExportedConversation | null> {
    const [row] = await this.#database.query<{
      kind: string;
      title: string;
      description: string;
      domain: string;
      created_at: Date;
      archived_at: Date | null;
    }>(
      `select c.kind, c.title, c.description, coalesce(d.name, '') as domain, c.created_at, c.archived_at from conversations c
       left join domains d on d.org_id = c.org_id and (d.id = c.domain_id or c.domain_id is null and d.is_default)
       where c.org_id = $1 and c.id = $2`,
      [orgId, conversationId],
    );
    if (!row) return null;
    const { kind, title, description, domain } = row;
    return {
      id: conversationId,
      kind,
      title,
      description,
      domain,
      createdAt: row.created_at.toISOString(),
      archivedAt: row.archived_at?.toISOString() ?? null,
    };
  }

  async members(orgId: string, conversationId: string): Promise<ExportedMember[]> {
    const rows = await this.#database.query<{
      person_id: string;
      name: string;
      joined_at: Date;
      left_at: Date | null;
      visible_after: number;
    }>(
      `select person_id, name, joined_at, left_at, visible_after from conversation_stays
       where org_id = $1 and conversation_id = $2 order by joined_at, id`,
      [orgId, conversationId],
    );
    return rows.map((row) => ({
      id: row.person_id,
      name: row.name,
      joinedAt: row.joined_at.toISOString(),
      leftAt: row.left_at?.toISOString() ?? null,
      readsAfter: row.visible_after,
    }));
  }

  /** Pages of messages, oldest first, and the files that they have. */
  async *messages(
    orgId: string,
    conversationId: string,
    span: Span,
  ): AsyncGenerator<{ messages: readonly ExportedMessage[]; files: readonly PartAttachment[] }> {
    for (let after = 0; ; ) {
      const rows = await this.#database.query<MessageRow>(
        `select ${messageColumns} from messages m
         where m.org_id = $1 and m.conversation_id = $2 and m.number > $3
           and ($4::timestamptz is null or m.sent_at >= $4) and ($5::timestamptz is null or m.sent_at < $5)
         order by m.number limit $6`,
        [orgId, conversationId, after, span.since, span.until, messagesAtOnce],
      );
      const last = rows.at(-1);
      if (!last) return;
      after = last.number;
      yield await this.#withAllThatBelongs(
        orgId,
        conversationId,
        rows.map((row) => toMessage(row)),
      );
    }
  }

  async #withAllThatBelongs(orgId: string, conversationId: string, messages: readonly Message[]) {
    const numbers = messages.map(({ number }) => number);
    const changes = await this.#database.query<ChangeRow & { message_number: number }>(
      `select message_number, number, kind, actor_id, actor_name, at, before, detail from message_changes
       where org_id = $1 and conversation_id = $2 and message_number = any($3) order by number`,
      [orgId, conversationId, numbers],
    );
    // From the table and not the message: a recalled one names its files no more, but a hold keeps them.
    const files = await this.#database.query<FileRow>(
      `select id, name, type, size, sha256, key, message_number from attachments
       where org_id = $1 and conversation_id = $2 and message_number = any($3) and sha256 is not null order by message_number, id`,
      [orgId, conversationId, numbers],
    );
    const names = await this.#names(orgId, conversationId, messages);
    const person = (id: string): ExportedPerson => ({ id, name: names.get(id) ?? '' });
    return {
      messages: messages.map((message) => ({
        number: message.number,
        kind: message.kind,
        sender: { id: message.senderId, name: message.senderName },
        sentAt: message.sentAt.toISOString(),
        text: message.body,
        editedAt: message.editedAt?.toISOString() ?? null,
        recalledAt: message.recalledAt?.toISOString() ?? null,
        pinnedAt: message.pinnedAt?.toISOString() ?? null,
        thread: message.thread,
        replyTo: message.replyTo,
        mentions: message.mentions.map(person),
        mentionsAll: message.mentionsAll,
        urgent: message.urgent,
        byApp: message.byApp,
        reactions: Object.fromEntries(Object.entries(message.reactions).map(([emoji, people]) => [emoji, people.map(person)])),
        attachments: files
          .filter((file) => file.message_number === message.number)
          .map(({ id, name, type, size, sha256 }) => ({
            id,
            name,
            type,
            size: Number(size),
            sha256: sha256?.toString('hex') ?? '',
            path: attachmentPath(id),
          })),
        poll: message.extra?.poll ?? null,
        cards: message.extra?.cards ?? null,
        system: message.extra?.system ?? null,
        forwarded: message.extra?.forwarded ?? null,
        changes: changes.filter((change) => change.message_number === message.number).map((row) => presentChange(toChange(row))),
      })),
      files: files.map(({ id, key, size }) => ({ id, key, size: Number(size) })),
    };
  }

  /** Of people whose ids alone the messages have; also of those who are no more. */
  async #names(orgId: string, conversationId: string, messages: readonly Message[]): Promise<Map<string, string>> {
    const ids = new Set(messages.flatMap(({ mentions, reactions }) => [...mentions, ...Object.values(reactions).flat()]));
    if (ids.size === 0) return new Map();
    const rows = await this.#database.query<{ id: string; name: string }>(
      `select person_id as id, name from conversation_stays where org_id = $1 and conversation_id = $2 and person_id = any($3)
       union all select id, name from people where org_id = $1 and id = any($3)`,
      [orgId, conversationId, [...ids]],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}

export function attachmentPath(id: string): string {
  return `attachments/${id}`;
}

function presentChange(change: Change): ExportedChange {
  return {
    number: change.number,
    kind: change.kind,
    by: { id: change.actorId, name: change.actorName },
    at: change.at.toISOString(),
    before: change.before,
    detail: change.detail,
  };
}
