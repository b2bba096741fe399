/**
 * Brings what this page holds to what the server has: all of it after every new session, single
 * conversations when their events were lost, and heads of the list when they may be wrong.
 */
import { causeway } from '#proto';
import type { ChatCopy } from './chat-copy';
import type { ChatDrafts } from './chat-drafts';
import type { ChatLogs } from './chat-logs';
import { toHead, toMessage } from './chat-model';
import type { ChatOutbox } from './chat-outbox';
import type { ChatStore } from './chat-store';
import { caughtUp, emptyLog, forgotten, isBehind, readableAfter } from './conversation-log';
import type { Retries } from './retries';
import { type RpcError, toRpcError } from './rpc-error';
import type { Socket } from './socket';
import { Timers } from './timers';

export interface ChatSyncDeps {
  readonly rpc: causeway.ChatService;
  readonly store: ChatStore;
  readonly socket: Pick<Socket, 'startTopic' | 'state'>;
  readonly myId: string;
  readonly only: string | undefined;
  readonly logs: ChatLogs;
  readonly drafts: ChatDrafts;
  readonly outbox: ChatOutbox;
  readonly copy: ChatCopy;
  readonly retries: Retries;
}

/** The most that ChatService.Sync takes. */
const cursorsAtMost = 1_000;
/** Whoever was away for more than this looks at the newest rather than at all that was missed. */
const worthCatchingUp = 1_000;
const headSettleMs = 1_000;

export class ChatSync {
  readonly #deps: ChatSyncDeps;
  readonly #timers = new Timers();
  #syncing: Promise<void> | null = null;

  constructor(deps: ChatSyncDeps) {
    this.#deps = deps;
  }

  /** What changed in all conversations, or in some, since what is held here. One after the other. */
  sync(only: readonly string[] = []): Promise<void> {
    const run = (this.#syncing ?? Promise.resolve()).then(() => this.#syncNow(only));
    const settled = run.finally(() => {
      if (this.#syncing === settled) this.#syncing = null;
    });
    this.#syncing = settled;
    return settled;
  }

  syncSoon(waitMs: number): void {
    this.#timers.later('sync', waitMs, () => void this.sync());
  }

  refreshHeadSoon(id: string, waitMs = headSettleMs): void {
    this.#timers.later(`head ${id}`, waitMs, () => void this.refreshHeads([id]));
  }

  /** The heads as the server has them, without what is held of the conversations. */
  async refreshHeads(ids: readonly string[]): Promise<void> {
    const { rpc, store, socket, copy, myId } = this.#deps;
    try {
      const reply = await rpc.sync({ cursors: [], epoch: copy.epoch, only: [...ids] });
      const state = store.get();
      const heads = new Map(state.heads);
      const drafts = new Map(state.drafts);
      const logs = new Map(state.logs);
      const shortened: string[] = [];
      for (const given of reply.conversations) {
        const { conversation, cursor } = new causeway.SyncedConversation(given);
        if (!conversation) continue;
        const head = toHead(conversation);
        heads.set(head.id, head);
        if (!this.#deps.drafts.isUnsaved(head.id)) drafts.set(head.id, head.draft);
        const held = logs.get(head.id);
        if (held) {
          logs.set(head.id, readableAfter(held, head.visibleAfter));
          if (head.visibleAfter > held.visibleAfter) shortened.push(head.id);
          continue;
        }
        // New to this page: its events are wanted from here on.
        logs.set(head.id, emptyLog(myId, cursor, head.visibleAfter));
        socket.startTopic(`conversation/${head.id}`, cursor);
      }
      store.update({ heads, drafts, logs });
      for (const id of shortened) copy.saveLog(id);
      copy.saveListSoon();
    } catch {
      // The next Sync tells.
    }
  }

  /** Idempotent. */
  close(): void {
    this.#timers.close();
  }

  async #syncNow(some: readonly string[]): Promise<void> {
    const { rpc, store, socket, copy, retries } = this.#deps;
    if (this.#timers.isClosed || socket.state !== 'open') return;
    const only = some.length > 0 ? some : this.#deps.only === undefined ? [] : [this.#deps.only];
    try {
      const { heads, logs } = store.get();
      const cursors = [...logs]
        .filter(([id]) => only.length === 0 || only.includes(id))
        .slice(-cursorsAtMost)
        .map(([conversationId, { cursor }]) => {
          const head = heads.get(conversationId);
          return { conversationId, number: cursor, readNumber: head?.readNumber ?? 0, version: head?.version ?? 0 };
        });
      const reply = await rpc.sync({ cursors, epoch: copy.epoch, only: [...only] });
      if (this.#timers.isClosed) return;
      retries.succeeded();
      this.#synced(reply, only, new Map(cursors.map(({ conversationId, number }) => [conversationId, number])));
    } catch (thrown) {
      this.#syncFailed(toRpcError(thrown), some);
    }
  }

  #syncFailed(error: RpcError, some: readonly string[]): void {
    if (error.code === 'SOCKET_CLOSED' || this.#timers.isClosed) return;
    if (!error.retryable) {
      if (some.length === 0) this.#deps.store.update({ error });
      return;
    }
    const wait = this.#deps.retries.failed({ firstMs: 500, maxMs: 15_000 });
    this.#timers.later(`sync ${some.join()}`, wait, () => void this.sync(some));
  }

  #synced(reply: causeway.SyncReply, only: readonly string[], asked: ReadonlyMap<string, number>): void {
    const { store, socket, outbox, copy, myId } = this.#deps;
    if (reply.reset) store.update({ logs: new Map() });
    copy.epoch = reply.epoch;
    const state = store.get();
    const isAll = only.length === 0;
    const heads = new Map(state.heads);
    const logs = new Map(state.logs);
    const drafts = new Map(state.drafts);
    const starts: [string, number][] = [];
    const answered = new Set<string>();
    const shortened: string[] = [];
    for (const given of reply.conversations) {
      const { conversation, messages, cursor, more } = new causeway.SyncedConversation(given);
      if (!conversation) continue;
      const head = toHead(conversation);
      answered.add(head.id);
      heads.set(head.id, head);
      if (!this.#deps.drafts.isUnsaved(head.id)) drafts.set(head.id, head.draft);
      const held = logs.get(head.id);
      let log = held ?? emptyLog(myId, cursor, head.visibleAfter);
      if (more && head.latest - log.cursor > worthCatchingUp) log = forgotten(log, head.latest);
      else if (held)
        log = caughtUp(log, {
          // A log that came to be while the question was on its way was not asked for: its answer begins where it ends.
          after: asked.get(head.id) ?? cursor,
          cursor,
          more,
          messages: messages.map((message) => toMessage(message, head.latest)),
        });
      if (more) log = { ...log, heard: Math.max(log.heard, head.latest) };
      logs.set(head.id, readableAfter(log, head.visibleAfter));
      if (held && head.visibleAfter > held.visibleAfter) shortened.push(head.id);
      starts.push([head.id, log.cursor]);
    }
    for (const id of reply.gone) {
      heads.delete(id);
      logs.delete(id);
    }
    // Of a list of all, what was asked for and not answered has not changed; what was not asked for is not there any more.
    if (isAll) {
      for (const id of [...heads.keys()]) if (!answered.has(id) && !asked.has(id)) heads.delete(id);
    }
    for (const id of asked.keys()) {
      const log = logs.get(id);
      if (log && !answered.has(id)) starts.push([id, log.cursor]);
    }
    const urgent = reply.urgent.map((message) => ({ conversationId: message.conversationId ?? '', message: toMessage(message) }));
    store.update({
      heads,
      logs,
      drafts,
      listed: true,
      error: null,
      ...(isAll || this.#deps.only ? { synced: true } : {}),
      ...(isAll ? { urgent } : {}),
    });
    for (const [id, number] of starts) socket.startTopic(`conversation/${id}`, number);
    for (const id of shortened) copy.saveLog(id);
    for (const [id, log] of store.get().logs) if (isBehind(log)) this.#deps.logs.catchUpSoon(id);
    copy.saveListSoon();
    for (const { conversation, messages } of reply.conversations) {
      const id = conversation?.id ?? '';
      for (const message of messages ?? []) outbox.arrived(id, toMessage(message));
      outbox.settled(id);
    }
    outbox.flush();
  }
}
