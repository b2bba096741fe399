/** Who is there and who is writing: what passes, and is never repeated. */
import { causeway } from '#proto';
import { toStatus } from './chat-model';
import type { ChatStore, Typist } from './chat-store';

const watchMs = 250;
const typingEveryMs = 3_000;
/** A writer who says nothing for this long has stopped. */
const typingMs = 6_000;
const watchedAtMost = 500;

export class ChatPresence {
  readonly #deps: { readonly rpc: causeway.ChatService; readonly store: ChatStore };
  readonly #watched = new Map<symbol, readonly string[]>();
  #asked = '';
  #idle = false;
  #connected = false;
  #watchTimer: ReturnType<typeof setTimeout> | undefined;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #saidTyping = { place: '', at: 0 };

  constructor(deps: { readonly rpc: causeway.ChatService; readonly store: ChatStore }) {
    this.#deps = deps;
  }

  watch(personIds: readonly string[]): () => void {
    const key = Symbol('watch');
    this.#watched.set(key, personIds);
    this.#askSoon();
    return () => {
      this.#watched.delete(key);
      this.#askSoon();
    };
  }

  setIdle(idle: boolean): void {
    if (this.#idle === idle) return;
    this.#idle = idle;
    this.#askSoon();
  }

  /** The session may be another one, which watches nobody. */
  connected(): void {
    this.#connected = true;
    this.#asked = '';
    this.#askSoon();
  }

  /** This person writes; told to the others now and then. */
  typing(conversationId: string, thread: number): void {
    const place = `${conversationId} ${thread}`;
    const now = Date.now();
    if (this.#saidTyping.place === place && now - this.#saidTyping.at < typingEveryMs) return;
    this.#saidTyping = { place, at: now };
    this.#deps.rpc.type({ conversationId, thread }).catch(() => undefined);
  }

  isTyping(conversationId: string, given: causeway.Typing.$Properties): void {
    const { person, thread } = new causeway.Typing(given);
    const { typing } = this.#deps.store.get();
    const id = person?.id ?? '';
    const others = (typing.get(conversationId) ?? []).filter((typist) => typist.id !== id);
    this.#setTyping(conversationId, [...others, { id, name: person?.name ?? '', thread, until: Date.now() + typingMs }]);
    this.#forgetLater();
  }

  /** What was being written is there. */
  wrote(conversationId: string, personId: string): void {
    const typing = this.#deps.store.get().typing.get(conversationId);
    if (typing?.some(({ id }) => id === personId))
      this.#setTyping(
        conversationId,
        typing.filter(({ id }) => id !== personId),
      );
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#watchTimer);
    clearTimeout(this.#typingTimer);
  }

  #askSoon(): void {
    clearTimeout(this.#watchTimer);
    this.#watchTimer = setTimeout(() => void this.#ask(), watchMs);
  }

  async #ask(): Promise<void> {
    const { rpc, store } = this.#deps;
    if (!this.#connected) return;
    const personIds = [...new Set([...this.#watched.values()].flat())].sort().slice(0, watchedAtMost);
    const asked = `${this.#idle} ${personIds.join()}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    try {
      const { people } = await rpc.watchPresence({ personIds, idle: this.#idle });
      const presence = new Map(store.get().presence);
      for (const { personId, status } of people) presence.set(personId ?? '', toStatus(status ?? 0));
      store.update({ presence });
    } catch {
      this.#asked = '';
    }
  }

  #setTyping(conversationId: string, typists: readonly Typist[]): void {
    const { store } = this.#deps;
    const typing = new Map(store.get().typing);
    if (typists.length > 0) typing.set(conversationId, typists);
    else typing.delete(conversationId);
    store.update({ typing });
  }

  #forgetLater(): void {
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => {
      const now = Date.now();
      const { typing } = this.#deps.store.get();
      for (const [id, typists] of typing) {
        const still = typists.filter(({ until }) => until > now);
        if (still.length !== typists.length) this.#setTyping(id, still);
      }
      if (this.#deps.store.get().typing.size > 0) this.#forgetLater();
    }, 1_000);
  }
}
