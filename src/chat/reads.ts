/**
 * What people have read: one number per person and conversation. Marks of a short while are written
 * in one statement, since a thousand people read one message at the same time; the others hear of them
 * at most once a second, and only where few enough are there to care.
 */
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Session, Topics } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import type { Principal } from '../platform/principal.js';
import type { ChatSessions } from './chat-sessions.js';
import { conversationTopic } from './conversation-news.js';
import type { Heads } from './heads.js';
import type { Members } from './members.js';
import type { Message, PersonName } from './message.js';

export interface ReadsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly heads: Heads;
  readonly members: Members;
  readonly sessions: ChatSessions;
}

export interface ReadMark {
  readonly readNumber: number;
  readonly unread: number;
  readonly mentions: number;
}

interface Waiting {
  readonly personId: string;
  readonly conversationId: string;
  readonly number: number;
  readonly resolve: (row: Row) => void;
  readonly reject: (error: unknown) => void;
}

interface Row {
  person_id: string;
  conversation_id: string;
  read_number: number;
  last_number: number;
  moved: boolean;
}

const flushMs = 50;
const tellMs = 1_000;
/** In larger conversations nobody is told live; ListReaders says it when asked. */
const tellUpTo = 200;
const listed = 1_000;

export class Reads {
  readonly #deps: ReadsDeps;
  #waiting: Waiting[] = [];
  #flushTimer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** By conversation and person. */
  #untold = new Map<string, Map<string, number>>();
  #tellTimer: NodeJS.Timeout | undefined;

  constructor(deps: ReadsDeps) {
    this.#deps = deps;
  }

  /** @throws CHAT_NOT_FOUND */
  async mark(session: Session, conversationId: string, number: number): Promise<ReadMark> {
    const { principal } = session;
    const { conversation } = await this.#deps.members.of(principal, conversationId);
    const row = await this.#write(principal.personId, conversation.id, Math.min(Math.max(number, 0), 0x7fff_ffff));
    const { unread, mentions } =
      row.read_number >= row.last_number
        ? { unread: 0, mentions: 0 }
        : await this.#deps.heads.unread(principal.orgId, principal.personId, conversation.id);
    if (row.moved) {
      const notice = { conversationId: conversation.id, readNumber: row.read_number, unread, unreadMentions: mentions };
      this.#deps.sessions.tell([principal.personId], { readMoved: notice }, session);
      if (conversation.memberCount <= tellUpTo) this.#tell(conversation.id, principal.personId, row.read_number);
    }
    return { readNumber: row.read_number, unread, mentions };
  }

  /** Who has read a message, and who has not. The sender is in neither list. */
  async readers(principal: Principal, message: Message): Promise<{ read: PersonName[]; unread: PersonName[] }> {
    const rows = await this.#deps.database.query<{ id: string; name: string; role: string; read: boolean }>(
      `select * from (
         select p.id, p.name, p.role, m.read_number >= $3 as read,
                row_number() over (partition by m.read_number >= $3 order by lower(p.name), p.id) as place
         from conversation_members m join people p on p.id = m.person_id
         where m.org_id = $1 and m.conversation_id = $2 and m.visible_after < $3 and m.person_id <> $4 and p.role <> 'app') t
       where place <= ${listed} order by place`,
      [principal.orgId, message.conversationId, message.number, message.senderId],
    );
    const people = (read: boolean) =>
      rows.filter((row) => row.read === read).map(({ id, name, role }) => ({ id, name, external: role === 'guest' }));
    return { read: people(true), unread: people(false) };
  }

  /** Writes what waits. Idempotent. */
  async close(): Promise<void> {
    clearTimeout(this.#tellTimer);
    clearTimeout(this.#flushTimer);
    this.#flush();
    await this.#writing;
  }

  #write(personId: string, conversationId: string, number: number): Promise<Row> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ personId, conversationId, number, resolve, reject });
      this.#flushTimer ??= setTimeout(() => this.#flush(), flushMs);
    });
  }

  #flush(): void {
    this.#flushTimer = undefined;
    const group = this.#waiting.splice(0);
    if (group.length === 0) return;
    this.#writing = this.#writing.then(() => this.#store(group));
  }

  async #store(group: readonly Waiting[]): Promise<void> {
    const furthest = new Map<string, Waiting>();
    for (const mark of group) {
      const known = furthest.get(keyOf(mark.conversationId, mark.personId));
      if (!known || known.number < mark.number) furthest.set(keyOf(mark.conversationId, mark.personId), mark);
    }
    const marks = [...furthest.values()];
    try {
      // Locked in one order, so that two nodes never wait for each other. Nobody has read what is not written yet.
      const rows = await this.#deps.database.query<Row>(
        `with t as (
           select m.conversation_id, m.person_id, m.read_number as before, c.last_number,
                  greatest(m.read_number, least(q.number, c.last_number)) as after
           from unnest($1::uuid[], $2::uuid[], $3::int[]) as q (conversation_id, person_id, number)
           join conversation_members m on m.conversation_id = q.conversation_id and m.person_id = q.person_id
           join conversations c on c.id = m.conversation_id
           order by m.conversation_id, m.person_id for update of m),
         moved as (
           update conversation_members m set read_number = t.after from t
           where m.conversation_id = t.conversation_id and m.person_id = t.person_id and t.after > t.before)
         select conversation_id, person_id, after as read_number, last_number, after > before as moved from t`,
        [marks.map((m) => m.conversationId), marks.map((m) => m.personId), marks.map((m) => m.number)],
      );
      const found = new Map(rows.map((row) => [keyOf(row.conversation_id, row.person_id), row]));
      for (const { conversationId, personId, resolve, reject } of group) {
        const row = found.get(keyOf(conversationId, personId));
        if (row) resolve(row);
        else reject(new CausewayError('CHAT_NOT_FOUND'));
      }
    } catch (error) {
      this.#deps.log.warn({ err: error, marks: marks.length }, 'Reads | marks were not written');
      for (const { reject } of group) reject(error);
    }
  }

  #tell(conversationId: string, personId: string, number: number): void {
    const people = this.#untold.get(conversationId) ?? new Map<string, number>();
    this.#untold.set(conversationId, people);
    people.set(personId, number);
    this.#tellTimer ??= setTimeout(() => this.#tellNow(), tellMs).unref();
  }

  #tellNow(): void {
    this.#tellTimer = undefined;
    const untold = this.#untold;
    this.#untold = new Map();
    for (const [conversationId, people] of untold) {
      this.#deps.topics.publishVolatile(conversationTopic(conversationId), {
        chat: { reads: { people: [...people].map(([personId, number]) => ({ personId, number })) } },
      });
    }
  }
}

function keyOf(conversationId: string, personId: string): string {
  return `${conversationId}/${personId}`;
}
