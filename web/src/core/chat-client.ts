/**
 * Chat of one person on this page, over the page's socket: the list, what is open of conversations,
 * what is written. The store has the state; every change of it comes from the server, from this
 * device's keep, or from what the person does here.
 */
import { causeway } from '#proto';
import { backOff } from './back-off';
import type { ChatKeep, Kept } from './chat-keep';
import { type ChatHead, type ChatMessage, type ChatPerson, toHead, toMessage, toPerson, toStatus } from './chat-model';
import { ChatOutbox, type NewMessage } from './chat-outbox';
import { ChatPresence } from './chat-presence';
import { ChatReads } from './chat-reads';
import { ChatStore, headAfter } from './chat-store';
import {
  type ConversationLog,
  caughtUp,
  emptyLog,
  find,
  forgotten,
  happened,
  isBehind,
  type LogChange,
  newest,
  othersFetched,
  type Page,
  type Pending,
  readableAfter,
  spanAt,
  spanFetched,
  tail,
  threadClosed,
  threadFetched,
  untouched,
} from './conversation-log';
import { Emitter } from './emitter';
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

const pageSize = 60;
const fetchLimit = 200;
const keptMessages = 100;
/** The most that ChatService.Sync takes. */
const cursorsAtMost = 1_000;
/** Whoever was away for more than this looks at the newest rather than at all that was missed. */
const worthCatchingUp = 1_000;
const settleMs = 150;
const headSettleMs = 1_000;
const saveMs = 2_000;
const draftMs = 1_200;
const resyncMs = 2_000;

export class ChatClient extends Emitter<ChatClientEvents> {
  readonly store = new ChatStore();
  readonly me: { readonly id: string; readonly name: string };
  readonly #deps: ChatClientDeps;
  readonly #rpc: causeway.ChatService;
  readonly #outbox: ChatOutbox;
  readonly #presence: ChatPresence;
  readonly #reads: ChatReads;
  readonly #stops: (() => void)[] = [];
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #opening = new Set<string>();
  readonly #catchingUp = new Set<string>();
  readonly #draftsToSave = new Map<string, string>();
  #epoch = '';
  #syncing: Promise<void> | null = null;
  #retries = 0;
  #closed = false;

  constructor(deps: ChatClientDeps) {
    super();
    this.#deps = deps;
    this.me = deps.me;
    this.#rpc = deps.socket.chat;
    const { store } = this;
    this.#outbox = new ChatOutbox({
      rpc: this.#rpc,
      store,
      keep: deps.keep,
      isOpen: () => deps.socket.state === 'open' && !this.#closed,
      now: () => deps.socket.serverNow,
      acknowledged: (pending, number) => this.#acknowledged(pending, number),
      bounced: (pending) => this.emit('bounced', pending),
    });
    this.#presence = new ChatPresence({ rpc: this.#rpc, store });
    this.#reads = new ChatReads({ rpc: this.#rpc, store, failed: (conversationId) => this.#refreshHeadSoon(conversationId) });
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
      socket.on('event', (event) => this.#event(event)),
      socket.on('reset', () => this.store.update({ synced: false })),
      socket.on('stale', (topic) => {
        const id = conversationOf(topic);
        if (id !== null && this.#isMine(id)) void this.#sync([id]);
      }),
      socket.on('closed', (error) => this.store.update({ connection: 'closed', error })),
    );
    globalThis.addEventListener?.('pagehide', this.#pageGone);
    if (keep) this.#restore(await keep.load());
    this.#socketState(socket.state);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#pageGone();
    this.#closed = true;
    globalThis.removeEventListener?.('pagehide', this.#pageGone);
    for (const stop of this.#stops) stop();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#outbox.close();
    this.#presence.close();
    this.#deps.keep?.close();
  }

  // Reading

  /** Makes sure that the newest messages are here. */
  async open(conversationId: string): Promise<void> {
    const log = this.log(conversationId);
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
    const log = this.log(conversationId);
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
    const log = this.log(conversationId);
    const known = log && spanAt(log, number);
    if (!known) {
      const done = await this.#fetch(conversationId, { around: number }, (now, page) =>
        page.messages.length === 0 ? now : spanFetched(now, firstOf(page) - 1, lastOf(page, firstOf(page)), page),
      );
      if (!done) return null;
    }
    const now = this.log(conversationId);
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
    const thread = this.log(conversationId)?.threads.get(root);
    if (thread && thread.from <= 0) return;
    const before = thread ? (thread.replies[0]?.number ?? 0x7fff_ffff) : 0x7fff_ffff;
    await this.#fetch(conversationId, { before, thread: root }, (now, page, reply) =>
      threadFetched(now, root, reply.more ? firstOf(page) - 1 : 0, page),
    );
    const log = this.log(conversationId);
    if (log && find(log, root) === null) await this.fetchMessages(conversationId, [root]);
  }

  closeThread(conversationId: string, root: number): void {
    this.#changeLog(conversationId, (log) => threadClosed(log, root));
  }

  /** Single messages, such as those that replies quote. */
  async fetchMessages(conversationId: string, numbers: readonly number[]): Promise<void> {
    for (let at = 0; at < numbers.length; at += fetchLimit)
      await this.#fetch(conversationId, { numbers: numbers.slice(at, at + fetchLimit) }, othersFetched);
  }

  /** The numbers of what is pinned. @throws RpcError */
  async pins(conversationId: string): Promise<readonly ChatMessage[]> {
    const reply = await this.#rpc.fetch({ conversationId, pinned: true, limit: fetchLimit });
    const page = pageOf(reply);
    this.#changeLog(conversationId, (log) => othersFetched(log, page));
    return page.messages;
  }

  /** What the list shows of it, after it was changed by another way. */
  async refreshHead(conversationId: string): Promise<void> {
    await this.#refreshHeads([conversationId]);
  }

  /** A conversation's log, where something of it is here. */
  log(conversationId: string): ConversationLog | null {
    return this.store.get().logs.get(conversationId) ?? null;
  }

  /** Asks the server for this conversation again. */
  async refresh(conversationId: string): Promise<void> {
    await this.#sync([conversationId]);
  }

  /** Tries again what has failed. */
  retryOpen(conversationId: string): void {
    const troubles = new Map(this.store.get().troubles);
    troubles.delete(conversationId);
    this.store.update({ troubles });
    void this.open(conversationId);
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
      this.#urgentAnswered(conversationId, number);
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
    return this.store.get().drafts.get(draftKey(conversationId, thread)) ?? '';
  }

  /** Kept here at once, and for the person's other devices a moment later; those of threads stay on this page. */
  saveDraft(conversationId: string, body: string, thread = 0): void {
    const { drafts } = this.store.get();
    const key = draftKey(conversationId, thread);
    if ((drafts.get(key) ?? '') === body) return;
    this.store.update({ drafts: new Map(drafts).set(key, body) });
    if (thread > 0) return;
    this.#draftsToSave.set(conversationId, body);
    this.#later('drafts', draftMs, () => this.#saveDraftsNow());
  }

  // Connection

  #socketState(state: Socket['state']): void {
    const connection = state === 'idle' ? 'connecting' : state;
    this.store.update({ connection });
    if (state !== 'open') return;
    this.#presence.connected();
    if (!this.store.get().synced) void this.#sync();
    else this.#outbox.flush();
  }

  #restore({ epoch, heads, logs, outbox }: Kept): void {
    if (this.#closed) return;
    this.#epoch = epoch;
    const restored = new Map(
      [...logs].map(
        ([id, { cursor, visibleAfter, span }]) => [id, { ...emptyLog(this.me.id, cursor, visibleAfter), spans: [span] }] as const,
      ),
    );
    if (heads.length > 0) this.store.update({ listed: true, heads: new Map(heads.map((head) => [head.id, head])), logs: restored });
    this.store.update({ drafts: new Map(heads.flatMap(({ id, draft }) => (draft === '' ? [] : [[id, draft] as const]))) });
    this.#outbox.restore(outbox);
  }

  /** What changed in all conversations, or in some, since what is held here. One after the other. */
  #sync(only: readonly string[] = []): Promise<void> {
    const run = (this.#syncing ?? Promise.resolve()).then(() => this.#syncNow(only));
    const settled = run.finally(() => {
      if (this.#syncing === settled) this.#syncing = null;
    });
    this.#syncing = settled;
    return settled;
  }

  async #syncNow(some: readonly string[]): Promise<void> {
    if (this.#closed || this.#deps.socket.state !== 'open') return;
    const only = some.length > 0 ? some : this.#deps.only === undefined ? [] : [this.#deps.only];
    try {
      const { heads, logs } = this.store.get();
      const cursors = [...logs]
        .filter(([id]) => only.length === 0 || only.includes(id))
        .slice(-cursorsAtMost)
        .map(([conversationId, { cursor }]) => {
          const head = heads.get(conversationId);
          return { conversationId, number: cursor, readNumber: head?.readNumber ?? 0, version: head?.version ?? 0 };
        });
      const reply = await this.#rpc.sync({ cursors, epoch: this.#epoch, only: [...only] });
      if (this.#closed) return;
      this.#retries = 0;
      this.#synced(reply, only, new Set(cursors.map(({ conversationId }) => conversationId)));
    } catch (thrown) {
      this.#syncFailed(toRpcError(thrown), some);
    }
  }

  #syncFailed(error: RpcError, some: readonly string[]): void {
    if (error.code === 'SOCKET_CLOSED' || this.#closed) return;
    if (!error.retryable) {
      if (some.length === 0) this.store.update({ error });
      return;
    }
    const wait = backOff(this.#retries, { firstMs: 500, maxMs: 15_000 });
    this.#retries += 1;
    this.#later(`sync ${some.join()}`, wait, () => void this.#sync(some));
  }

  #synced(reply: causeway.SyncReply, only: readonly string[], asked: ReadonlySet<string>): void {
    if (reply.reset) this.store.update({ logs: new Map() });
    this.#epoch = reply.epoch;
    const state = this.store.get();
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
      if (!this.#draftsToSave.has(head.id)) drafts.set(head.id, head.draft);
      const held = logs.get(head.id);
      let log = held ?? emptyLog(this.me.id, cursor, head.visibleAfter);
      if (more && head.latest - log.cursor > worthCatchingUp) log = forgotten(log, head.latest);
      else if (held)
        log = caughtUp(
          log,
          messages.map((message) => toMessage(message, head.latest)),
          cursor,
        );
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
    for (const id of asked) {
      const log = logs.get(id);
      if (log && !answered.has(id)) starts.push([id, log.cursor]);
    }
    const urgent = reply.urgent.map((message) => ({ conversationId: message.conversationId ?? '', message: toMessage(message) }));
    this.store.update({
      heads,
      logs,
      drafts,
      listed: true,
      error: null,
      ...(isAll || this.#deps.only ? { synced: true } : {}),
      ...(isAll ? { urgent } : {}),
    });
    for (const [id, number] of starts) this.#deps.socket.startTopic(`conversation/${id}`, number);
    for (const id of shortened) this.#keepLog(id);
    for (const [id, log] of this.store.get().logs) if (isBehind(log)) this.#catchUpSoon(id);
    this.#saveSoon();
    for (const { conversation, messages } of reply.conversations) {
      const id = conversation?.id ?? '';
      for (const message of messages ?? []) this.#outbox.arrived(id, toMessage(message));
      this.#outbox.settled(id);
    }
    this.#outbox.flush();
  }

  // Events

  #event({ topic, number, chat, session }: causeway.Event): void {
    if (session?.chat) this.#notice(session.chat);
    const id = conversationOf(topic);
    if (id === null || !chat || !this.#isMine(id)) return;
    if (chat.typing && chat.typing.person?.id !== this.me.id) this.#presence.isTyping(id, chat.typing);
    if (chat.reads) this.#reads.moved(id, chat.reads.people ?? []);
    if (chat.latest) this.#newestIs(id, chat.latest);
    const change = toChange(chat);
    if (!change) return;
    const message = change.kind === 'message' ? change.message : null;
    const { heads } = this.store.get();
    const head = heads.get(id);
    const isNew = head !== undefined && number > head.latest;
    if (head) {
      const next = headAfter(head, number, message, this.me.id);
      if (next !== head) this.store.update({ heads: new Map(heads).set(id, next) });
    }
    this.#changeLog(id, (log) => happened(log, number, change));
    if (message) this.#outbox.arrived(id, message);
    if (message && isNew && message.changed === message.number && message.senderId !== this.me.id) {
      this.#presence.wrote(id, message.senderId);
      if (message.kind !== 'system') this.emit('message', id, message);
      // Whether a reply in a thread counts as unread the server knows.
      if (message.thread > 0) this.#refreshHeadSoon(id);
    }
    if (message?.kind === 'system') this.#refreshHeadSoon(id);
    if (change.kind === 'touched') this.#later(`touched ${id}`, settleMs, () => void this.#fetchTouched(id));
  }

  /** The server looks now and then whether this page has everything. */
  #newestIs(id: string, latest: number): void {
    this.#changeLog(id, (log) => (latest > log.cursor ? { ...log, heard: Math.max(log.heard, latest) } : log));
    const head = this.store.get().heads.get(id);
    if (head && head.latest < latest) this.#refreshHeadSoon(id);
  }

  #notice(notice: causeway.ChatNotice.$Properties): void {
    // All pages are told at the same time, and should not all ask at the same time.
    if (notice.resync) this.#later('sync', Math.random() * resyncMs, () => void this.#sync());
    const { conversationChanged, conversationRemoved, readMoved, presence, urgent } = notice;
    if (conversationChanged && this.#isMine(conversationChanged)) this.#refreshHeadSoon(conversationChanged, settleMs);
    if (conversationRemoved) this.#removed(conversationRemoved);
    if (readMoved) this.#reads.movedElsewhere(readMoved);
    if (presence) {
      const all = new Map(this.store.get().presence);
      for (const { personId, status } of presence.people ?? []) all.set(personId ?? '', toStatus(status ?? 0));
      this.store.update({ presence: all });
    }
    if (urgent?.confirmed) this.#urgentAnswered(urgent.conversationId ?? '', urgent.number ?? 0);
    else if (urgent) void this.#urgentCame(urgent.conversationId ?? '', urgent.number ?? 0);
  }

  #removed(id: string): void {
    const state = this.store.get();
    const heads = new Map(state.heads);
    const logs = new Map(state.logs);
    heads.delete(id);
    logs.delete(id);
    this.store.update({ heads, logs, urgent: state.urgent.filter(({ conversationId }) => conversationId !== id) });
    void this.#deps.keep?.saveLog(id, null);
    this.#saveSoon();
  }

  async #urgentCame(conversationId: string, number: number): Promise<void> {
    try {
      const reply = await this.#rpc.fetch({ conversationId, numbers: [number] });
      const [message] = pageOf(reply).messages;
      const { urgent } = this.store.get();
      if (!message || urgent.some((known) => known.conversationId === conversationId && known.message.number === number)) return;
      this.store.update({ urgent: [...urgent, { conversationId, message }] });
      this.emit('urgent', conversationId, message);
    } catch {
      // The next Sync tells of it.
    }
  }

  #urgentAnswered(conversationId: string, number: number): void {
    const { urgent } = this.store.get();
    this.store.update({ urgent: urgent.filter((known) => known.conversationId !== conversationId || known.message.number !== number) });
  }

  // Keeping up

  #catchUpSoon(id: string): void {
    this.#later(`behind ${id}`, settleMs, () => void this.#catchUp(id));
  }

  async #catchUp(conversationId: string): Promise<void> {
    if (this.#catchingUp.has(conversationId)) return;
    this.#catchingUp.add(conversationId);
    try {
      for (;;) {
        const log = this.log(conversationId);
        if (!log || !isBehind(log) || this.#closed) break;
        const reply = await this.#rpc.fetch({ conversationId, changedAfter: log.cursor, limit: fetchLimit });
        const page = pageOf(reply);
        this.#setLog(conversationId, (now) => caughtUp(now, page.messages, reply.cursor));
        for (const message of page.messages) this.#outbox.arrived(conversationId, message);
        // What was heard of and is not there will not come.
        if (!reply.more)
          this.#setLog(conversationId, (now) => ({ ...now, heard: Math.min(now.heard, Math.max(now.cursor, reply.latest)) }));
      }
      this.#retries = 0;
    } catch (thrown) {
      const error = toRpcError(thrown);
      if (error.retryable) {
        this.#retries += 1;
        this.#later(
          `behind ${conversationId}`,
          backOff(this.#retries, { firstMs: 500, maxMs: 10_000 }),
          () => void this.#catchUp(conversationId),
        );
      }
    } finally {
      this.#catchingUp.delete(conversationId);
    }
  }

  async #fetchTouched(conversationId: string): Promise<void> {
    const touched = this.log(conversationId)?.touched ?? [];
    if (touched.length === 0) return;
    await this.fetchMessages(conversationId, touched);
    this.#changeLog(conversationId, (log) => untouched(log, touched));
  }

  #refreshHeadSoon(id: string, waitMs = headSettleMs): void {
    this.#later(`head ${id}`, waitMs, () => void this.#refreshHeads([id]));
  }

  /** The heads as the server has them, without what is held of the conversations. */
  async #refreshHeads(ids: readonly string[]): Promise<void> {
    try {
      const reply = await this.#rpc.sync({ cursors: [], epoch: this.#epoch, only: [...ids] });
      const heads = new Map(this.store.get().heads);
      const drafts = new Map(this.store.get().drafts);
      const logs = new Map(this.store.get().logs);
      const shortened: string[] = [];
      for (const given of reply.conversations) {
        const { conversation, cursor } = new causeway.SyncedConversation(given);
        if (!conversation) continue;
        const head = toHead(conversation);
        heads.set(head.id, head);
        if (!this.#draftsToSave.has(head.id)) drafts.set(head.id, head.draft);
        const held = logs.get(head.id);
        if (held) {
          logs.set(head.id, readableAfter(held, head.visibleAfter));
          if (head.visibleAfter > held.visibleAfter) shortened.push(head.id);
          continue;
        }
        // New to this page: its events are wanted from here on.
        logs.set(head.id, emptyLog(this.me.id, cursor, head.visibleAfter));
        this.#deps.socket.startTopic(`conversation/${head.id}`, cursor);
      }
      this.store.update({ heads, drafts, logs });
      for (const id of shortened) this.#keepLog(id);
      this.#saveSoon();
    } catch {
      // The next Sync tells.
    }
  }

  /** Fetches a page and puts it into what is held; false: it could not be had. */
  async #fetch(
    conversationId: string,
    request: causeway.FetchRequest.$Properties,
    merge: (log: ConversationLog, page: Page, reply: causeway.FetchReply) => ConversationLog,
  ): Promise<boolean> {
    try {
      const reply = await this.#rpc.fetch({ limit: pageSize, ...request, conversationId });
      this.#changeLog(conversationId, (log) => merge(log, pageOf(reply), reply));
      return true;
    } catch (thrown) {
      const error = toRpcError(thrown);
      if (error.code === 'SOCKET_CLOSED' || this.#closed) return false;
      if (error.retryable && this.#deps.socket.state !== 'open') {
        // The network is away: it is asked for again when it is back.
        return false;
      }
      const log = this.log(conversationId);
      if (log && tail(log)) this.emit('refused', error);
      else this.store.update({ troubles: new Map(this.store.get().troubles).set(conversationId, error) });
      return false;
    }
  }

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
    this.#changeLog(conversationId, (log) => othersFetched(log, { messages: [changed], latest: log.cursor }));
  }

  #acknowledged({ conversationId }: Pending, number: number): void {
    this.#changeLog(conversationId, (log) => (number > log.cursor ? { ...log, heard: Math.max(log.heard, number) } : log));
  }

  #changeLog(id: string, change: (log: ConversationLog) => ConversationLog): void {
    const next = this.#setLog(id, change);
    if (next && isBehind(next)) this.#catchUpSoon(id);
    if (next) this.#later(`keep ${id}`, saveMs, () => this.#keepLog(id));
  }

  #setLog(id: string, change: (log: ConversationLog) => ConversationLog): ConversationLog | null {
    const { logs, troubles } = this.store.get();
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
    this.store.update({ logs: new Map(logs).set(id, next), troubles: cleared });
    return next;
  }

  #isMine(id: string): boolean {
    return this.#deps.only === undefined || this.#deps.only === id;
  }

  /** What waits for a moment to be told is told now: there may be no other. */
  readonly #pageGone = (): void => {
    this.#saveDraftsNow();
    this.#reads.tellNow();
  };

  // Keeping on this device

  #keepLog(id: string): void {
    const log = this.log(id);
    const span = log && newest(log, keptMessages);
    if (log && span && !isBehind(log)) void this.#deps.keep?.saveLog(id, { cursor: log.cursor, visibleAfter: log.visibleAfter, span });
    this.#saveSoon();
  }

  #saveSoon(): void {
    if (this.#deps.keep)
      this.#later('save', saveMs, () => void this.#deps.keep?.saveHeads(this.#epoch, [...this.store.get().heads.values()]));
  }

  #saveDraftsNow(): void {
    for (const [conversationId, body] of this.#draftsToSave) {
      this.#rpc.saveDraft({ conversationId, body }).then(
        () => {
          if (this.#draftsToSave.get(conversationId) === body) this.#draftsToSave.delete(conversationId);
        },
        () => undefined,
      );
    }
  }

  #later(key: string, ms: number, run: () => void): void {
    if (this.#closed) return;
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        if (!this.#closed) run();
      }, ms),
    );
  }
}

export function draftKey(conversationId: string, thread: number): string {
  return thread === 0 ? conversationId : `${conversationId}/${thread}`;
}

function toChange(event: causeway.ChatEvent.$Properties): LogChange | null {
  const { message, reaction, poll, touched } = event;
  if (message) return { kind: 'message', message: toMessage(message) };
  if (reaction) {
    const { messageNumber, emoji, person, on, count } = new causeway.ReactionChanged(reaction);
    return { kind: 'reaction', number: messageNumber, emoji, person: toPerson(person ?? {}), on, count };
  }
  if (poll) {
    const { messageNumber, votes, voters, closed } = new causeway.PollChanged(poll);
    return { kind: 'poll', number: messageNumber, votes, voters, closed };
  }
  return touched ? { kind: 'touched', number: touched } : null;
}

function pageOf(reply: causeway.FetchReply): Page {
  return {
    latest: reply.latest,
    messages: reply.messages.map((message) => toMessage(message, reply.latest)).sort((a, b) => a.number - b.number),
  };
}

function firstOf(page: Page): number {
  return page.messages[0]?.number ?? 1;
}

function lastOf(page: Page, otherwise: number): number {
  return page.messages.at(-1)?.number ?? otherwise;
}

function conversationOf(topic: string): string | null {
  return topic.startsWith('conversation/') ? topic.slice('conversation/'.length) : null;
}

export type { ChatHead, NewMessage };
