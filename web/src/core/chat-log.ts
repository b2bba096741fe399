/**
 * What the chat panel shows: the conversation's messages by number, and what this page has sent
 * and not seen acknowledged yet. Pure, so that order and doubles can be tested without a server.
 */
import type { causeway } from '#proto';

export interface ChatMessage {
  readonly number: number;
  readonly senderId: string;
  readonly senderName: string;
  readonly clientId: string;
  readonly body: string;
  readonly sentAt: number;
}

/** A message on its way. It keeps its client id for ever, which makes sending it again harmless. */
export interface Sending {
  readonly clientId: string;
  readonly body: string;
  readonly writtenAt: number;
  /** The server's sentence why it will not take the message; null while it is on its way. */
  readonly refusal: string | null;
}

export interface ChatLog {
  readonly conversationId: string;
  /** Oldest first, dense: no number is missing between the first and the last. */
  readonly messages: readonly ChatMessage[];
  /** What comes after a gap; shown when the gap is closed. */
  readonly ahead: readonly ChatMessage[];
  readonly sending: readonly Sending[];
  /** The number before the first message that this person may read. */
  readonly visibleAfter: number;
  /** The number before the first message that is here: more can be fetched while it is above `visibleAfter`. */
  readonly from: number;
}

export function emptyChat(conversationId: string, visibleAfter: number, from: number): ChatLog {
  return { conversationId, messages: [], ahead: [], sending: [], visibleAfter, from };
}

export function lastNumber(log: ChatLog): number {
  return log.messages.at(-1)?.number ?? log.from;
}

/** Messages came: as events, as the answer to Fetch, in any order, perhaps again. */
export function received(log: ChatLog, messages: readonly ChatMessage[]): ChatLog {
  const last = lastNumber(log);
  const fresh = new Map(log.ahead.map((m) => [m.number, m]));
  for (const message of messages) if (message.number > last) fresh.set(message.number, message);
  const next: ChatMessage[] = [];
  for (let message = fresh.get(last + 1); message; message = fresh.get(message.number + 1)) {
    fresh.delete(message.number);
    next.push(message);
  }
  const arrived = new Set(messages.map((m) => m.clientId));
  const sending = log.sending.filter((s) => !arrived.has(s.clientId));
  const ahead = [...fresh.values()].sort((a, b) => a.number - b.number);
  return {
    ...log,
    messages: next.length > 0 ? [...log.messages, ...next] : log.messages,
    ahead,
    sending: sending.length === log.sending.length ? log.sending : sending,
  };
}

/** An earlier part was fetched: all that there is after `after`, up to what is here. */
export function receivedEarlier(log: ChatLog, after: number, messages: readonly ChatMessage[]): ChatLog {
  const earlier = messages.filter((m) => m.number > after && m.number <= log.from).sort((a, b) => a.number - b.number);
  return { ...log, from: after, messages: [...earlier, ...log.messages] };
}

export function written(log: ChatLog, clientId: string, body: string, writtenAt: number): ChatLog {
  return { ...log, sending: [...log.sending, { clientId, body, writtenAt, refusal: null }] };
}

/** The server has it for good; the event with it may come later or have come before. */
export function acknowledged(log: ChatLog, clientId: string, message: ChatMessage): ChatLog {
  const without = { ...log, sending: log.sending.filter((s) => s.clientId !== clientId) };
  return received(without, [message]);
}

export function refused(log: ChatLog, clientId: string, refusal: string | null): ChatLog {
  return { ...log, sending: log.sending.map((s) => (s.clientId === clientId ? { ...s, refusal } : s)) };
}

export function discarded(log: ChatLog, clientId: string): ChatLog {
  return { ...log, sending: log.sending.filter((s) => s.clientId !== clientId) };
}

export function toChatMessage(message: causeway.ChatMessage.$Properties): ChatMessage {
  return {
    number: message.number ?? 0,
    senderId: message.senderId ?? '',
    senderName: message.senderName ?? '',
    clientId: message.clientId ?? '',
    body: message.body ?? '',
    sentAt: message.sentAtMs ?? 0,
  };
}
