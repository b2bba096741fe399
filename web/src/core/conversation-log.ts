/**
 * What this page holds of one conversation: stretches of its log, the threads that are open, and what
 * was written here and has no answer yet. Pure, and free of the order in which things arrive: events,
 * pages and catch-ups may come late, twice or not at all, and after the next catch-up the result is
 * what the server has.
 *
 * Two rules make that so. Each message carries the number of the entry that changed it last
 * (`changed`), and an older state never replaces a newer one. And `cursor` is the number up to which
 * everything held here is known to be true: events move it on by one, catch-ups further, and a page
 * that was read before an event arrived takes it back, so that the next catch-up covers what the page
 * could not know.
 */
import type { ChatMessage, ChatPerson, ChatReaction } from './chat-model';

/** All messages of the conversation itself with from < number <= to; `to` is Infinity where new ones are added. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** By number. */
  readonly messages: readonly ChatMessage[];
}

/** The replies that are held of one thread, by number, without its root. */
export interface Thread {
  readonly replies: readonly ChatMessage[];
  /** All replies after this number are here; 0: all. */
  readonly from: number;
}

/** Written here. It keeps its client id for ever, which makes sending it again harmless. */
export interface Pending {
  readonly clientId: string;
  readonly conversationId: string;
  readonly body: string;
  readonly writtenAt: number;
  readonly thread: number;
  readonly replyTo: number;
  readonly mentions: readonly string[];
  readonly mentionsAll: boolean;
  readonly attachments: readonly { readonly id: string; readonly name: string; readonly size: number; readonly type: string }[];
  readonly urgent: boolean;
  readonly poll: { readonly options: readonly string[]; readonly multiple: boolean; readonly anonymous: boolean } | null;
  readonly forward: { readonly conversationId: string; readonly number: number } | null;
  readonly dlpAcknowledged: boolean;
  readonly dlpReason: string;
  /** Why the server will not take it as it is; null while it is on its way. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

export interface ConversationLog {
  readonly myId: string;
  /** What is held is as it was at this number, or newer. */
  readonly cursor: number;
  /** The newest number that was heard of. Above `cursor`: something is missing. */
  readonly heard: number;
  readonly visibleAfter: number;
  /** By number, apart from each other. */
  readonly spans: readonly Span[];
  readonly threads: ReadonlyMap<number, Thread>;
  /** Single messages: roots of threads, what replies quote, pins. */
  readonly others: ReadonlyMap<number, ChatMessage>;
  /** Messages that changed in a way that the event could not say: to be fetched. */
  readonly touched: readonly number[];
}

export type LogChange =
  | { readonly kind: 'message'; readonly message: ChatMessage }
  | {
      readonly kind: 'reaction';
      readonly number: number;
      readonly emoji: string;
      readonly person: ChatPerson;
      readonly on: boolean;
      readonly count: number;
    }
  | { readonly kind: 'poll'; readonly number: number; readonly votes: readonly number[]; readonly voters: number; readonly closed: boolean }
  | { readonly kind: 'touched'; readonly number: number };

/** Messages as the server answered: `latest` is the log's newest number when it was asked, or a little before. */
export interface Page {
  readonly messages: readonly ChatMessage[];
  readonly latest: number;
}

const peopleNamed = 10;

export function emptyLog(myId: string, cursor: number, visibleAfter: number): ConversationLog {
  return { myId, cursor, heard: cursor, visibleAfter, spans: [], threads: new Map(), others: new Map(), touched: [] };
}

/** Something is missing: ask for what changed after `cursor`. */
export function isBehind(log: ConversationLog): boolean {
  return log.heard > log.cursor;
}

/** The stretch that new messages are added to. */
export function tail(log: ConversationLog): Span | null {
  const last = log.spans.at(-1);
  return last?.to === Number.POSITIVE_INFINITY ? last : null;
}

export function spanAt(log: ConversationLog, number: number): Span | null {
  return log.spans.find((span) => number > span.from && number <= span.to) ?? null;
}

export function find(log: ConversationLog, number: number): ChatMessage | null {
  const span = spanAt(log, number);
  const inSpan = span && at(span.messages, number);
  if (inSpan) return inSpan;
  const other = log.others.get(number);
  if (other) return other;
  for (const { replies } of log.threads.values()) {
    const found = at(replies, number);
    if (found) return found;
  }
  return null;
}

/** An event of the conversation's topic. One that was applied already changes nothing. */
export function happened(log: ConversationLog, number: number, change: LogChange): ConversationLog {
  if (number <= log.cursor) return log;
  if (number > log.cursor + 1) {
    // After a gap a new message may be shown. A change may not be applied: what is missing before it would count as known.
    const ahead = { ...log, heard: Math.max(log.heard, number) };
    return change.kind === 'message' && change.message.changed === change.message.number ? hold(ahead, change.message, 'event') : ahead;
  }
  const moved = { ...log, cursor: number, heard: Math.max(log.heard, number) };
  switch (change.kind) {
    case 'message':
      return hold(moved, change.message, 'event');
    case 'reaction':
      return alter(moved, change.number, (message) => (message.changed >= number ? message : reacted(message, number, change, log.myId)));
    case 'poll':
      return alter(moved, change.number, (message) => (message.changed >= number ? message : voted(message, number, change)));
    case 'touched':
      return find(moved, change.number) === null || moved.touched.includes(change.number)
        ? moved
        : { ...moved, touched: [...moved.touched, change.number] };
  }
}

/** Everything that changed with after < number <= cursor, as it is now. */
export interface CatchUp {
  readonly after: number;
  readonly cursor: number;
  readonly messages: readonly ChatMessage[];
  /** Not yet all of it: `cursor` is where to ask on. */
  readonly more: boolean;
}

/**
 * An answer to what changed after a number. The log's cursor moves with the last part alone: what was in
 * an earlier part's range and changed once more before it was read comes in a later one, and an event
 * that was applied in between would count it as known. While the question was on its way, a page may have
 * taken the cursor back below its beginning: what lies between is in neither, and is asked for again.
 */
export function caughtUp(log: ConversationLog, { after, cursor, messages, more }: CatchUp): ConversationLog {
  const next = messages.reduce<ConversationLog>((held, message) => hold(held, message, 'fetched'), log);
  const to = !more && after <= next.cursor ? Math.max(next.cursor, cursor) : next.cursor;
  return { ...next, cursor: to, heard: Math.max(next.heard, cursor) };
}

/** There is no use in catching up: what is held is given up, but for what was written here. */
export function forgotten(log: ConversationLog, latest: number): ConversationLog {
  return { ...emptyLog(log.myId, latest, log.visibleAfter) };
}

/** Who reads from later on holds nothing of what was before: it was kept as long as it may be. */
export function readableAfter(log: ConversationLog, visibleAfter: number): ConversationLog {
  if (visibleAfter <= log.visibleAfter) return visibleAfter === log.visibleAfter ? log : { ...log, visibleAfter };
  const later = (messages: readonly ChatMessage[]) => messages.filter(({ number }) => number > visibleAfter);
  return {
    ...log,
    visibleAfter,
    spans: log.spans
      .filter(({ to }) => to > visibleAfter)
      .map((span) => ({ ...span, from: Math.max(span.from, visibleAfter), messages: later(span.messages) })),
    threads: new Map([...log.threads].map(([root, thread]) => [root, { ...thread, replies: later(thread.replies) }] as const)),
    others: new Map([...log.others].filter(([number]) => number > visibleAfter)),
    touched: log.touched.filter((number) => number > visibleAfter),
  };
}

/** A stretch was fetched: all messages of the conversation itself with from < number <= to. */
export function spanFetched(log: ConversationLog, from: number, to: number, page: Page): ConversationLog {
  let merged: Span = { from, to, messages: page.messages.filter((message) => message.thread === 0) };
  const apart: Span[] = [];
  for (const span of log.spans) {
    if (span.to < merged.from || span.from > merged.to) apart.push(span);
    else merged = joined(span, merged);
  }
  const spans = [...apart, merged].sort((a, b) => a.from - b.from);
  return checked({ ...log, spans }, page);
}

/** The newest replies of a thread and its root, or those before. */
export function threadFetched(log: ConversationLog, root: number, from: number, page: Page): ConversationLog {
  const known = log.threads.get(root);
  const replies = page.messages.filter((message) => message.thread === root);
  const threads = new Map(log.threads).set(root, {
    from: known ? Math.min(known.from, from) : from,
    replies: together(known?.replies ?? [], replies),
  });
  return checked(
    othersFetched({ ...log, threads }, { ...page, messages: page.messages.filter((message) => message.thread !== root) }),
    page,
  );
}

export function threadClosed(log: ConversationLog, root: number): ConversationLog {
  if (!log.threads.has(root)) return log;
  const threads = new Map(log.threads);
  threads.delete(root);
  return { ...log, threads };
}

/** Single messages: what is quoted, pinned, touched. */
export function othersFetched(log: ConversationLog, page: Page): ConversationLog {
  const others = new Map(log.others);
  for (const message of page.messages) if (find(log, message.number) === null) others.set(message.number, message);
  const start: ConversationLog = { ...log, others };
  return checked(
    page.messages.reduce<ConversationLog>((next, message) => hold(next, message, 'fetched'), start),
    page,
  );
}

/** The touched ones with these numbers were asked for. */
export function untouched(log: ConversationLog, numbers: readonly number[]): ConversationLog {
  const touched = log.touched.filter((number) => !numbers.includes(number));
  return touched.length === log.touched.length ? log : { ...log, touched };
}

/** Messages that are kept on this device: the newest of the conversation itself. */
export function newest(log: ConversationLog, count: number): Span | null {
  const last = tail(log);
  if (!last || last.messages.length <= count) return last;
  const messages = last.messages.slice(-count);
  return { from: (messages[0]?.number ?? 1) - 1, to: last.to, messages };
}

/** What was read before events that are here already may be older than them: the next catch-up tells. */
function checked(log: ConversationLog, { latest }: Page): ConversationLog {
  const heard = Math.max(log.heard, latest);
  if (latest >= log.cursor) return heard === log.heard ? log : { ...log, heard };
  return { ...log, heard, cursor: latest };
}

/** Puts a message where it belongs, where that is held. */
function hold(log: ConversationLog, message: ChatMessage, from: 'event' | 'fetched'): ConversationLog {
  const { number, thread } = message;
  let next = alter(log, number, (held) => newer(held, message, from));
  if (thread === 0) {
    const span = spanAt(next, number);
    if (span && at(span.messages, number) === null) {
      const grown = { ...span, messages: inserted(span.messages, message) };
      next = { ...next, spans: next.spans.map((s) => (s === span ? grown : s)) };
    }
    return next;
  }
  const known = next.threads.get(thread);
  if (known && number > known.from && at(known.replies, number) === null) {
    next = { ...next, threads: new Map(next.threads).set(thread, { ...known, replies: inserted(known.replies, message) }) };
  }
  return alter(next, thread, (root) => counted(root, number));
}

/** Changes a message wherever it is held. */
function alter(log: ConversationLog, number: number, change: (message: ChatMessage) => ChatMessage): ConversationLog {
  let next = log;
  const span = spanAt(next, number);
  const inSpan = span && altered(span.messages, number, change);
  if (span && inSpan && inSpan !== span.messages)
    next = { ...next, spans: next.spans.map((s) => (s === span ? { ...span, messages: inSpan } : s)) };
  const other = next.others.get(number);
  const changed = other && change(other);
  if (changed && changed !== other) next = { ...next, others: new Map(next.others).set(number, changed) };
  for (const [root, known] of next.threads) {
    const replies = altered(known.replies, number, change);
    if (replies !== known.replies) next = { ...next, threads: new Map(next.threads).set(root, { ...known, replies }) };
  }
  return next;
}

/** The newer of two states of one message. Events don't say who reacted and what the reader himself chose. */
function newer(held: ChatMessage, given: ChatMessage, from: 'event' | 'fetched'): ChatMessage {
  if (given.changed < held.changed || (given.changed === held.changed && from === 'event')) return withReplies(held, given);
  if (from === 'fetched') return withReplies(given, held);
  const poll = given.poll && {
    ...given.poll,
    options: given.poll.options.map((option, index) => ({ ...option, mine: held.poll?.options[index]?.mine ?? false })),
  };
  return withReplies({ ...given, poll, reactions: given.recalledAt > 0 ? [] : held.reactions }, held);
}

/** Of two counts the one that knows more; replies that it could not know are added. */
function withReplies(message: ChatMessage, other: ChatMessage): ChatMessage {
  const base = message.repliesAsOf >= other.repliesAsOf ? message : other;
  const counted = [...new Set([...message.counted, ...other.counted])].filter((number) => number > base.repliesAsOf);
  const replies = base.replies - base.counted.length + counted.length;
  if (base === message && counted.length === message.counted.length) return message;
  return { ...message, replies, repliesAsOf: base.repliesAsOf, counted };
}

function counted(root: ChatMessage, reply: number): ChatMessage {
  if (reply <= root.repliesAsOf || root.counted.includes(reply)) return root;
  return { ...root, replies: root.replies + 1, counted: [...root.counted, reply] };
}

function reacted(
  message: ChatMessage,
  changed: number,
  { emoji, person, on, count }: Extract<LogChange, { kind: 'reaction' }>,
  myId: string,
): ChatMessage {
  const before = message.reactions.find((reaction) => reaction.emoji === emoji);
  const others = (before?.people ?? []).filter(({ id }) => id !== person.id);
  const after: ChatReaction = {
    emoji,
    count,
    mine: person.id === myId ? on : (before?.mine ?? false),
    people: on && others.length < peopleNamed ? [...others, person] : others,
  };
  const reactions = before ? message.reactions.map((reaction) => (reaction === before ? after : reaction)) : [...message.reactions, after];
  return { ...message, changed, reactions: reactions.filter((reaction) => reaction.count > 0) };
}

function voted(message: ChatMessage, changed: number, { votes, voters, closed }: Extract<LogChange, { kind: 'poll' }>): ChatMessage {
  if (!message.poll) return { ...message, changed };
  const options = message.poll.options.map((option, index) => ({ ...option, votes: votes[index] ?? option.votes }));
  return { ...message, changed, poll: { ...message.poll, options, voters, closed } };
}

/** Two stretches that touch, as one. */
function joined(a: Span, b: Span): Span {
  const to = Math.max(a.to, b.to);
  return { from: Math.min(a.from, b.from), to, messages: together(a.messages, b.messages) };
}

function together(held: readonly ChatMessage[], given: readonly ChatMessage[]): readonly ChatMessage[] {
  const first = given[0];
  const last = held.at(-1);
  // The usual cases, which copy once: all of one come before all of the other.
  if (!first || !last) return first ? given : held;
  if (first.number > last.number) return [...held, ...given];
  if ((given.at(-1)?.number ?? 0) < (held[0]?.number ?? 0)) return [...given, ...held];
  const byNumber = new Map(held.map((message) => [message.number, message]));
  for (const message of given) {
    const known = byNumber.get(message.number);
    byNumber.set(message.number, known ? newer(known, message, 'fetched') : message);
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

function inserted(messages: readonly ChatMessage[], message: ChatMessage): readonly ChatMessage[] {
  const index = placeOf(messages, message.number);
  return [...messages.slice(0, index), message, ...messages.slice(index)];
}

function altered(messages: readonly ChatMessage[], number: number, change: (message: ChatMessage) => ChatMessage): readonly ChatMessage[] {
  const index = placeOf(messages, number);
  const message = messages[index];
  if (message?.number !== number) return messages;
  const next = change(message);
  return next === message ? messages : messages.with(index, next);
}

function at(messages: readonly ChatMessage[], number: number): ChatMessage | null {
  const message = messages[placeOf(messages, number)];
  return message?.number === number ? message : null;
}

/** Where a number stands, or would. */
export function placeOf(messages: readonly ChatMessage[], number: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.number ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
