/** Pages of conversations: fetches what the person looks at into what is held of them. */
import type { causeway } from '#proto';
import type { ChatLogs } from './chat-logs';
import type { ChatMessage } from './chat-model';
import type { ChatStore } from './chat-store';
import {
  type ConversationLog,
  find,
  othersFetched,
  type Page,
  spanAt,
  spanFetched,
  tail,
  threadClosed,
  threadFetched,
  untouched,
} from './conversation-log';
import { firstOf, lastOf, pageOf } from './fetched-page';
import { type RpcError, toRpcError } from './rpc-error';
import type { Socket } from './socket';
import { Timers } from './timers';

export interface ChatPagesDeps {
  readonly rpc: causeway.ChatService;
  readonly store: ChatStore;
  readonly socket: Pick<Socket, 'state'>;
  readonly logs: ChatLogs;
  readonly refused: (error: RpcError) => void;
}

const pageSize = 60;
/** The most that ChatService.Fetch takes. */
const fetchLimit = 200;
const settleMs = 150;

export class ChatPages {
  readonly #deps: ChatPagesDeps;
  readonly #opening = new Set<string>();
  readonly #timers = new Timers();

  constructor(deps: ChatPagesDeps) {
    this.#deps = deps;
  }

  /** Makes sure that the newest messages are here. */
  async open(conversationId: string): Promise<void> {
    const log = this.#deps.logs.get(conversationId);
    if (!log || tail(log) || this.#opening.has(conversationId)) return;
    this.#opening.add(conversationId);
    await this.#fetch(conversationId, { before: 0x7fff_ffff }, (now, page, reply) =>
      spanFetched(now, reply.more ? firstOf(page) - 1 : now.visibleAfter, Number.POSITIVE_INFINITY, page),
    );
    this.#opening.delete(conversationId);
  }

  /** What is before the first message of this stretch. */
  async older(conversationId: string, from: number): Promise<void> {
    const key = `${conversationId} < ${from}`;
    const log = this.#deps.logs.get(conversationId);
    if (!log || from <= log.visibleAfter || this.#opening.has(key)) return;
    this.#opening.add(key);
    await this.#fetch(conversationId, { before: from + 1 }, (now, page, reply) =>
      spanFetched(now, reply.more ? firstOf(page) - 1 : now.visibleAfter, from, page),
    );
    this.#opening.delete(key);
  }

  /** What comes after a stretch that is not the newest. */
  async newer(conversationId: string, to: number): Promise<void> {
    const key = `${conversationId} > ${to}`;
    if (!Number.isFinite(to) || this.#opening.has(key)) return;
    this.#opening.add(key);
    await this.#fetch(conversationId, { after: to }, (now, page, reply) =>
      spanFetched(now, to, reply.more ? lastOf(page, to) : Number.POSITIVE_INFINITY, page),
    );
    this.#opening.delete(key);
  }

  /** Brings a message and its neighbours here. The number where it stands now; null: there is no such message for this person. */
  async goTo(conversationId: string, number: number): Promise<number | null> {
    const log = this.#deps.logs.get(conversationId);
    const known = log && spanAt(log, number);
    if (!known) {
      const done = await this.#fetch(conversationId, { around: number }, (now, page) =>
        page.messages.length === 0 ? now : spanFetched(now, firstOf(page) - 1, lastOf(page, firstOf(page)), page),
      );
      if (!done) return null;
    }
    const now = this.#deps.logs.get(conversationId);
    return now && spanAt(now, number)?.messages.some((message) => message.number === number) ? number : null;
  }

  /** The first message at or after this time; null: there is none. */
  async goToTime(conversationId: string, sinceMs: number): Promise<number | null> {
    let found: number | null = null;
    await this.#fetch(conversationId, { sinceMs, limit: 1 }, (now, page) => {
      found = page.messages[0]?.number ?? null;
      return now;
    });
    return found === null ? null : this.goTo(conversationId, found);
  }

  /** The newest replies of a thread, or those before the first that are here. */
  async openThread(conversationId: string, root: number): Promise<void> {
    const thread = this.#deps.logs.get(conversationId)?.threads.get(root);
    if (thread && thread.from <= 0) return;
    const before = thread ? (thread.replies[0]?.number ?? 0x7fff_ffff) : 0x7fff_ffff;
    await this.#fetch(conversationId, { before, thread: root }, (now, page, reply) =>
      threadFetched(now, root, reply.more ? firstOf(page) - 1 : 0, page),
    );
    const log = this.#deps.logs.get(conversationId);
    if (log && find(log, root) === null) await this.fetchMessages(conversationId, [root]);
  }

  closeThread(conversationId: string, root: number): void {
    this.#deps.logs.change(conversationId, (log) => threadClosed(log, root));
  }

  /** Single messages, such as those that replies quote. */
  async fetchMessages(conversationId: string, numbers: readonly number[]): Promise<void> {
    for (let at = 0; at < numbers.length; at += fetchLimit)
      await this.#fetch(conversationId, { numbers: numbers.slice(at, at + fetchLimit) }, othersFetched);
  }

  /** What is pinned. @throws RpcError */
  async pins(conversationId: string): Promise<readonly ChatMessage[]> {
    const reply = await this.#deps.rpc.fetch({ conversationId, pinned: true, limit: fetchLimit });
    const page = pageOf(reply);
    this.#deps.logs.change(conversationId, (log) => othersFetched(log, page));
    return page.messages;
  }

  /** Tries again what has failed. */
  retryOpen(conversationId: string): void {
    const { store } = this.#deps;
    const troubles = new Map(store.get().troubles);
    troubles.delete(conversationId);
    store.update({ troubles });
    void this.open(conversationId);
  }

  /** Messages that changed in a way that the event could not say. */
  fetchTouchedSoon(conversationId: string): void {
    this.#timers.later(conversationId, settleMs, () => void this.#fetchTouched(conversationId));
  }

  /** Idempotent. */
  close(): void {
    this.#timers.close();
  }

  async #fetchTouched(conversationId: string): Promise<void> {
    const touched = this.#deps.logs.get(conversationId)?.touched ?? [];
    if (touched.length === 0) return;
    await this.fetchMessages(conversationId, touched);
    this.#deps.logs.change(conversationId, (log) => untouched(log, touched));
  }

  /** Fetches a page and puts it into what is held; false: it could not be had. */
  async #fetch(
    conversationId: string,
    request: causeway.FetchRequest.$Properties,
    merge: (log: ConversationLog, page: Page, reply: causeway.FetchReply) => ConversationLog,
  ): Promise<boolean> {
    const { rpc, store, socket, logs, refused } = this.#deps;
    try {
      const reply = await rpc.fetch({ limit: pageSize, ...request, conversationId });
      logs.change(conversationId, (log) => merge(log, pageOf(reply), reply));
      return true;
    } catch (thrown) {
      const error = toRpcError(thrown);
      if (error.code === 'SOCKET_CLOSED' || this.#timers.isClosed) return false;
      if (error.retryable && socket.state !== 'open') {
        // The network is away: it is asked for again when it is back.
        return false;
      }
      const log = logs.get(conversationId);
      if (log && tail(log)) refused(error);
      else store.update({ troubles: new Map(store.get().troubles).set(conversationId, error) });
      return false;
    }
  }
}
