/** How far the person has read, on all devices, and how far others have. */
import { causeway } from '#proto';
import type { ChatStore } from './chat-store';

export interface ChatReadsDeps {
  readonly rpc: causeway.ChatService;
  readonly store: ChatStore;
  /** What this page believes may be wrong: the head has to be asked for. */
  readonly failed: (conversationId: string) => void;
}

const settleMs = 400;

export class ChatReads {
  readonly #deps: ChatReadsDeps;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(deps: ChatReadsDeps) {
    this.#deps = deps;
  }

  /** All of the conversation was seen. Shown at once, told a moment later. */
  mark(conversationId: string): void {
    const { store } = this.#deps;
    const { heads } = store.get();
    const head = heads.get(conversationId);
    if (!head || (head.readNumber >= head.latest && head.unread === 0)) return;
    store.update({ heads: new Map(heads).set(conversationId, { ...head, readNumber: head.latest, unread: 0, unreadMentions: 0 }) });
    clearTimeout(this.#timers.get(conversationId));
    this.#timers.set(
      conversationId,
      setTimeout(() => void this.#tell(conversationId), settleMs),
    );
  }

  /** On another device. */
  movedElsewhere(given: causeway.ReadMoved.$Properties): void {
    const { conversationId, readNumber, unread, unreadMentions } = new causeway.ReadMoved(given);
    const { store } = this.#deps;
    const { heads } = store.get();
    const head = heads.get(conversationId);
    if (!head || readNumber < head.readNumber) return;
    store.update({ heads: new Map(heads).set(conversationId, { ...head, readNumber, unread, unreadMentions }) });
  }

  /** Others have read. */
  moved(conversationId: string, people: readonly causeway.Read.$Properties[]): void {
    const { store } = this.#deps;
    const { reads } = store.get();
    const known = new Map(reads.get(conversationId));
    for (const given of people) {
      const { personId, number } = new causeway.Read(given);
      known.set(personId, Math.max(known.get(personId) ?? 0, number));
    }
    store.update({ reads: new Map(reads).set(conversationId, known) });
  }

  /** What waits is told at once. */
  tellNow(): void {
    for (const [conversationId, timer] of [...this.#timers]) {
      clearTimeout(timer);
      void this.#tell(conversationId);
    }
  }

  async #tell(conversationId: string): Promise<void> {
    const { rpc, store, failed } = this.#deps;
    this.#timers.delete(conversationId);
    const number = store.get().heads.get(conversationId)?.readNumber ?? 0;
    try {
      const reply = await rpc.markRead({ conversationId, number });
      const { heads } = store.get();
      const head = heads.get(conversationId);
      // What has come since is counted here already.
      if (head && head.readNumber === number && head.latest === number)
        store.update({
          heads: new Map(heads).set(conversationId, { ...head, unread: reply.unread, unreadMentions: reply.unreadMentions }),
        });
    } catch {
      failed(conversationId);
    }
  }
}
