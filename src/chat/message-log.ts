/**
 * The message log: durable, dense, in order, each message once.
 *
 * Messages of all conversations that arrive within a few milliseconds are written in one
 * transaction (group commit), because a commit costs a disk flush whether it carries one message
 * or five hundred. A message has its number, is acknowledged and is published only after that
 * commit. `(sender, client id)` is unique: a resend gets the answer of the first.
 */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import type { Log } from '../platform/log.js';

export interface NewMessage {
  readonly orgId: string;
  readonly conversationId: string;
  readonly senderId: string;
  readonly senderName: string;
  /** UUID, the sender's own. */
  readonly clientId: string;
  readonly body: string;
}

export interface Message extends NewMessage {
  /** From 1, without holes. */
  readonly number: number;
  readonly sentAt: Date;
}

export interface MessageLogDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the first message of a group waits for others, milliseconds. */
  readonly groupCommitMs: number;
  /** Called in the order of numbers, after the commit, once for each message. */
  readonly committed: (message: Message) => void;
}

interface Waiting {
  readonly message: NewMessage;
  readonly resolve: (stored: Message) => void;
  readonly reject: (error: unknown) => void;
}

interface MessageRow {
  conversation_id: string;
  number: number;
  sender_id: string;
  sender_name: string;
  client_id: string;
  body: string;
  sent_at: Date;
}

const columns = 'conversation_id, number, sender_id, sender_name, client_id, body, sent_at';
const maxGroup = 500;

export class MessageLog {
  readonly #deps: MessageLogDeps;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(deps: MessageLogDeps) {
    this.#deps = deps;
  }

  /** Resolves when the message is durable. The conversation must exist; who may write is decided before. */
  append(message: NewMessage): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
      this.#schedule();
    });
  }

  /** Messages after a number, oldest first, and the conversation's newest number. */
  async read(orgId: string, conversationId: string, after: number, limit: number): Promise<{ messages: Message[]; latest: number }> {
    const { database } = this.#deps;
    // The newest number first: messages that come in between are then in the list or after `latest`, never lost.
    const [conversation] = await database.query<{ last_number: number }>(
      'select last_number from conversations where org_id = $1 and id = $2',
      [orgId, conversationId],
    );
    const rows = await database.query<MessageRow>(
      `select ${columns} from messages where org_id = $1 and conversation_id = $2 and number > $3 order by number limit $4`,
      [orgId, conversationId, after, limit],
    );
    const messages = rows.map((row) => toMessage(orgId, row));
    return { messages, latest: Math.max(conversation?.last_number ?? 0, messages.at(-1)?.number ?? 0) };
  }

  /** Writes what waits, then stops. */
  async close(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      await (this.#writing ?? this.#flush());
    }
  }

  #schedule(): void {
    if (this.#timer || this.#writing) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, this.#deps.groupCommitMs);
  }

  #flush(): Promise<void> {
    this.#writing = this.#write(this.#waiting.splice(0, maxGroup)).finally(() => {
      this.#writing = undefined;
      // What arrived meanwhile has waited long enough: it goes with the next commit at once.
      if (this.#waiting.length > 0) void this.#flush();
    });
    return this.#writing;
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    let stored: Map<string, Stored>;
    try {
      stored = await this.#deps.database.transaction((tx) =>
        store(
          tx,
          group.map((w) => w.message),
          new Date(this.#deps.clock.now()),
        ),
      );
    } catch (error) {
      this.#deps.log.error({ err: error, messages: group.length }, 'message-log: the group was not written');
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { message, isNew } of stored.values()) if (isNew) this.#publish(message);
    for (const { message, resolve, reject } of group) {
      const found = stored.get(key(message));
      if (found) resolve(found.message);
      else reject(new Error('The conversation of the message does not exist.'));
    }
  }

  #publish(message: Message): void {
    try {
      this.#deps.committed(message);
    } catch (error) {
      this.#deps.log.error({ err: error, conversation: message.conversationId, number: message.number }, 'message-log: publishing failed');
    }
  }
}

interface Stored {
  readonly message: Message;
  readonly isNew: boolean;
}

/** One transaction: lock the conversations, find resends, number and insert the rest. */
async function store(tx: Query, group: readonly NewMessage[], now: Date): Promise<Map<string, Stored>> {
  // In the order of ids, so that two nodes never wait for each other.
  const conversations = await tx.query<{ org_id: string; id: string; last_number: number }>(
    'select org_id, id, last_number from conversations where id = any($1) order by id for update',
    [[...new Set(group.map((m) => m.conversationId))]],
  );
  const last = new Map(conversations.map((row) => [`${row.org_id}/${row.id}`, row.last_number]));
  const known = await tx.query<MessageRow>(
    `select ${columns} from messages where (sender_id, client_id) in (select * from unnest($1::uuid[], $2::uuid[]))`,
    [group.map((m) => m.senderId), group.map((m) => m.clientId)],
  );
  const stored = new Map<string, Stored>();
  const orgOf = new Map(conversations.map((row) => [row.id, row.org_id]));
  for (const row of known) {
    const message = toMessage(orgOf.get(row.conversation_id) ?? '', row);
    stored.set(key(message), { message, isNew: false });
  }
  const fresh: Message[] = [];
  for (const message of group) {
    const conversation = `${message.orgId}/${message.conversationId}`;
    const before = last.get(conversation);
    if (before === undefined || stored.has(key(message))) continue;
    const numbered = { ...message, number: before + 1, sentAt: now };
    last.set(conversation, before + 1);
    stored.set(key(message), { message: numbered, isNew: true });
    fresh.push(numbered);
  }
  if (fresh.length === 0) return stored;
  await tx.query(
    `insert into messages (org_id, conversation_id, number, sender_id, sender_name, client_id, body, sent_at)
     select *, $8::timestamptz from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::uuid[], $7::text[])`,
    [
      fresh.map((m) => m.orgId),
      fresh.map((m) => m.conversationId),
      fresh.map((m) => m.number),
      fresh.map((m) => m.senderId),
      fresh.map((m) => m.senderName),
      fresh.map((m) => m.clientId),
      fresh.map((m) => m.body),
      now,
    ],
  );
  await tx.query(
    `update conversations c set last_number = n.number from
       (select conversation_id, max(number) as number from unnest($1::uuid[], $2::int[]) as t (conversation_id, number) group by 1) n
     where c.id = n.conversation_id`,
    [fresh.map((m) => m.conversationId), fresh.map((m) => m.number)],
  );
  return stored;
}

function key(message: { senderId: string; clientId: string }): string {
  return `${message.senderId}/${message.clientId}`;
}

function toMessage(orgId: string, row: MessageRow): Message {
  return {
    orgId,
    conversationId: row.conversation_id,
    number: row.number,
    senderId: row.sender_id,
    senderName: row.sender_name,
    clientId: row.client_id,
    body: row.body,
    sentAt: row.sent_at,
  };
}
