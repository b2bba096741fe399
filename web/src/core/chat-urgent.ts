/** What is urgent and not confirmed by the person yet. */
import type { causeway } from '#proto';
import type { ChatMessage } from './chat-model';
import type { ChatStore } from './chat-store';
import { pageOf } from './fetched-page';

export interface ChatUrgentDeps {
  readonly rpc: causeway.ChatService;
  readonly store: ChatStore;
  readonly shown: (conversationId: string, message: ChatMessage) => void;
}

export class ChatUrgent {
  readonly #deps: ChatUrgentDeps;

  constructor(deps: ChatUrgentDeps) {
    this.#deps = deps;
  }

  async came(conversationId: string, number: number): Promise<void> {
    const { rpc, store, shown } = this.#deps;
    try {
      const reply = await rpc.fetch({ conversationId, numbers: [number] });
      const [message] = pageOf(reply).messages;
      const { urgent } = store.get();
      if (!message || urgent.some((known) => known.conversationId === conversationId && known.message.number === number)) return;
      store.update({ urgent: [...urgent, { conversationId, message }] });
      shown(conversationId, message);
    } catch {
      // The next Sync tells of it.
    }
  }

  /** Here or on another device. */
  answered(conversationId: string, number: number): void {
    const { store } = this.#deps;
    const { urgent } = store.get();
    store.update({ urgent: urgent.filter((known) => known.conversationId !== conversationId || known.message.number !== number) });
  }
}
