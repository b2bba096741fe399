/** What the server tells without being asked: the events of conversations, and notices to this person. */
import { causeway } from '#proto';
import type { ChatCopy } from './chat-copy';
import type { ChatLogs } from './chat-logs';
import { type ChatMessage, toMessage, toPerson, toStatus } from './chat-model';
import type { ChatOutbox } from './chat-outbox';
import type { ChatPages } from './chat-pages';
import type { ChatPresence } from './chat-presence';
import type { ChatReads } from './chat-reads';
import { type ChatStore, headAfter } from './chat-store';
import type { ChatSync } from './chat-sync';
import type { ChatUrgent } from './chat-urgent';
import { happened, type LogChange } from './conversation-log';

export interface ChatListenerDeps {
  readonly store: ChatStore;
  readonly myId: string;
  readonly only: string | undefined;
  readonly logs: ChatLogs;
  readonly pages: ChatPages;
  readonly sync: ChatSync;
  readonly copy: ChatCopy;
  readonly outbox: ChatOutbox;
  readonly presence: ChatPresence;
  readonly reads: ChatReads;
  readonly urgent: ChatUrgent;
  /** Somebody else has written something new. */
  readonly wrote: (conversationId: string, message: ChatMessage) => void;
}

const settleMs = 150;
const resyncMs = 2_000;

export class ChatListener {
  readonly #deps: ChatListenerDeps;

  constructor(deps: ChatListenerDeps) {
    this.#deps = deps;
  }

  event({ topic, number, chat, session }: causeway.Event): void {
    if (session?.chat) this.#notice(session.chat);
    const id = conversationOf(topic);
    if (id === null || !chat || !this.#isMine(id)) return;
    const { store, myId, logs, pages, sync, outbox, presence, reads } = this.#deps;
    if (chat.typing && chat.typing.person?.id !== myId) presence.isTyping(id, chat.typing);
    if (chat.reads) reads.moved(id, chat.reads.people ?? []);
    if (chat.latest) this.#newestIs(id, chat.latest);
    const change = toChange(chat);
    if (!change) return;
    const message = change.kind === 'message' ? change.message : null;
    const { heads } = store.get();
    const head = heads.get(id);
    const isNew = head !== undefined && number > head.latest;
    if (head) {
      const next = headAfter(head, number, message, myId);
      if (next !== head) store.update({ heads: new Map(heads).set(id, next) });
    }
    logs.change(id, (log) => happened(log, number, change));
    if (message) outbox.arrived(id, message);
    if (message && isNew && message.changed === message.number && message.senderId !== myId) {
      presence.wrote(id, message.senderId);
      if (message.kind !== 'system') this.#deps.wrote(id, message);
      // Whether a reply in a thread counts as unread the server knows.
      if (message.thread > 0) sync.refreshHeadSoon(id);
    }
    if (message?.kind === 'system') sync.refreshHeadSoon(id);
    if (change.kind === 'touched') pages.fetchTouchedSoon(id);
  }

  /** Events of this topic are lost for good. */
  stale(topic: string): void {
    const id = conversationOf(topic);
    if (id !== null && this.#isMine(id)) void this.#deps.sync.sync([id]);
  }

  /** The server looks now and then whether this page has everything. */
  #newestIs(id: string, latest: number): void {
    this.#deps.logs.heard(id, latest);
    const head = this.#deps.store.get().heads.get(id);
    if (head && head.latest < latest) this.#deps.sync.refreshHeadSoon(id);
  }

  #notice(notice: causeway.ChatNotice.$Properties): void {
    const { store, sync, reads } = this.#deps;
    // All pages are told at the same time, and should not all ask at the same time.
    if (notice.resync) sync.syncSoon(Math.random() * resyncMs);
    const { conversationChanged, conversationRemoved, readMoved, presence, urgent, recordingNews } = notice;
    if (conversationChanged && this.#isMine(conversationChanged)) sync.refreshHeadSoon(conversationChanged, settleMs);
    if (conversationRemoved) this.#removed(conversationRemoved);
    if (readMoved) reads.movedElsewhere(readMoved);
    if (presence) {
      const all = new Map(store.get().presence);
      for (const { personId, status } of presence.people ?? []) all.set(personId ?? '', toStatus(status ?? 0));
      store.update({ presence: all });
    }
    if (recordingNews) store.update({ recordingNewsChanges: store.get().recordingNewsChanges + 1 });
    if (urgent?.confirmed) this.#deps.urgent.answered(urgent.conversationId ?? '', urgent.number ?? 0);
    else if (urgent) void this.#deps.urgent.came(urgent.conversationId ?? '', urgent.number ?? 0);
  }

  #removed(id: string): void {
    const { store, copy } = this.#deps;
    const state = store.get();
    const heads = new Map(state.heads);
    const logs = new Map(state.logs);
    heads.delete(id);
    logs.delete(id);
    store.update({ heads, logs, urgent: state.urgent.filter(({ conversationId }) => conversationId !== id) });
    copy.forgetLog(id);
  }

  #isMine(id: string): boolean {
    return this.#deps.only === undefined || this.#deps.only === id;
  }
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

function conversationOf(topic: string): string | null {
  return topic.startsWith('conversation/') ? topic.slice('conversation/'.length) : null;
}
