/**
 * The log: durable, dense, in order, everything once.
 *
 * Messages of all conversations that arrive within a few milliseconds are written in one
 * transaction (group commit), because a commit costs a disk flush whether it carries one message
 * or five hundred. A message has its number, is acknowledged and is published only after that
 * commit. `(sender, client id)` is unique: a resend gets the answer of the first.
 *
 * What changes a message (an edit, a reaction ...) takes a number too, in a transaction of its own:
 * both lock the conversation's row, so that numbers come in the order of commits.
 */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Log } from '../platform/log.js';
import type { Change, ChangeKind, Message, NewMessage } from './message.js';
import { type MessageRow, messageColumns, toMessage, toNewRow } from './message-rows.js';
import type { WithMessage } from './ports.js';

export interface MessageLogDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the first message of a group waits for others, milliseconds. */
  readonly groupCommitMs: number;
  /** Called after the commit, once for each message, on one node in the order of numbers. */
  readonly committed: (message: Message) => void;
  /** `hidden`: not every member may read the message. */
  readonly changed: (message: Message, change: Change, hidden: boolean) => void;
}

/** What an act makes of a message. */
export interface Alteration {
  readonly kind: ChangeKind;
  readonly actorId: string | null;
  readonly actorName: string;
  /** Keeps the text that is replaced. */
  readonly keepsText?: boolean;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly patch: Partial<
    Pick<Message, 'body' | 'mentions' | 'mentionsAll' | 'editedAt' | 'recalledAt' | 'pinnedAt' | 'extra' | 'reactions'>
  >;
}

interface Waiting {
  readonly message: NewMessage;
  readonly withMessage: WithMessage | undefined;
  readonly asMember: boolean;
  readonly resolve: (stored: Message) => void;
  readonly reject: (error: unknown) => void;
}

/** One message of a group may not be written. */
class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly waiting: Waiting,
    override readonly cause: CausewayError,
  ) {
    super(cause.message, { cause });
  }
}

interface Stored {
  readonly message: Message;
  readonly isNew: boolean;
}

const maxGroup = 500;

export class MessageLog {
  readonly #deps: MessageLogDeps;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(deps: MessageLogDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the message is durable. Who may write is decided before; `asMember` asks once more under
   * the conversation's lock whether the sender still is one, because guards take their time and another node's
   * word that he was put out may be late. `withMessage` runs in the same transaction, not for a resend; what
   * it throws keeps this message alone from being stored.
   *
   * @throws CHAT_NOT_FOUND when the conversation does not exist, or the sender is no member; CHAT_ARCHIVED
   */
  append(message: NewMessage, withMessage?: WithMessage, { asMember = false } = {}): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, withMessage, asMember, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * Changes one message. `act` sees it as it is, under the conversation's lock; null: it is so already.
   *
   * @throws CHAT_NOT_FOUND, CHAT_MESSAGE_NOT_FOUND, and what `act` throws; nothing is changed then.
   */
  async change(
    at: { readonly orgId: string; readonly conversationId: string; readonly number: number },
    act: (message: Message, tx: Query, now: Date) => Promise<Alteration | null> | Alteration | null,
  ): Promise<{ message: Message; change: Change | null }> {
    const now = new Date(this.#deps.clock.now());
    const result = await this.#deps.database.transaction(async (tx) => {
      const [conversation] = await tx.query<{ last_number: number; hidden_up_to: number }>(
        'select last_number, hidden_up_to from conversations where org_id = $1 and id = $2 for update',
        [at.orgId, at.conversationId],
      );
      if (!conversation) throw new CausewayError('CHAT_NOT_FOUND');
      const [row] = await tx.query<MessageRow>(`select ${messageColumns} from messages m where m.conversation_id = $1 and m.number = $2`, [
        at.conversationId,
        at.number,
      ]);
      if (!row) throw new CausewayError('CHAT_MESSAGE_NOT_FOUND', { field: 'number' });
      const before = toMessage(row);
      const alteration = await act(before, tx, now);
      if (!alteration) return { message: before, change: null, hidden: false };
      const number = conversation.last_number + 1;
      const message: Message = { ...before, ...alteration.patch, changed: number };
      const change: Change = {
        number,
        kind: alteration.kind,
        actorId: alteration.actorId,
        actorName: alteration.actorName,
        at: now,
        before: alteration.keepsText ? before.body : null,
        detail: alteration.detail ?? null,
      };
      await writeChange(tx, message, change);
      return { message, change, hidden: message.number <= conversation.hidden_up_to };
    });
    const { message, change, hidden } = result;
    if (change) this.#tell(message, () => this.#deps.changed(message, change, hidden));
    return { message, change };
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
      const now = new Date(this.#deps.clock.now());
      stored =
        (await storePlain(this.#deps.database, group, now)) ?? (await this.#deps.database.transaction((tx) => store(tx, group, now)));
    } catch (error) {
      if (error instanceof Refused) {
        // The others go on together: who is refused again and again must not make each of them wait for a commit of its own.
        error.waiting.reject(error.cause);
        return this.#write(group.filter((one) => one !== error.waiting));
      }
      if (group.length > 1) {
        // One of them may be the reason: each for itself, so that it fails alone.
        for (const one of group) await this.#write([one]);
        return;
      }
      this.#deps.log.error({ err: error }, 'MessageLog | a message was not written');
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { message, isNew } of stored.values()) if (isNew) this.#tell(message, () => this.#deps.committed(message));
    for (const { message, resolve, reject } of group) {
      const found = stored.get(key(message));
      if (found) resolve(found.message);
      else reject(new CausewayError('CHAT_NOT_FOUND'));
    }
  }

  #tell(message: Message, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#deps.log.error({ err: error, conversation: message.conversationId, number: message.number }, 'MessageLog | publishing failed');
    }
  }
}

/** All in one trip, because on a busy machine each trip waits for a core twice. Null, and nothing is stored: not all are new messages of members. */
async function storePlain(database: Database, group: readonly Waiting[], now: Date): Promise<Map<string, Stored> | null> {
  const isOnce = new Set(group.map(({ message }) => key(message))).size === group.length;
  if (!isOnce || group.some(({ withMessage }) => withMessage)) return null;
  const messages = await appendAll(database, group, now);
  return messages && new Map(messages.map((message) => [key(message), { message, isNew: true }]));
}

/** One transaction: lock the conversations, find resends and who may not write, number and store the rest. */
async function store(tx: Query, group: readonly Waiting[], now: Date): Promise<Map<string, Stored>> {
  // In the order of ids, so that two nodes never wait for each other.
  const conversations = await tx.query<{ org_id: string; id: string; archived: boolean }>(
    'select org_id, id, archived_at is not null as archived from conversations where id = any($1) order by id for update',
    [[...new Set(group.map(({ message }) => message.conversationId))]],
  );
  const archived = new Map(conversations.map((row) => [`${row.org_id}/${row.id}`, row.archived]));
  const { members, isResent } = await standingOf(tx, group);
  const known = isResent ? await resentAmong(tx, group) : [];
  const stored = new Map(known.map((row): [string, Stored] => [key(toMessage(row)), { message: toMessage(row), isNew: false }]));
  const fresh = new Map<string, Waiting>();
  for (const waiting of group) {
    const { message, asMember } = waiting;
    const isArchived = archived.get(`${message.orgId}/${message.conversationId}`);
    if (isArchived === undefined || stored.has(key(message)) || fresh.has(key(message))) continue;
    if (asMember && !members.has(`${message.conversationId}/${message.senderId}`)) continue;
    // What is archived can be brought back, and left; a system line tells of it.
    if (asMember && message.kind !== 'system' && isArchived) throw new Refused(waiting, new CausewayError('CHAT_ARCHIVED'));
    fresh.set(key(message), waiting);
  }
  if (fresh.size === 0) return stored;
  const appended = await appendAll(tx, [...fresh.values()], now);
  if (!appended) throw new Error('Messages that may be stored were not stored.');
  for (const message of appended) {
    stored.set(key(message), { message, isNew: true });
    const waiting = fresh.get(key(message));
    await waiting?.withMessage?.(tx, message).catch((error: unknown) => {
      throw error instanceof CausewayError ? new Refused(waiting, error) : error;
    });
  }
  return stored;
}

/** Null: one of them was sent before or may not be written, and nothing is stored (0031-append-messages.sql). */
async function appendAll(query: Query, group: readonly Waiting[], now: Date): Promise<Message[] | null> {
  const rows = await query.query<{ number: number }>('select number from append_messages($1, $2)', [
    JSON.stringify(group.map(({ message, asMember }) => toNewRow(complete(message, 0, now), asMember))),
    now,
  ]);
  if (rows.length < group.length) return null;
  return group.map(({ message }, at) => complete(message, rows[at]?.number ?? 0, now));
}

/** `conversation/person` of the senders who are members, and whether anything of the group was stored before: one question, because each is a trip. */
async function standingOf(tx: Query, group: readonly Waiting[]): Promise<{ members: ReadonlySet<string>; isResent: boolean }> {
  const asked = group.filter(({ asMember }) => asMember).map(({ message }) => message);
  const [row] = await tx.query<{ members: string[] | null; resent: boolean }>(
    `select
       (select array_agg(conversation_id || '/' || person_id) from conversation_members
        where (conversation_id, person_id) in (select * from unnest($1::uuid[], $2::uuid[]))) as members,
       exists (select 1 from messages where (sender_id, client_id) in (select * from unnest($3::uuid[], $4::uuid[]))) as resent`,
    [
      asked.map(({ conversationId }) => conversationId),
      asked.map(({ senderId }) => senderId),
      group.map(({ message }) => message.senderId),
      group.map(({ message }) => message.clientId),
    ],
  );
  return { members: new Set(row?.members), isResent: row?.resent ?? false };
}

function resentAmong(tx: Query, group: readonly Waiting[]): Promise<MessageRow[]> {
  return tx.query<MessageRow>(
    `select ${messageColumns} from messages m where (m.sender_id, m.client_id) in (select * from unnest($1::uuid[], $2::uuid[]))`,
    [group.map(({ message }) => message.senderId), group.map(({ message }) => message.clientId)],
  );
}

async function writeChange(tx: Query, message: Message, change: Change): Promise<void> {
  await tx.query(
    `insert into message_changes (org_id, conversation_id, number, message_number, kind, actor_id, actor_name, at, before, detail)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      message.orgId,
      message.conversationId,
      change.number,
      message.number,
      change.kind,
      change.actorId,
      change.actorName,
      change.at,
      change.before,
      change.detail,
    ],
  );
  await tx.query(
    `update messages set changed = $3, body = $4, mentions = $5, mentions_all = $6, edited_at = $7, recalled_at = $8, pinned_at = $9,
       extra = $10, reactions = $11
     where conversation_id = $1 and number = $2`,
    [
      message.conversationId,
      message.number,
      change.number,
      message.body,
      message.mentions,
      message.mentionsAll,
      message.editedAt,
      message.recalledAt,
      message.pinnedAt,
      message.extra,
      Object.keys(message.reactions).length === 0 ? null : message.reactions,
    ],
  );
  await tx.query('update conversations set last_number = $2 where id = $1', [message.conversationId, change.number]);
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

function key(message: { senderId: string; clientId: string }): string {
  return `${message.senderId}/${message.clientId}`;
}
