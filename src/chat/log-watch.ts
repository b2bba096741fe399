/**
 * Finds what sessions of this node have missed of the logs: an event is published once, after the
 * commit, and a node or the bus may die in between. A gap shows when the next event comes; where none
 * comes, this does: it compares what was heard here with the database, now and then, and after each
 * loss of the bus.
 */
import type { Bus } from '../platform/bus/index.js';
import type { Database } from '../platform/database/index.js';
import type { Topics } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import type { ChatSessions } from './chat-sessions.js';
import { conversationTopic } from './conversation-news.js';

export interface LogWatchDeps {
  readonly database: Database;
  readonly bus: Bus;
  readonly topics: Topics;
  readonly sessions: ChatSessions;
  readonly log: Log;
}

const prefix = conversationTopic('');
/** Alone, only a connection to the database that breaks at the commit can keep an event from being published. */
const everyMs = { alone: 30_000, shared: 5_000 };
/** Conversations that are asked for in one query. */
const atOnce = 5_000;

export class LogWatch {
  readonly #deps: LogWatchDeps;
  /** What sessions were told here, by topic. */
  #told = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;
  #stopHearing: () => void = () => undefined;

  constructor(deps: LogWatchDeps) {
    this.#deps = deps;
  }

  open(): void {
    const { bus, sessions } = this.#deps;
    this.#timer = setInterval(() => void this.look(), bus.shared ? everyMs.shared : everyMs.alone).unref();
    this.#stopHearing = bus.onRestored(() => {
      sessions.tellAllHere({ resync: true });
      void this.look();
    });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopHearing();
    await this.#looking;
  }

  /** One look at a time; never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'LogWatch | the database could not be asked'))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { database, topics } = this.#deps;
    const live = topics.live(prefix);
    const told = new Map<string, number>();
    for (let first = 0; first < live.length; first += atOnce) {
      const some = live.slice(first, first + atOnce);
      const rows = await database.query<{ id: string; last_number: number }>(
        'select id, last_number from conversations where id = any($1)',
        [some.map(({ topic }) => topic.slice(prefix.length))],
      );
      const last = new Map(rows.map(({ id, last_number }) => [conversationTopic(id), last_number]));
      for (const { topic, latest } of some) {
        const newest = last.get(topic) ?? 0;
        // Where nothing was heard yet, whoever came may have missed something all the same: told once.
        if (newest > Math.max(latest ?? 0, this.#told.get(topic) ?? 0)) topics.publishHere(topic, { chat: { latest: newest } });
        told.set(topic, newest);
      }
    }
    this.#told = told;
  }
}
