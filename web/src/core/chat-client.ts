/**
 * Chat of one person on this page, over the page's socket: the list, what is open of conversations,
 * what is written. The store has the state; every change of it comes from the server, from this
 * device's keep, or from what the person does here.
 */
import type { causeway } from '#proto';
import { ChatCopy } from './chat-copy';
import { ChatDrafts } from './chat-drafts';
import type { ChatKeep, Kept } from './chat-keep';
import { ChatListener } from './chat-listener';
import { ChatLogs } from './chat-logs';
import { type ChatMessage, type ChatPerson, toMessage, toPerson } from './chat-model';
import { ChatOutbox, type NewMessage } from './chat-outbox';
import { ChatPages } from './chat-pages';
import { ChatPresence } from './chat-presence';
import { ChatReads } from './chat-reads';
import { ChatStore } from './chat-store';
import { ChatSync } from './chat-sync';
import { ChatUrgent } from './chat-urgent';
import { type ConversationLog, othersFetched, type Pending } from './conversation-log';
import { Emitter } from './emitter';
import { Retries } from './retries';
import { type RpcError, toRpcError } from './rpc-error';
import type { Socket } from './socket';

export interface ChatClientDeps {
  readonly socket: Pick<Socket, 'chat' | 'on' | 'startTopic' | 'serverNow' | 'state'>;
  readonly me: { readonly id: string; readonly name: string };
  /** This conversation alone: the chat of a meeting. */
  readonly only?: string | undefined;
  readonly keep?: ChatKeep | undefined;
}

export interface ChatClientEvents {
  /** Somebody else has written something new. */
  message: [conversationId: string, message: ChatMessage];
  /** Something that was asked for was refused. */
  refused: [error: RpcError];
  /** Not sent, and never will be: its text belongs back into the field. */
  bounced: [pending: Pending];
  urgent: [conversationId: string, message: ChatMessage];
}

export class ChatClient extends Emitter<ChatClientEvents> {
  readonly store = new ChatStore();
  readonly me: { readonly id: string; readonly name: string };
  readonly #deps: ChatClientDeps;
  readonly #rpc: causeway.ChatService;
  readonly #outbox: ChatOutbox;
  readonly #presence: ChatPresence;
  readonly #reads: ChatReads;
  readonly #drafts: ChatDrafts;
  readonly #urgent: ChatUrgent;
  readonly #copy: ChatCopy;
  readonly #logs: ChatLogs;
  readonly #pages: ChatPages;
  readonly #sync: ChatSync;
  readonly #listener: ChatListener;
  readonly #stops: (() => void)[] = [];
  #isRestored = false;
  #closed = false;

  constructor(deps: ChatClientDeps) {
    super();
    this.#deps = deps;
    this.me = deps.me;
    this.#rpc = deps.socket.chat;
    const { store } = this;
    const { socket, keep, only } = deps;
    const rpc = this.#rpc;
    const myId = deps.me.id;
    const retries = new Retries();
    const outbox = new ChatOutbox({
      rpc,
      store,
      keep,
      isOpen: () => socket.state === 'open' && !this.#closed,
      now: () => socket.serverNow,
      acknowledged: ({ conversationId }, number) => this.#logs.heard(conversationId, number),
      bounced: (pending) => this.emit('bounced', pending),
    });
    const presence = new ChatPresence({ rpc, store });
    const reads = new ChatReads({ rpc, store, failed: (conversationId) => this.#sync.refreshHeadSoon(conversationId) });
    const drafts = new ChatDrafts({ rpc, store });
    const urgent = new ChatUrgent({ rpc, store, shown: (conversationId, message) => this.emit('urgent', conversationId, message) });
    const copy = new ChatCopy({ store, myId, keep });
    const logs = new ChatLogs({ rpc, store, copy, outbox, retries });
    const pages = new ChatPages({ rpc, store, socket, logs, refused: (error) => this.emit('refused', error) });
    const sync = new ChatSync({ rpc, store, socket, myId, only, logs, drafts, outbox, copy, retries });
    const wrote = (conversationId: string, message: ChatMessage): void => this.emit('message', conversationId, message);
    this.#listener = new ChatListener({ store, myId, only, logs, pages, sync, copy, outbox, presence, reads, urgent, wrote });
    this.#outbox = outbox;
    this.#presence = presence;
    this.#reads = reads;
    this.#drafts = drafts;
    this.#urgent = urgent;
    this.#copy = copy;
    this.#logs = logs;
    this.#pages = pages;
    this.#sync = sync;
  }

  /** The one conversation that this is about; undefined: all of the person's. */
  get only(): string | undefined {
    return this.#deps.only;
  }

  /** Milliseconds since 1970 by the server's clock. */
  get now(): number {
    return this.#deps.socket.serverNow;
  }

  /** Listens from now on. The list comes from this device first, where it is kept. */
  async start(): Promise<void> {
    const { socket, keep } = this.#deps;
    this.#stops.push(
      socket.on('state', (state) => this.#socketState(state)),
      socket.on('event', (event) => this.#listener.event(event)),
      socket.on('reset', () => this.store.update({ synced: false })),
      socket.on('stale', (topic) => this.#listener.stale(topic)),
      socket.on('closed', (error) => this.store.update({ connection: 'closed', error })),
    );
    globalThis.addEventListener?.('pagehide', this.#pageGone);
    // What was kept must not come over what the server has said since: a device may be slower than the network.
    if (keep) this.#restore(await keep.load());
    this.#isRestored = true;
    this.#socketState(socket.state);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#pageGone();
    this.#closed = true;
    globalThis.removeEventListener?.('pagehide', this.#pageGone);
    for (const stop of this.#stops) stop();
    for (const part of [this.#sync, this.#pages, this.#logs, this.#drafts, this.#outbox, this.#presence, this.#copy]) part.close();
  }

  // Reading

  /** Makes sure that the newest messages are here. */
  open(conversationId: string): Promise<void> {
    return this.#pages.open(conversationId);
  }

  /** What is before the first message of this stretch. */
  older(conversationId: string, from: number): Promise<void> {
    return this.#pages.older(conversationId, from);
  }

  /** What comes after a stretch that is not the newest. */
  newer(conversationId: string, to: number): Promise<void> {
    return this.#pages.newer(conversationId, to);
  }

  /** Brings a message and its neighbours here. The number where it stands now; null: there is no such message for this person. */
  goTo(conversationId: string, number: number): Promise<number | null> {
    return this.#pages.goTo(conversationId, number);
  }

  /** The first message at or after this time; null: there is none. */
  goToTime(conversationId: string, sinceMs: number): Promise<number | null> {
    return this.#pages.goToTime(conversationId, sinceMs);
  }

  /** The newest replies of a thread, or those before the first that are here. */
  openThread(conversationId: string, root: number): Promise<void> {
    return this.#pages.openThread(conversationId, root);
  }

  closeThread(conversationId: string, root: number): void {
    this.#pages.closeThread(conversationId, root);
  }

  /** Single messages, such as those that replies quote. */
  fetchMessages(conversationId: string, numbers: readonly number[]): Promise<void> {
    return this.#pages.fetchMessages(conversationId, numbers);
  }

  /** What is pinned. @throws RpcError */
  pins(conversationId: string): Promise<readonly ChatMessage[]> {
    return this.#pages.pins(conversationId);
  }

  /** What the list shows of it, after it was changed by another way. */
  refreshHead(conversationId: string): Promise<void> {
    return this.#sync.refreshHeads([conversationId]);
  }

  /** A conversation's log, where something of it is here. */
  log(conversationId: string): ConversationLog | null {
    return this.#logs.get(conversationId);
  }

  /** Asks the server for this conversation again. */
  refresh(conversationId: string): Promise<void> {
    return this.#sync.sync([conversationId]);
  }

  /** Tries again what has failed. */
  retryOpen(conversationId: string): void {
    this.#pages.retryOpen(conversationId);
  }

  // Writing

  send(message: NewMessage): string {
    this.saveDraft(message.conversationId, '', message.thread ?? 0);
    return this.#outbox.add(message);
  }

  /** Sends again what was refused, with what the person answered. */
  retry(conversationId: string, clientId: string, answer: { dlpAcknowledged?: boolean; dlpReason?: string } = {}): void {
    this.#outbox.retry(conversationId, clientId, answer);
  }

  discard(conversationId: string, clientId: string): void {
    this.#outbox.discard(conversationId, clientId);
  }

  /** @throws RpcError: the answers of DLP are the caller's to show. */
  async edit(
    conversationId: string,
    number: number,
    change: { body: string; mentions: readonly string[]; dlpAcknowledged?: boolean; dlpReason?: string },
  ): Promise<void> {
    this.#changed(conversationId, await this.#rpc.edit({ conversationId, number, ...change, mentions: [...change.mentions] }));
  }

  recall(conversationId: string, number: number): Promise<boolean> {
    return this.#act(conversationId, this.#rpc.recall({ conversationId, number }));
  }

  react(conversationId: string, number: number, emoji: string, on: boolean): Promise<boolean> {
    return this.#act(conversationId, this.#rpc.react({ conversationId, number, emoji, on }));
  }

  pin(conversationId: string, number: number, on: boolean): Promise<boolean> {
    return this.#act(conversationId, this.#rpc.pin({ conversationId, number, on }));
  }

  vote(conversationId: string, number: number, options: readonly number[]): Promise<boolean> {
    return this.#act(conversationId, this.#rpc.vote({ conversationId, number, options: [...options] }));
  }

  closePoll(conversationId: string, number: number): Promise<boolean> {
    return this.#act(conversationId, this.#rpc.closePoll({ conversationId, number }));
  }

  async confirm(conversationId: string, number: number): Promise<boolean> {
    try {
      await this.#rpc.confirm({ conversationId, number });
      this.#urgent.answered(conversationId, number);
      return true;
    } catch (thrown) {
      this.emit('refused', toRpcError(thrown));
      return false;
    }
  }

  /** @throws RpcError */
  async readers(conversationId: string, number: number): Promise<{ read: ChatPerson[]; unread: ChatPerson[]; confirmed: ChatPerson[] }> {
    const { read, unread, confirmed } = await this.#rpc.listReaders({ conversationId, number });
    return { read: read.map(toPerson), unread: unread.map(toPerson), confirmed: confirmed.map(toPerson) };
  }

  /** The person sees the conversation up to its end. */
  markRead(conversationId: string): void {
    this.#reads.mark(conversationId);
  }

  typing(conversationId: string, thread = 0): void {
    this.#presence.typing(conversationId, thread);
  }

  /** Wants to be told whether these people are there; the result ends it. */
  watch(personIds: readonly string[]): () => void {
    return this.#presence.watch(personIds);
  }

  setIdle(idle: boolean): void {
    this.#presence.setIdle(idle);
  }

  draft(conversationId: string, thread = 0): string {
    return this.#drafts.of(conversationId, thread);
  }

  /** Kept here at once, and for the person's other devices a moment later; those of threads stay on this page. */
  saveDraft(conversationId: string, body: string, thread = 0): void {
    this.#drafts.save(conversationId, body, thread);
  }

  // Connection

  #socketState(state: Socket['state']): void {
    const connection = state === 'idle' ? 'connecting' : state;
    this.store.update({ connection });
    if (state !== 'open' || !this.#isRestored) return;
    this.#presence.connected();
    if (!this.store.get().synced) void this.#sync.sync();
    else this.#outbox.flush();
  }

  #restore(kept: Kept): void {
    if (this.#closed) return;
    this.#copy.restore(kept);
    this.#outbox.restore(kept.outbox);
  }

  /** What waits for a moment to be told is told now: there may be no other. */
  readonly #pageGone = (): void => {
    this.#drafts.saveNow();
    this.#reads.tellNow();
  };

  async #act(conversationId: string, call: Promise<causeway.ChangeReply>): Promise<boolean> {
    try {
      this.#changed(conversationId, await call);
      return true;
    } catch (thrown) {
      this.emit('refused', toRpcError(thrown));
      return false;
    }
  }

  /** The message as it is now; it includes what only this person is told. */
  #changed(conversationId: string, { message }: causeway.ChangeReply): void {
    if (!message) return;
    const changed = toMessage(message);
    this.#logs.change(conversationId, (log) => othersFetched(log, { messages: [changed], latest: log.cursor }));
  }
}
