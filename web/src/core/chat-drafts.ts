/** What the person has begun to write: here at once, on the person's other devices a moment later. */
import type { causeway } from '#proto';
import type { ChatStore } from './chat-store';
import { Timers } from './timers';

export interface ChatDraftsDeps {
  readonly rpc: causeway.ChatService;
  readonly store: ChatStore;
}

const saveMs = 1_200;

export class ChatDrafts {
  readonly #deps: ChatDraftsDeps;
  readonly #unsaved = new Map<string, string>();
  readonly #timers = new Timers();

  constructor(deps: ChatDraftsDeps) {
    this.#deps = deps;
  }

  of(conversationId: string, thread: number): string {
    return this.#deps.store.get().drafts.get(draftKey(conversationId, thread)) ?? '';
  }

  /** Those of threads stay on this page. */
  save(conversationId: string, body: string, thread: number): void {
    const { store } = this.#deps;
    const { drafts } = store.get();
    const key = draftKey(conversationId, thread);
    if ((drafts.get(key) ?? '') === body) return;
    store.update({ drafts: new Map(drafts).set(key, body) });
    if (thread > 0) return;
    this.#unsaved.set(conversationId, body);
    this.#timers.later('save', saveMs, () => this.saveNow());
  }

  /** The server does not have this page's draft yet: what it says of it is older. */
  isUnsaved(conversationId: string): boolean {
    return this.#unsaved.has(conversationId);
  }

  /** What waits is saved at once. */
  saveNow(): void {
    for (const [conversationId, body] of this.#unsaved) {
      this.#deps.rpc.saveDraft({ conversationId, body }).then(
        () => {
          if (this.#unsaved.get(conversationId) === body) this.#unsaved.delete(conversationId);
        },
        () => undefined,
      );
    }
  }

  /** Idempotent. */
  close(): void {
    this.#timers.close();
  }
}

function draftKey(conversationId: string, thread: number): string {
  return thread === 0 ? conversationId : `${conversationId}/${thread}`;
}
