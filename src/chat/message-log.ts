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
import { type MessageRow, messageColumns, toMessage } from './message-rows.js';
import { keyOf, type Outcome, Refused, storeGroup, type ToStore } from './message-store.js';
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

interface At {
  readonly orgId: string;
  readonly conversationId: string;
  readonly number: number;
}

type Act = (message: Message, tx: Query, now: Date) => Promise<Alteration | null> | Alteration | null;

interface Changed {
  readonly message: Message;
  /** Null: it was so already. */
  readonly change: Change | null;
}

interface Waiting extends ToStore {
  readonly resolve: (stored: Message) => void;
  readonly reject: (error: unknown) => void;
}

/** A try that failed without telling whether it was written. */
interface Tried {
  /** The time that its messages have if it was. */
  readonly at: Date;
  /** Those of which was told since. */
  readonly told: Set<string>;
}

const maxGroup = 500;

export class MessageLog {
  readonly #deps: MessageLogDeps;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  /** By conversation: its changes come one after the other. */
  readonly #changing = new Map<string, Promise<unknown>>();

  constructor(deps: MessageLogDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the message is durable. Who may write is decided before; `asMember` asks once more under
   * the conversation's lock whether the sender still is one, because guards take their time and another node's
   * word that he was put out may be late. `withMessage` runs in the same transaction, not for a resend; what
   * it throws keeps this message alone from being stored.
   *
   * @throws CHAT_NOT_FOUND when the conversation does not exist, or the sender is no member; CHAT_ARCHIVED, CHAT_FORBIDDEN
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
   * Those of one conversation come one after the other: each holds a connection while it waits for the lock, and when
   * a thousand people react to one message they would take all of them from everybody else.
   *
   * @throws CHAT_NOT_FOUND, CHAT_MESSAGE_NOT_FOUND, and what `act` throws; nothing is changed then.
   */
  async change(at: At, act: Act): Promise<Changed> {
    const before = this.#changing.get(at.conversationId) ?? Promise.resolve();
    const work = before.then(() => this.#change(at, act));
    const settled = work.catch(() => undefined);
    this.#changing.set(at.conversationId, settled);
    try {
      return await work;
    } finally {
      if (this.#changing.get(at.conversationId) === settled) this.#changing.delete(at.conversationId);
    }
  }

  /** Writes what waits, then stops. */
  async close(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      await (this.#writing ?? this.#flush());
    }
  }

  async #change(at: At, act: Act): Promise<Changed> {
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

  #schedule(): void {
    if (this.#timer || this.#writing) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, this.#deps.groupCommitMs);
  }

  #flush(): Promise<void> {
    this.#writing = this.#write(this.#nextGroup()).finally(() => {
      this.#writing = undefined;
      // What arrived meanwhile has waited long enough: it goes with the next commit at once.
      if (this.#waiting.length > 0) void this.#flush();
    });
    return this.#writing;
  }

  /**
   * What a line of the log does (somebody is put out, the conversation is an archive now) is done for what comes after
   * it in the conversation: that is the next group's.
   */
  #nextGroup(): Waiting[] {
    const changed = new Set<string>();
    let end = 0;
    for (const { message, withMessage } of this.#waiting) {
      if (end === maxGroup || changed.has(message.conversationId)) break;
      if (withMessage && message.kind === 'system') changed.add(message.conversationId);
      end += 1;
    }
    return this.#waiting.splice(0, end);
  }

  async #write(group: readonly Waiting[], tried: Tried | null = null): Promise<void> {
    if (group.length === 0) return;
    const now = tried?.at ?? new Date(this.#deps.clock.now());
    let outcomes: ReadonlyMap<string, Outcome>;
    try {
      outcomes = await storeGroup(this.#deps.database, group, now, tried !== null);
    } catch (error) {
      const parts = partsAfter(error, group, tried !== null);
      const isRefused = error instanceof Refused;
      if (parts.length === 0 && !isRefused)
        this.#deps.log.error({ err: error, messages: group.length }, 'MessageLog | messages were not written');
      const again = new Set(parts.flat());
      for (const one of group) if (!again.has(one)) one.reject(isRefused ? error.cause : error);
      const next = isRefused ? tried : (tried ?? { at: now, told: new Set<string>() });
      for (const part of parts) await this.#write(part, next);
      return;
    }
    for (const [key, outcome] of outcomes) {
      if (!('message' in outcome && outcome.isNew) || tried?.told.has(key)) continue;
      tried?.told.add(key);
      this.#tell(outcome.message, () => this.#deps.committed(outcome.message));
    }
    for (const { message, resolve, reject } of group) {
      const outcome = outcomes.get(keyOf(message)) ?? { refusal: new CausewayError('CHAT_NOT_FOUND') };
      if ('message' in outcome) resolve(outcome.message);
      else reject(outcome.refusal);
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

/**
 * What is tried again after a failure, in the order of the group, so that who is the reason for it fails alone; the
 * rest of the group has failed.
 */
function partsAfter(error: unknown, group: readonly Waiting[], isSecond: boolean): Waiting[][] {
  if (error instanceof Refused) return runs(group.filter((one) => one !== error.one));
  if (isLate(error)) {
    const conversations = [...new Set(group.map(({ message }) => message.conversationId))];
    if (conversations.length === 1) return [];
    return conversations.map((id) => group.filter(({ message }) => message.conversationId === id));
  }
  // A connection that broke at the commit, a deadlock with another node: the second try tells.
  if (group.length === 1) return isSecond ? [] : [[...group]];
  const half = group.length >> 1;
  return [group.slice(0, half), group.slice(half)];
}

/** Each message with an act of its own begins another, so that one refusal after the other doesn't have all the rest written anew for each. */
function runs(group: readonly Waiting[]): Waiting[][] {
  const found: Waiting[][] = [];
  for (const one of group) {
    const last = found.at(-1);
    if (last && !one.withMessage) last.push(one);
    else found.push([one]);
  }
  return found;
}

/** PostgreSQL waited too long (lock_not_available, query_canceled) for one of the conversations, whose lock somebody holds. */
function isLate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '57014');
}
