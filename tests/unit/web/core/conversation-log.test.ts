import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatPerson } from '@/core/chat-model';
import {
  type ConversationLog,
  caughtUp,
  emptyLog,
  find,
  happened,
  isBehind,
  type LogChange,
  othersFetched,
  readableAfter,
  spanFetched,
  tail,
  threadFetched,
} from '@/core/conversation-log';

const me = 'person-0';

function blank(number: number, thread: number, senderId: string): ChatMessage {
  return {
    number,
    senderId,
    senderName: senderId,
    clientId: `client-${number}`,
    body: `message ${number}`,
    sentAt: number,
    changed: number,
    kind: 'text',
    thread,
    replyTo: 0,
    mentions: [],
    mentionsAll: false,
    attachments: [],
    reactions: [],
    editedAt: 0,
    recalledAt: 0,
    replies: 0,
    repliesAsOf: 0,
    counted: [],
    pinned: false,
    poll: null,
    cards: [],
    system: null,
    urgent: false,
    forwarded: null,
    byApp: false,
  };
}

/** What the server does, in memory: one log, the state of messages, the events that it tells. */
class Server {
  latest = 0;
  readonly messages = new Map<number, ChatMessage>();
  readonly events: { number: number; change: LogChange }[] = [];
  readonly #reactions = new Map<string, ChatPerson[]>();

  write(senderId: string, thread: number): void {
    const number = ++this.latest;
    const message = blank(number, thread, senderId);
    this.messages.set(number, message);
    const root = this.messages.get(thread);
    if (root) this.messages.set(thread, { ...root, replies: root.replies + 1 });
    this.#tell({ kind: 'message', message });
  }

  edit(number: number): void {
    const message = this.messages.get(number);
    if (!message) return;
    this.latest += 1;
    this.#tell({
      kind: 'message',
      message: this.#plain(this.#set({ ...message, changed: this.latest, body: `edited at ${this.latest}`, editedAt: this.latest })),
    });
  }

  recall(number: number): void {
    const message = this.messages.get(number);
    if (!message) return;
    this.latest += 1;
    for (const key of [...this.#reactions.keys()]) if (key.startsWith(`${number} `)) this.#reactions.delete(key);
    this.#tell({
      kind: 'message',
      message: this.#plain(this.#set({ ...message, changed: this.latest, body: '', recalledAt: this.latest, reactions: [] })),
    });
  }

  react(number: number, personId: string, emoji: string): void {
    const message = this.messages.get(number);
    if (!message || message.recalledAt > 0) return;
    this.latest += 1;
    const person = { id: personId, name: personId, external: false, app: false };
    const key = `${number} ${emoji}`;
    const before = this.#reactions.get(key) ?? [];
    const on = !before.some(({ id }) => id === personId);
    const people = on ? [...before, person] : before.filter(({ id }) => id !== personId);
    this.#reactions.set(key, people);
    const reactions = ['+', '-'].flatMap((sign) => {
      const those = this.#reactions.get(`${number} ${sign}`) ?? [];
      return those.length > 0 ? [{ emoji: sign, count: those.length, mine: those.some(({ id }) => id === me), people: those }] : [];
    });
    this.#set({ ...message, changed: this.latest, reactions });
    this.#tell({ kind: 'reaction', number, emoji, person, on, count: people.length });
  }

  touch(number: number): void {
    const message = this.messages.get(number);
    if (!message) return;
    this.latest += 1;
    this.#set({ ...message, changed: this.latest, pinned: !message.pinned });
    this.#tell({ kind: 'touched', number });
  }

  changedAfter(cursor: number, limit: number): { messages: ChatMessage[]; cursor: number; more: boolean } {
    const changed = this.all()
      .filter((message) => message.changed > cursor)
      .sort((a, b) => a.changed - b.changed);
    const messages = changed.slice(0, limit);
    const more = changed.length > limit;
    return { messages, more, cursor: more ? (messages.at(-1)?.changed ?? cursor) : this.latest };
  }

  /** As they are fetched: with the count of replies as of now. */
  all(): ChatMessage[] {
    return [...this.messages.values()].map((message) => ({ ...message, repliesAsOf: this.latest }));
  }

  #plain(message: ChatMessage): ChatMessage {
    return { ...message, reactions: [], replies: 0 };
  }

  #set(message: ChatMessage): ChatMessage {
    this.messages.set(message.number, message);
    return message;
  }

  #tell(change: LogChange): void {
    this.events.push({ number: this.latest, change });
  }
}

interface Step {
  readonly act: 'write' | 'reply' | 'edit' | 'recall' | 'react' | 'touch';
  readonly who: number;
  readonly which: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom('write', 'write', 'write', 'reply', 'edit', 'recall', 'react', 'react', 'touch'),
  who: fc.integer({ min: 0, max: 3 }),
  which: fc.nat(),
});

function does(server: Server, { act, who, which }: Step): void {
  const numbers = [...server.messages.keys()];
  const roots = [...server.messages.values()].filter(({ thread }) => thread === 0).map(({ number }) => number);
  const number = numbers[which % Math.max(1, numbers.length)] ?? 0;
  const person = `person-${who}`;
  if (act === 'write' || numbers.length === 0) server.write(person, 0);
  else if (act === 'reply') server.write(person, roots[which % roots.length] ?? 0);
  else if (act === 'edit') server.edit(number);
  else if (act === 'recall') server.recall(number);
  else if (act === 'react') server.react(number, person, which % 2 === 0 ? '+' : '-');
  else server.touch(number);
}

/** Fetches what changed until nothing is missing, as the client does. */
function sync(log: ConversationLog, server: Server, limit: number): ConversationLog {
  const after = log.cursor;
  let next = log;
  let from = after;
  for (;;) {
    const reply = server.changedAfter(from, limit);
    next = caughtUp(next, { after, ...reply });
    if (!reply.more) return next;
    from = reply.cursor;
  }
}

function fetchTouched(log: ConversationLog, server: Server): ConversationLog {
  return othersFetched(log, { messages: server.all().filter(({ number }) => log.touched.includes(number)), latest: server.latest });
}

/** What somebody sees of a message; who counts how is no part of it. */
function seen(message: ChatMessage): unknown {
  const { repliesAsOf, counted, reactions, ...rest } = message;
  return {
    ...rest,
    reactions: reactions
      .map(({ emoji, count, mine, people }) => ({ emoji, count, mine, people: people.map(({ id }) => id).sort() }))
      .sort((a, b) => (a.emoji < b.emoji ? -1 : 1)),
  };
}

const lastOf = (server: Server, count: number) => {
  const main = server.all().filter(({ thread }) => thread === 0);
  const messages = main.slice(-count);
  return { messages, from: messages.length < main.length ? (messages[0]?.number ?? 1) - 1 : 0 };
};

describe('what a page holds of a conversation', () => {
  it('is what the server has, whatever was lost, doubled or late, after it has caught up', () => {
    const arrival = fc.record({ keep: fc.boolean(), twice: fc.boolean(), delay: fc.integer({ min: 0, max: 6 }) });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.array(fc.tuple(step, arrival), { maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat({ max: 40 }), { maxLength: 3 }),
        (before, after, held, limit, syncsAt) => {
          const server = new Server();
          for (const one of before) does(server, one);
          const { messages, from } = lastOf(server, held);
          let log = spanFetched(emptyLog(me, server.latest, 0), from, Number.POSITIVE_INFINITY, { messages, latest: server.latest });
          const root = messages[0]?.number ?? 0;
          log = threadFetched(log, root, 0, {
            messages: server.all().filter((m) => m.thread === root || m.number === root),
            latest: server.latest,
          });
          const onTheWay: { at: number; event: Server['events'][number] }[] = [];
          after.forEach(([one, { keep, twice, delay }], index) => {
            const known = server.events.length;
            does(server, one);
            for (const event of server.events.slice(known)) {
              if (keep) onTheWay.push({ at: index + delay, event });
              if (keep && twice) onTheWay.push({ at: index + delay + 2, event });
            }
            for (const { event } of onTheWay.filter(({ at }) => at === index)) log = happened(log, event.number, event.change);
            if (syncsAt.includes(index)) log = sync(log, server, limit);
          });
          log = sync(log, server, limit);
          // Stragglers from before the last catch-up.
          for (const { event } of onTheWay) log = happened(log, event.number, event.change);
          log = fetchTouched(log, server);
          const expected = server.all().filter((message) => message.thread === 0 && message.number > from);
          expect(tail(log)?.messages.map(seen)).toEqual(expected.map(seen));
          expect(log.threads.get(root)?.replies.map(seen)).toEqual(
            server
              .all()
              .filter((m) => m.thread === root)
              .map(seen),
          );
          expect(isBehind(log)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is what the server has when pages and catch-ups are answered late and out of turn', () => {
    const question = fc.record({
      kind: fc.constantFrom('catch-up', 'replay', 'page', 'page'),
      asked: fc.nat({ max: 30 }),
      took: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            step,
            fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
          ),
          { minLength: 10, maxLength: 40 },
        ),
        fc.array(question, { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        (steps, questions, limit) => {
          const server = new Server();
          let log = emptyLog(me, 0, 0);
          const answers: { at: number; apply: (log: ConversationLog) => ConversationLog }[] = [];
          const ask = (kind: string, from: number): ((log: ConversationLog) => ConversationLog) => {
            const { latest } = server;
            if (kind === 'page') {
              const messages = server.all().filter(({ thread, number }) => thread === 0 && number > from && number <= from + 10);
              return (now) => spanFetched(now, from, from + 10, { messages, latest });
            }
            if (kind === 'replay') return (now) => server.events.reduce((held, event) => happened(held, event.number, event.change), now);
            const after = log.cursor;
            const reply = server.changedAfter(after, limit);
            return (now) => caughtUp(now, { ...reply, after });
          };
          steps.forEach(([one, isHeard], index) => {
            const known = server.events.length;
            does(server, one);
            for (const event of server.events.slice(known)) if (isHeard) log = happened(log, event.number, event.change);
            for (const { kind, took, asked } of questions)
              if (asked === index) answers.push({ at: index + took, apply: ask(kind, Math.max(0, server.latest - 10 - took)) });
            for (const { at, apply } of answers) if (at === index) log = apply(log);
          });
          log = fetchTouched(sync(log, server, limit), server);
          for (const { from, to, messages } of log.spans)
            expect(messages.map(seen)).toEqual(
              server
                .all()
                .filter(({ thread, number }) => thread === 0 && number > from && number <= to)
                .map(seen),
            );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is the same in order without any catch-up, but for what events do not say', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const server = new Server();
        let log = spanFetched(emptyLog(me, 0, 0), 0, Number.POSITIVE_INFINITY, { messages: [], latest: 0 });
        for (const one of steps) {
          const known = server.events.length;
          does(server, one);
          for (const event of server.events.slice(known)) {
            log = happened(log, event.number, event.change);
            log = happened(log, event.number, event.change);
          }
        }
        log = othersFetched(log, {
          messages: log.touched.map((number) => server.all().find((m) => m.number === number)!),
          latest: server.latest,
        });
        expect(isBehind(log)).toBe(false);
        expect(tail(log)?.messages.map(seen)).toEqual(
          server
            .all()
            .filter(({ thread }) => thread === 0)
            .map(seen),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('knows of events that a page which was read before them could not know', () => {
    const server = new Server();
    for (let i = 0; i < 5; i += 1) server.write('person-1', 0);
    let log = emptyLog(me, server.latest, 0);
    const page = { messages: server.all(), latest: server.latest };
    server.react(3, 'person-1', '+');
    log = happened(log, 6, server.events.at(-1)!.change);
    log = spanFetched(log, 0, Number.POSITIVE_INFINITY, page);
    expect(isBehind(log)).toBe(true);
    log = sync(log, server, 10);
    expect(find(log, 3)?.reactions).toMatchObject([{ emoji: '+', count: 1 }]);
  });

  it('joins stretches that meet, and keeps those apart that do not', () => {
    const server = new Server();
    for (let i = 0; i < 30; i += 1) server.write('person-1', 0);
    const stretch = (from: number, to: number) => ({
      messages: server.all().filter(({ number }) => number > from && number <= to),
      latest: 30,
    });
    let log = spanFetched(emptyLog(me, 30, 0), 20, Number.POSITIVE_INFINITY, stretch(20, 30));
    log = spanFetched(log, 0, 5, stretch(0, 5));
    expect(log.spans.map(({ from, to }) => [from, to])).toEqual([
      [0, 5],
      [20, Number.POSITIVE_INFINITY],
    ]);
    log = spanFetched(log, 5, 20, stretch(5, 20));
    expect(log.spans).toHaveLength(1);
    expect(tail(log)?.messages.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it('asks for a message that changed in a way the event does not say, when it has it', () => {
    const server = new Server();
    server.write('person-1', 0);
    let log = spanFetched(emptyLog(me, 1, 0), 0, Number.POSITIVE_INFINITY, { messages: server.all(), latest: 1 });
    log = happened(log, 2, { kind: 'touched', number: 1 });
    log = happened(log, 3, { kind: 'touched', number: 77 });
    expect(log.touched).toEqual([1]);
  });
});

describe('What is not readable any more', () => {
  it('is held nowhere: not in stretches, threads or beside them', () => {
    const page = (numbers: readonly number[], thread = 0) => ({ messages: numbers.map((n) => blank(n, thread, 'person-1')), latest: 30 });
    let log = emptyLog(me, 30, 0);
    log = spanFetched(log, 0, 4, page([1, 2, 3, 4]));
    log = spanFetched(log, 8, Number.POSITIVE_INFINITY, page([9, 10, 20]));
    log = threadFetched(log, 10, 0, page([11, 21], 10));
    log = othersFetched(log, page([5, 6]));
    log = readableAfter(log, 12);
    for (const number of [1, 4, 5, 6, 9, 10, 11]) expect(find(log, number), String(number)).toBeNull();
    for (const number of [20, 21]) expect(find(log, number)?.number).toBe(number);
    expect(log.spans).toEqual([{ from: 12, to: Number.POSITIVE_INFINITY, messages: [expect.objectContaining({ number: 20 })] }]);
    expect(readableAfter(log, 12)).toBe(log);
  });
});
