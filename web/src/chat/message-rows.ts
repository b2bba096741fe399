/** The rows of a list of messages: days, the line above what is new, messages under one name. Pure. */
import type { ChatMessage, Pending } from '@/core';

export type MessageRow =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: string }
  | { readonly kind: 'system'; readonly key: string; readonly message: ChatMessage }
  /** `first`: it begins with the name and the time. */
  | { readonly kind: 'message'; readonly key: string; readonly message: ChatMessage; readonly first: boolean }
  | { readonly kind: 'pending'; readonly key: string; readonly pending: Pending; readonly first: boolean };

export interface RowsOptions {
  readonly messages: readonly ChatMessage[];
  readonly pending: readonly Pending[];
  readonly myId: string;
  /** Messages after this number were not read when the list was opened; null: no line. */
  readonly newAfter: number | null;
}

/** The message above, and when the one with the name was written. */
interface Before {
  readonly senderId: string;
  readonly sentAt: number;
  readonly begunAt: number;
}

const togetherMs = 3 * 60_000;
/** Then the name and the time are said again. */
const atMostMs = 15 * 60_000;

export function messageRows({ messages, pending, myId, newAfter }: RowsOptions): readonly MessageRow[] {
  const rows: MessageRow[] = [];
  let day = -1;
  let lineDrawn = newAfter === null;
  let before: Before | null = null;
  for (const message of messages) {
    const thisDay = dayOf(message.sentAt);
    if (thisDay !== day) {
      rows.push({ kind: 'day', key: `day ${thisDay} ${message.number}`, at: message.sentAt });
      day = thisDay;
      before = null;
    }
    if (!lineDrawn && newAfter !== null && message.number > newAfter && message.senderId !== myId && message.kind !== 'system') {
      // Nothing is new above the first message of all.
      if (rows.length > 1) rows.push({ kind: 'new', key: 'new' });
      lineDrawn = true;
      before = null;
    }
    if (message.kind === 'system') {
      rows.push({ kind: 'system', key: `${message.number}`, message });
      before = null;
      continue;
    }
    const isTogether = belongsTo(before, message.senderId, message.sentAt);
    // What quotes, is urgent or was passed on begins anew, so that its frame has a name.
    const isPlain = message.replyTo === 0 && !message.urgent && message.forwarded === null;
    // Its key is the sender's own until it is read from elsewhere: a message that arrives takes the place of the one on its way.
    const key = message.senderId === myId && message.clientId !== '' ? message.clientId : `${message.number}`;
    rows.push({ kind: 'message', key, message, first: !isTogether || !isPlain });
    before = following(isTogether && isPlain ? before : null, message.senderId, message.sentAt);
  }
  const there = new Set(pending.length > 0 ? messages.slice(-pending.length - 50).map(({ clientId }) => clientId) : []);
  for (const one of pending) {
    if (there.has(one.clientId)) continue;
    const isTogether = belongsTo(before, myId, one.writtenAt);
    rows.push({ kind: 'pending', key: one.clientId, pending: one, first: !isTogether || one.replyTo > 0 || one.urgent });
    before = following(isTogether ? before : null, myId, one.writtenAt);
  }
  return rows;
}

function following(before: Before | null, senderId: string, sentAt: number): Before {
  return { senderId, sentAt, begunAt: before?.begunAt ?? sentAt };
}

function belongsTo(before: Before | null, senderId: string, sentAt: number): boolean {
  return before !== null && before.senderId === senderId && sentAt - before.sentAt < togetherMs && sentAt - before.begunAt < atMostMs;
}

/** The row of a message, or of the first after it. */
export function rowOf(rows: readonly MessageRow[], number: number): number {
  const index = rows.findIndex((row) => (row.kind === 'message' || row.kind === 'system') && row.message.number >= number);
  return index < 0 ? rows.length - 1 : index;
}

let zoneOffsetOf = { hour: Number.NaN, offset: 0 };

/** The day on the reader's calendar. Asking a Date for it costs more than all the rest of a row. */
function dayOf(time: number): number {
  const hour = Math.floor(time / 3_600_000);
  if (zoneOffsetOf.hour !== hour) zoneOffsetOf = { hour, offset: new Date(time).getTimezoneOffset() * 60_000 };
  return Math.floor((time - zoneOffsetOf.offset) / 86_400_000);
}
