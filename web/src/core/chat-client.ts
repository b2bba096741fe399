/**
 * The chat of a meeting, as this page takes part in it: shows a message at once, sends it until the
 * server has answered, and fetches what the events left out. The log itself is in `chat-log.ts`.
 */
import type { causeway } from '#proto';
import { backOff } from './back-off';
import {
  acknowledged,
  type ChatMessage,
  discarded,
  lastNumber,
  received,
  receivedEarlier,
  refused,
  toChatMessage,
  written,
} from './chat-log';
import { randomId } from './ids';
import { type MeetingStore, myself } from './meeting-store';
import { type RpcError, toRpcError } from './rpc-error';

export interface ChatClientDeps {
  readonly rpc: causeway.ChatService;
  readonly store: MeetingStore;
  /** Milliseconds since 1970 by the server's clock. */
  readonly now: () => number;
  /** A new message of somebody else. */
  readonly onMessage: (message: ChatMessage) => void;
  readonly onRefused: (error: RpcError) => void;
}

/** Messages that are fetched when the page comes in, and at each step back. */
export const firstMessages = 100;
/** The most that ChatService.Fetch gives at once. */
const fetchLimit = 200;

export class ChatClient {
  readonly #deps: ChatClientDeps;
  #fetching = false;
  #retries = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: ChatClientDeps) {
    this.#deps = deps;
  }

  send(body: string): void {
    const { store, now } = this.#deps;
    const { chat } = store.get();
    if (!chat) return;
    const clientId = randomId();
    store.update({ chat: written(chat, clientId, body, now()) });
    void this.#send(clientId);
  }

  /** Sends again what was refused. */
  retry(clientId: string): void {
    const { store } = this.#deps;
    const { chat } = store.get();
    if (!chat) return;
    store.update({ chat: refused(chat, clientId, null) });
    void this.#send(clientId);
  }

  /** Gives up what was refused. */
  discard(clientId: string): void {
    const { store } = this.#deps;
    const { chat } = store.get();
    if (chat) store.update({ chat: discarded(chat, clientId) });
  }

  /** What was written before the first message that is here. */
  async fetchEarlier(): Promise<void> {
    const { rpc, store, onRefused } = this.#deps;
    const { chat } = store.get();
    if (!chat || chat.from <= chat.visibleAfter) return;
    const after = Math.max(chat.visibleAfter, chat.from - firstMessages);
    try {
      const { messages } = await rpc.fetch({ conversationId: chat.conversationId, after, limit: chat.from - after });
      const now = store.get().chat;
      if (now && now.from === chat.from) store.update({ chat: receivedEarlier(now, after, messages.map(toChatMessage)) });
    } catch (thrown) {
      onRefused(toRpcError(thrown));
    }
  }

  /** An event of the conversation. */
  arrived(message: ChatMessage): void {
    const { store, onMessage } = this.#deps;
    const { chat, meeting, myId } = store.get();
    if (!chat) return;
    const isNew = message.number > lastNumber(chat);
    store.update({ chat: received(chat, [message]) });
    const mine = meeting?.participants.get(myId ?? '')?.personId === message.senderId;
    if (isNew && !mine) onMessage(message);
    if (store.get().chat?.ahead.length) void this.catchUp();
  }

  /** Fetches what is missing up to the newest, then sends again what has no answer yet. */
  async catchUp(): Promise<void> {
    const { rpc, store } = this.#deps;
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      for (;;) {
        const { chat } = store.get();
        if (!chat) break;
        const after = lastNumber(chat);
        const { messages, latest } = await rpc.fetch({ conversationId: chat.conversationId, after, limit: fetchLimit });
        const now = store.get().chat;
        if (!now) break;
        store.update({ chat: received(now, messages.map(toChatMessage)) });
        if (messages.length === 0 || lastNumber(store.get().chat ?? now) >= latest) break;
      }
      for (const { clientId, refusal } of store.get().chat?.sending ?? []) if (refusal === null) void this.#send(clientId);
    } catch {
      this.#retryLater();
    } finally {
      this.#fetching = false;
    }
  }

  close(): void {
    clearTimeout(this.#retryTimer);
  }

  async #send(clientId: string): Promise<void> {
    const { rpc, store } = this.#deps;
    const { chat } = store.get();
    const sending = chat?.sending.find((s) => s.clientId === clientId);
    if (!chat || !sending) return;
    try {
      const { number, sentAtMs } = await rpc.send({ conversationId: chat.conversationId, clientId, body: sending.body });
      const now = store.get();
      const me = myself(now);
      this.#retries = 0;
      if (now.chat) {
        const message = {
          number,
          senderId: me?.personId ?? '',
          senderName: me?.name ?? '',
          clientId,
          body: sending.body,
          sentAt: sentAtMs,
        };
        store.update({ chat: acknowledged(now.chat, clientId, message) });
        if (store.get().chat?.ahead.length) void this.catchUp();
      }
    } catch (thrown) {
      const error = toRpcError(thrown);
      const now = store.get().chat;
      if (error.retryable) this.#retryLater();
      else if (now && error.code !== 'SOCKET_CLOSED') store.update({ chat: refused(now, clientId, error.message) });
    }
  }

  /** Whether the server has it is not known. The same client id makes asking again harmless. */
  #retryLater(): void {
    clearTimeout(this.#retryTimer);
    if (this.#deps.store.get().phase.kind !== 'joined') return;
    const wait = backOff(this.#retries, { firstMs: 500, maxMs: 10_000 });
    this.#retries += 1;
    this.#retryTimer = setTimeout(() => void this.catchUp(), wait);
  }
}
