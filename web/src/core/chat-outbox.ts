/**
 * What was written here and is not acknowledged yet. It is kept on this device, sent in the order in
 * which it was written, one message of a conversation after the other, and again after every loss: the
 * client id makes that harmless, so each is there once.
 */
import type { causeway } from '#proto';
import { backOff } from './back-off';
import type { ChatKeep } from './chat-keep';
import type { ChatMessage } from './chat-model';
import type { ChatStore } from './chat-store';
import type { Pending } from './conversation-log';
import { randomId } from './ids';
import { toRpcError } from './rpc-error';

export type NewMessage = Pick<Pending, 'conversationId' | 'body'> &
  Partial<Omit<Pending, 'conversationId' | 'body' | 'clientId' | 'writtenAt' | 'refusal'>>;

export interface ChatOutboxDeps {
  readonly rpc: causeway.ChatService;
  readonly store: ChatStore;
  readonly keep?: ChatKeep | undefined;
  readonly isOpen: () => boolean;
  readonly now: () => number;
  readonly acknowledged: (pending: Pending, number: number) => void;
  readonly bounced: (pending: Pending) => void;
}

/** A refusal after which the text belongs back into the field: as it is, it will never be taken. */
const bouncing: ReadonlySet<string> = new Set(['CHAT_DLP_BLOCKED', 'CHAT_TOO_LONG', 'CHAT_EMPTY']);

export class ChatOutbox {
  readonly #deps: ChatOutboxDeps;
  readonly #sending = new Set<string>();
  /** Acknowledged, and not seen in the conversation yet. */
  readonly #acknowledged = new Map<string, number>();
  #retries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(deps: ChatOutboxDeps) {
    this.#deps = deps;
  }

  /** From before a reload. */
  restore(outbox: readonly Pending[]): void {
    for (const pending of outbox)
      this.#set(pending.conversationId, (list) => (list.some((p) => p.clientId === pending.clientId) ? list : [...list, pending]));
    this.flush();
  }

  add(message: NewMessage): string {
    const pending: Pending = {
      thread: 0,
      replyTo: 0,
      mentions: [],
      mentionsAll: false,
      attachments: [],
      urgent: false,
      poll: null,
      forward: null,
      dlpAcknowledged: false,
      dlpReason: '',
      ...message,
      clientId: randomId(),
      writtenAt: this.#deps.now(),
      refusal: null,
    };
    this.#set(pending.conversationId, (list) => [...list, pending]);
    void this.#deps.keep?.saveOutgoing(pending);
    this.flush();
    return pending.clientId;
  }

  retry(conversationId: string, clientId: string, answer: { dlpAcknowledged?: boolean; dlpReason?: string }): void {
    this.#change(conversationId, clientId, (pending) => ({ ...pending, ...answer, refusal: null }));
    this.flush();
  }

  discard(conversationId: string, clientId: string): void {
    this.#set(conversationId, (list) => list.filter((pending) => pending.clientId !== clientId));
    void this.#deps.keep?.removeOutgoing(clientId);
  }

  /** It is in the conversation. */
  arrived(conversationId: string, { clientId }: ChatMessage): void {
    if (clientId === '') return;
    this.#acknowledged.delete(clientId);
    if (this.#list(conversationId).some((pending) => pending.clientId === clientId)) this.discard(conversationId, clientId);
  }

  /** What is acknowledged and not beyond what is known of the conversation is there, shown or not. */
  settled(conversationId: string): void {
    const cursor = this.#deps.store.get().logs.get(conversationId)?.cursor ?? 0;
    for (const { clientId } of this.#list(conversationId)) {
      const number = this.#acknowledged.get(clientId);
      if (number === undefined || number > cursor) continue;
      this.#acknowledged.delete(clientId);
      this.discard(conversationId, clientId);
    }
  }

  /** Sends what waits. */
  flush(): void {
    if (!this.#deps.isOpen() || this.#closed) return;
    for (const conversationId of this.#deps.store.get().pending.keys()) void this.#sendNext(conversationId);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #sendNext(conversationId: string): Promise<void> {
    if (this.#sending.has(conversationId)) return;
    this.#sending.add(conversationId);
    try {
      for (;;) {
        const pending = this.#list(conversationId).find((p) => p.refusal === null && !this.#acknowledged.has(p.clientId));
        if (!pending || !this.#deps.isOpen() || this.#closed) break;
        if (!(await this.#send(pending))) break;
      }
    } finally {
      this.#sending.delete(conversationId);
    }
  }

  /** False: the others have to wait too. */
  async #send(pending: Pending): Promise<boolean> {
    const { rpc, keep } = this.#deps;
    const { conversationId, clientId, poll, forward } = pending;
    try {
      const { number } = await rpc.send({
        conversationId,
        clientId,
        body: pending.body,
        thread: pending.thread,
        replyTo: pending.replyTo,
        mentions: [...pending.mentions],
        mentionsAll: pending.mentionsAll,
        attachmentIds: pending.attachments.map(({ id }) => id),
        urgent: pending.urgent,
        ...(poll ? { poll: { ...poll, options: [...poll.options] } } : {}),
        ...(forward ? { forward: { ...forward } } : {}),
        dlpAcknowledged: pending.dlpAcknowledged,
        dlpReason: pending.dlpReason,
      });
      this.#retries = 0;
      await keep?.removeOutgoing(clientId);
      const log = this.#deps.store.get().logs.get(conversationId);
      // Shown as on its way until it stands in the conversation, so that nothing flickers.
      if (log && log.cursor < number && log.spans.length > 0) this.#acknowledged.set(clientId, number);
      else this.discard(conversationId, clientId);
      this.#deps.acknowledged(pending, number);
      return true;
    } catch (thrown) {
      const error = toRpcError(thrown);
      if (error.code === 'SOCKET_CLOSED') return false;
      if (error.retryable) {
        this.#retryLater();
        return false;
      }
      if (bouncing.has(error.code)) {
        this.#change(conversationId, clientId, (now) => ({ ...now, refusal: { code: error.code, message: error.message } }));
        const bounced = this.#list(conversationId).find((p) => p.clientId === clientId);
        if (bounced) this.#deps.bounced(bounced);
      } else this.#change(conversationId, clientId, (now) => ({ ...now, refusal: { code: error.code, message: error.message } }));
      return true;
    }
  }

  /** Whether the server has it is not known. The same client id makes asking again harmless. */
  #retryLater(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const wait = backOff(this.#retries, { firstMs: 500, maxMs: 10_000 });
    this.#retries += 1;
    this.#timer = setTimeout(() => this.flush(), wait);
  }

  #list(conversationId: string): readonly Pending[] {
    return this.#deps.store.get().pending.get(conversationId) ?? [];
  }

  #change(conversationId: string, clientId: string, change: (pending: Pending) => Pending): void {
    this.#set(conversationId, (list) => list.map((pending) => (pending.clientId === clientId ? change(pending) : pending)));
    const changed = this.#list(conversationId).find((pending) => pending.clientId === clientId);
    if (changed) void this.#deps.keep?.saveOutgoing(changed);
  }

  #set(conversationId: string, change: (list: readonly Pending[]) => readonly Pending[]): void {
    const { store } = this.#deps;
    const all = new Map(store.get().pending);
    const list = change(all.get(conversationId) ?? []);
    if (list.length > 0) all.set(conversationId, list);
    else all.delete(conversationId);
    store.update({ pending: all });
  }
}
