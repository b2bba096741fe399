/**
 * Brings a client up to date: what changed in all its conversations since its cursors, in one call.
 * The session is subscribed before anything is read, so that nothing falls between the answer and the
 * events after it.
 */
import type { Database } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import { isId } from '../platform/ids.js';
import type { ChatSessions } from './chat-sessions.js';
import { conversationTopic } from './conversation-news.js';
import type { Head, Heads, Standing } from './heads.js';
import type { Message } from './message.js';
import type { MessageReader } from './message-reader.js';

export interface SyncDeps {
  readonly database: Database;
  readonly heads: Heads;
  readonly reader: MessageReader;
  readonly sessions: ChatSessions;
}

export interface Cursor {
  readonly conversationId: string;
  readonly number: number;
  readonly readNumber: number;
  readonly version: number;
}

export interface SyncedConversation {
  readonly head: Head;
  readonly messages: readonly Message[];
  readonly cursor: number;
  readonly more: boolean;
}

export interface Synced {
  readonly epoch: string;
  readonly reset: boolean;
  readonly conversations: readonly SyncedConversation[];
  readonly gone: readonly string[];
}

const mostCursors = 1_000;
/** Of one conversation, and of all together; the client fetches the rest. */
const messagesEach = 100;
const messagesInAll = 1_000;
/** Conversations that are read at the same time. */
const atOnce = 4;

export class Sync {
  readonly #deps: SyncDeps;
  #epoch: Promise<string> | undefined;
  /** The last one of each person who is waiting for one. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(deps: SyncDeps) {
    this.#deps = deps;
  }

  /**
   * One person's come one after the other: each may ask the database a thousand times, and a client that
   * asks for many at once must not take all its connections from everybody else.
   *
   * @throws REQUEST_INVALID
   */
  async sync(session: Session, cursors: readonly Cursor[], epoch: string, only: readonly string[]): Promise<Synced> {
    if (cursors.length > mostCursors || only.length > mostCursors)
      throw new CausewayError('REQUEST_INVALID', { field: 'cursors', fill: { detail: `cursors: at most ${mostCursors}` } });
    const { personId } = session.principal;
    const before = this.#last.get(personId) ?? Promise.resolve();
    const work = before.then(() => this.#sync(session, cursors, epoch, only));
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(personId, settled);
    try {
      return await work;
    } finally {
      if (this.#last.get(personId) === settled) this.#last.delete(personId);
    }
  }

  async #sync(session: Session, cursors: readonly Cursor[], epoch: string, only: readonly string[]): Promise<Synced> {
    const { orgId, personId } = session.principal;
    const { heads, sessions } = this.#deps;
    sessions.enter(session);
    const current = await this.#currentEpoch();
    const reset = epoch !== '' && epoch !== current;
    const known = new Map(reset ? [] : cursors.filter(({ conversationId }) => isId(conversationId)).map((c) => [c.conversationId, c]));
    const ids = only.filter(isId);
    const before = await heads.standings(orgId, personId, only.length > 0 ? ids : null);
    for (const { conversationId } of before) session.subscribe(conversationTopic(conversationId));
    // Read once more: what was written before the subscription is in here, what comes after it is an event.
    const standings = await heads.standings(orgId, personId, only.length > 0 ? ids : null);
    const there = new Set(standings.map(({ conversationId }) => conversationId));
    // Whoever was put out in between must not go on hearing.
    for (const { conversationId } of before) if (!there.has(conversationId)) session.unsubscribe(conversationTopic(conversationId));

    const news = standings.filter((standing) => isNews(standing, known.get(standing.conversationId)));
    const fresh = new Map(
      (
        await heads.heads(
          orgId,
          personId,
          news.map(({ conversationId }) => conversationId),
        )
      ).map((head) => [head.id, head]),
    );
    const conversations: SyncedConversation[] = [];
    let left = messagesInAll;
    for (let first = 0; first < news.length; first += atOnce) {
      const some = await Promise.all(
        news.slice(first, first + atOnce).map(async (standing) => {
          const head = fresh.get(standing.conversationId);
          return head ? [await this.#one(head, known.get(standing.conversationId), Math.min(left, messagesEach))] : [];
        }),
      );
      for (const one of some.flat()) {
        left = Math.max(0, left - one.messages.length);
        conversations.push(one);
      }
    }
    const gone = only.length > 0 ? ids.filter((id) => !there.has(id)) : [...known.keys()].filter((id) => !there.has(id));
    return { epoch: current, reset, conversations, gone };
  }

  async #one(head: Head, cursor: Cursor | undefined, limit: number): Promise<SyncedConversation> {
    if (!cursor) return { head, messages: [], cursor: head.latest, more: false };
    if (cursor.number >= head.latest) return { head, messages: [], cursor: Math.min(cursor.number, head.latest), more: false };
    if (limit === 0) return { head, messages: [], cursor: cursor.number, more: true };
    const place = { orgId: head.orgId, conversationId: head.id, visibleAfter: head.visibleAfter };
    const caughtUp = await this.#deps.reader.changedAfter(place, cursor.number, limit);
    return { head, ...caughtUp };
  }

  #currentEpoch(): Promise<string> {
    this.#epoch ??= this.#deps.database.query<{ id: string }>('select id from chat_epoch').then(
      ([row]) => row?.id ?? '',
      (error: unknown) => {
        this.#epoch = undefined;
        throw error;
      },
    );
    return this.#epoch;
  }
}

/** A cursor beyond the newest number belongs to another history: it is answered with what there is. */
function isNews(standing: Standing, cursor: Cursor | undefined): boolean {
  return !cursor || standing.latest !== cursor.number || standing.readNumber !== cursor.readNumber || standing.version !== cursor.version;
}
