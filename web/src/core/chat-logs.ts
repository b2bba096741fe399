/**
 * What this page holds of conversations: every change of a log goes through here, and where something
 * is missing after it, what changed since is fetched.
 */
import type { causeway } from '#proto';
import type { ChatCopy } from './chat-copy';
import type { ChatOutbox } from './chat-outbox';
import type { ChatStore } from './chat-store';
import { type ConversationLog, caughtUp, isBehind } from './conversation-log';
import { pageOf } from './fetched-page';
import type { Retries } from './retries';
import { toRpcError } from './rpc-error';
import { Timers } from './timers';

export interface ChatLogsDeps {
  readonly rpc: causeway.ChatService;
  readonly store: ChatStore;
  readonly copy: ChatCopy;
  readonly outbox: ChatOutbox;
  readonly retries: Retries;
}

/** The most that ChatService.Fetch takes. */
const fetchLimit = 200;
const settleMs = 150;

export class ChatLogs {
  readonly #deps: ChatLogsDeps;
  readonly #timers = new Timers();
  readonly #catchingUp = new Set<string>();

  constructor(deps: ChatLogsDeps) {
    this.#deps = deps;
  }

  get(id: string): ConversationLog | null {
    return this.#deps.store.get().logs.get(id) ?? null;
  }

  change(id: string, change: (log: ConversationLog) => ConversationLog): void {
    const next = this.#set(id, change);
    if (next && isBehind(next)) this.catchUpSoon(id);
    if (next) this.#deps.copy.saveLogSoon(id);
  }

  /** The conversation has an entry with this number. */
  heard(id: string, number: number): void {
    this.change(id, (log) => (number > log.cursor ? { ...log, heard: Math.max(log.heard, number) } : log));
  }

  catchUpSoon(id: string): void {
    this.#timers.later(id, settleMs, () => void this.#catchUp(id));
  }

  /** Idempotent. */
  close(): void {
    this.#timers.close();
  }

  async #catchUp(conversationId: string): Promise<void> {
    const { rpc, outbox, retries } = this.#deps;
    if (this.#catchingUp.has(conversationId)) return;
    this.#catchingUp.add(conversationId);
    try {
      // Of an answer in parts: what was asked after at first, and where to ask on.
      let after: number | null = null;
      let next = 0;
      for (;;) {
        const log = this.get(conversationId);
        if (!log || !isBehind(log) || this.#timers.isClosed) break;
        const begin: number = after ?? log.cursor;
        const reply: causeway.FetchReply = await rpc.fetch({
          conversationId,
          changedAfter: after === null ? begin : next,
          limit: fetchLimit,
        });
        const { cursor, more } = reply;
        const page = pageOf(reply);
        this.#set(conversationId, (now) => caughtUp(now, { after: begin, cursor, messages: page.messages, more }));
        after = more ? begin : null;
        next = cursor;
        for (const message of page.messages) outbox.arrived(conversationId, message);
        // What was heard of and is not there will not come.
        if (!reply.more) this.#set(conversationId, (now) => ({ ...now, heard: Math.min(now.heard, Math.max(now.cursor, reply.latest)) }));
      }
      retries.succeeded();
    } catch (thrown) {
      if (toRpcError(thrown).retryable)
        this.#timers.later(conversationId, retries.failed({ firstMs: 1_000, maxMs: 10_000 }), () => void this.#catchUp(conversationId));
    } finally {
      this.#catchingUp.delete(conversationId);
    }
  }

  /** Null: nothing of it is here, or nothing has changed. */
  #set(id: string, change: (log: ConversationLog) => ConversationLog): ConversationLog | null {
    const { store } = this.#deps;
    const { logs, troubles } = store.get();
    const log = logs.get(id);
    if (!log) return null;
    const next = change(log);
    if (next === log) return null;
    let cleared = troubles;
    if (troubles.has(id)) {
      const others = new Map(troubles);
      others.delete(id);
      cleared = others;
    }
    store.update({ logs: new Map(logs).set(id, next), troubles: cleared });
    return next;
  }
}
