/** What goes wrong between the log and its database concerns those whose fault it is, and nobody is told wrong. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message, NewMessage } from '../../../src/chat/message.js';
import { MessageLog } from '../../../src/chat/message-log.js';
import type { ConversationFace, WithMessage } from '../../../src/chat/ports.js';
import type { Database, Query } from '../../../src/platform/database/index.js';
import { CausewayError } from '../../../src/platform/errors.js';
import type { Principal } from '../../../src/platform/principal.js';
import { testLog, waitFor } from '../../support/index.js';
import { Office } from './office.js';

let office: Office;
let ana: Principal;
let ben: Principal;
let conversation: ConversationFace;
let published: Message[];

beforeAll(async () => {
  office = await Office.open();
  [ana, ben] = [await office.person('Ana'), await office.person('Ben')];
});
afterAll(() => office.close());
beforeEach(async () => {
  published = [];
  // However busy the machine is, nothing gives up by itself.
  await waitForLocks('60s');
  conversation = await office.conversation([ana, ben]);
});

/** How long the log waits for the lock of a conversation. */
const waitForLocks = async (time: string) => {
  for (const what of ['append_messages(json, timestamptz)', 'lock_conversations(uuid[])'])
    await office.database.query(`alter function ${what} set lock_timeout = '${time}'`);
};

/** A node. Groups are large: all that is sent in one turn is one. */
const node = (database: Database = office.database) =>
  new MessageLog({
    database,
    clock: { now: () => Date.now() },
    log: testLog(),
    groupCommitMs: 20,
    committed: (message) => published.push(message),
    changed: () => undefined,
  });

/** The same database, with something that happens on the way. */
const through = (over: Partial<Database>): Database => ({
  query: (sql, values) => office.database.query(sql, values),
  transaction: (run) => office.database.transaction(run),
  close: () => Promise.resolve(),
  ...over,
});

const by = (person: Principal, over: Partial<NewMessage> = {}): NewMessage => ({
  orgId: person.orgId,
  conversationId: conversation.id,
  senderId: person.personId,
  senderName: person.name,
  clientId: randomUUID(),
  body: 'hello',
  ...over,
});

const asMember = { asMember: true };
const outcomes = async (sent: readonly Promise<Message>[]) =>
  (await Promise.allSettled(sent)).map((one) => (one.status === 'fulfilled' ? one.value.number : String(one.reason.code)));
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);
const publishedNumbers = () => published.map(({ number }) => number);

describe('A message that the database does not take', () => {
  it.each<[string, Partial<NewMessage>]>([
    ['NUL in its text', { body: 'a\0b' }],
    ['half of a character in its text', { body: 'a\ud800b' }],
    ['half of a character in a name', { senderName: '\udc00' }],
    ['NUL in what it has besides', { extra: { system: { what: 'renamed', people: [], text: 'a\0b' } } }],
    ['half of a character in what it has besides', { extra: { system: { what: 'renamed', people: [], text: '\ud83d' } } }],
    ['a thread beyond all numbers', { thread: 2 ** 31 }],
    ['an answer to a fraction', { replyTo: 1.5 }],
    ['a mention of nobody', { mentions: ['nobody'] }],
    ['a client id that is none', { clientId: 'none' }],
    ['a conversation that is none', { conversationId: 'none' }],
  ])('fails alone: %s', async (_what, over) => {
    const log = node();
    const [first, bad, second] = await outcomes([by(ana), by(ana, over), by(ben)].map((message) => log.append(message)));
    expect([first, second]).toEqual([1, 2]);
    expect(bad).toMatch(/^22/);
    expect(publishedNumbers()).toEqual([1, 2]);
  });

  it('is found among five hundred in a few trips', async () => {
    let trips = 0;
    const log = node(
      through({
        query: (sql, values) => {
          trips += 1;
          return office.database.query(sql, values);
        },
      }),
    );
    const sent = upTo(500).map((i) => log.append(by(ana, i === 250 ? { body: '\0' } : {})));
    expect((await outcomes(sent)).filter((one) => typeof one === 'number')).toEqual(upTo(499));
    expect(trips).toBeLessThan(30);
  });

  it('does not have the resend beside it published twice', async () => {
    const log = node();
    const twin = by(ana);
    expect(await outcomes([twin, by(ana), twin, by(ana, { body: '\0' }), twin].map((message) => log.append(message)))).toEqual([
      1,
      2,
      1,
      '22P05',
      1,
    ]);
    expect(publishedNumbers()).toEqual([1, 2]);
  });

  it('takes nothing of what looks like JSON, escapes or SQL for its own', async () => {
    const bodies = [
      '\\u0000',
      '\\ud800',
      '"}]',
      "'; drop table messages; --",
      '\u2028\u2029\u0001\u007f',
      '\ufeff\ufffe',
      '𠮷\u200d',
      '%s $1 {}',
    ];
    const log = node();
    await Promise.all(
      bodies.map((body) => log.append(by(ana, { body, senderName: body, extra: { system: { what: 'renamed', people: [], text: body } } }))),
    );
    const rows = await office.database.query<{ body: string; sender_name: string; text: string }>(
      `select body, sender_name, extra->'system'->>'text' as text from messages where conversation_id = $1 order by number`,
      [conversation.id],
    );
    expect(rows).toEqual(bodies.map((body) => ({ body, sender_name: body, text: body })));
  });
});

describe('A group of messages', () => {
  /** Counts the transactions of a log in which this happens. */
  const transactionsOf = async (send: (log: MessageLog) => Promise<unknown>) => {
    let transactions = 0;
    const log = node(
      through({
        transaction: (run) => {
          transactions += 1;
          return office.database.transaction(run);
        },
      }),
    );
    await send(log);
    return transactions;
  };

  it('is not written anew for each of many that are refused', async () => {
    const refuse: WithMessage = async () => {
      throw new CausewayError('CHAT_ATTACHMENT');
    };
    const rows: number[] = [];
    const log = node(
      through({
        transaction: (run) =>
          office.database.transaction((tx) =>
            run({
              query: (sql, values) => {
                if (sql.includes('append_messages')) rows.push(JSON.parse(String(values?.[0])).length);
                return tx.query(sql, values);
              },
            }),
          ),
      }),
    );
    const sent = upTo(60).map((i) => log.append(by(ana), i > 1 ? refuse : async () => undefined));
    expect(await outcomes(sent)).toEqual([1, ...Array.from({ length: 59 }, () => 'CHAT_ATTACHMENT')]);
    // All together once, then each by itself.
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(60 + 59);
  });

  it('keeps its order when one of them is refused', async () => {
    const log = node();
    const act: WithMessage = async () => undefined;
    const refuse: WithMessage = async () => {
      throw new CausewayError('CHAT_ATTACHMENT');
    };
    const sent = upTo(9).map((i) => log.append(by(ana, { body: `${i}` }), i === 4 ? refuse : i % 3 === 0 ? act : undefined));
    expect(await outcomes(sent)).toEqual([1, 2, 3, 'CHAT_ATTACHMENT', 4, 5, 6, 7, 8]);
    expect(published.map(({ body }) => body)).toEqual(['1', '2', '3', '5', '6', '7', '8', '9']);
  });

  it('learns in one transaction that the conversation is an archive now', async () => {
    await office.database.query('update conversations set archived_at = now() where id = $1', [conversation.id]);
    const open = await office.conversation([ana]);
    const transactions = await transactionsOf(async (log) => {
      const late = upTo(50).map(() => log.append(by(ana), undefined, asMember));
      const line = log.append(by(ana, { kind: 'system' }), undefined, asMember);
      const elsewhere = log.append(by(ana, { conversationId: open.id }), undefined, asMember);
      expect(new Set(await outcomes(late))).toEqual(new Set(['CHAT_ARCHIVED']));
      expect(await outcomes([line, elsewhere])).toEqual([1, 1]);
    });
    expect(transactions).toBe(1);
  });

  it('has nothing of somebody after the line that he was put out', async () => {
    const log = node();
    const putOut: WithMessage = async (tx) => {
      await tx.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [conversation.id, ben.personId]);
    };
    const sent = [
      log.append(by(ben), undefined, asMember),
      log.append(by(ana, { kind: 'system' }), putOut, asMember),
      log.append(by(ben), undefined, asMember),
      log.append(by(ana), undefined, asMember),
    ];
    expect(await outcomes(sent)).toEqual([1, 2, 'CHAT_NOT_FOUND', 3]);
  });

  it('lets one of two admins put the other out, when both do so at once', async () => {
    const log = node();
    const putOut =
      (person: Principal): WithMessage =>
      async (tx) => {
        await tx.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [
          conversation.id,
          person.personId,
        ]);
      };
    const elsewhere = await office.conversation([ana]);
    const sent = [
      log.append(by(ana, { kind: 'system' }), putOut(ben), asMember),
      log.append(by(ana, { kind: 'system', conversationId: elsewhere.id }), async () => undefined, asMember),
      log.append(by(ben, { kind: 'system' }), putOut(ana), asMember),
    ];
    expect(await outcomes(sent)).toEqual([1, 1, 'CHAT_NOT_FOUND']);
  });

  it('goes on without the conversation whose lock somebody keeps', async () => {
    await waitForLocks('200ms');
    const open = await office.conversation([ana]);
    const holder = new pg.Client({ connectionString: office.database.url });
    await holder.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from conversations where id = $1 for update', [conversation.id]);
      for (const act of [undefined, async () => undefined]) {
        const log = node();
        const sent = upTo(6).map((i) => log.append(by(ana, i % 2 ? {} : { conversationId: open.id }), i === 6 ? act : undefined, asMember));
        const there = published.length;
        expect(await outcomes(sent)).toEqual(['55P03', there + 1, '55P03', there + 2, '55P03', there + 3]);
      }
    } finally {
      await holder.end();
    }
    expect(await outcomes([node().append(by(ana))])).toEqual([1]);
  });

  it('is written by two nodes that need the same locks in another order', async () => {
    const locks = [randomUUID(), randomUUID()];
    const take =
      (lock: string | undefined): WithMessage =>
      async (tx) => {
        await tx.query('select pg_advisory_xact_lock(hashtext($1))', [lock]);
      };
    // Each node waits with its second lock until the other has its first.
    let arrived = 0;
    let open = (): void => undefined;
    const both = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first =
      (lock: string | undefined): WithMessage =>
      async (tx, message) => {
        await take(lock)(tx, message);
        arrived += 1;
        if (arrived === 2) open();
        await both;
      };
    const other = await office.conversation([ana]);
    const sent = [conversation, other].flatMap(({ id }, at) => {
      const log = node();
      return [first(locks[at]), take(locks[1 - at])].map((act) => log.append(by(ana, { conversationId: id }), act, asMember));
    });
    expect(await outcomes(sent)).toEqual([1, 2, 1, 2]);
  });
});

describe('A connection that breaks', () => {
  /** Loses the answers of the database, so many times: what was asked is done. */
  const losing = (times: number) => {
    let left = times;
    const lose = <Result>(answer: Result): Result => {
      if (left === 0) return answer;
      left -= 1;
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    };
    return through({
      query: async (sql, values) => lose(await office.database.query(sql, values)),
      transaction: async (run) => lose(await office.database.transaction(run)),
    });
  };

  it('at the commit of a group leaves each message once, acknowledged and published', async () => {
    const log = node(losing(1));
    expect(await outcomes(upTo(20).map((i) => log.append(by(ana, { body: `${i}` }), undefined, asMember)))).toEqual(upTo(20));
    expect(published.map(({ number, body }) => `${number} ${body}`)).toEqual(upTo(20).map((i) => `${i} ${i}`));
    expect(await office.numbers(conversation.id)).toEqual(upTo(20));
  });

  it('at the commit of one message too, with an act of its own or none', async () => {
    for (const [at, act] of [undefined, async () => undefined].entries())
      expect(await outcomes([node(losing(1)).append(by(ana), act, asMember)])).toEqual([at + 1]);
    expect(publishedNumbers()).toEqual([1, 2]);
  });

  it('again and again leaves who sent it without an answer; sent once more it is there once', async () => {
    const message = by(ana);
    expect(await outcomes([node(losing(9)).append(message)])).toEqual(['ECONNRESET']);
    expect(await outcomes([node().append(message), node().append(message)])).toEqual([1, 1]);
    expect(await office.numbers(conversation.id)).toEqual([1]);
  });

  it('does not publish what was sent before, when it is sent again in the group that it breaks', async () => {
    const early = by(ana, { body: 'early' });
    await node().append(early);
    published = [];
    const log = node(losing(1));
    expect(await outcomes([log.append(early), log.append(by(ana)), log.append(by(ana))])).toEqual([1, 2, 3]);
    expect(publishedNumbers()).toEqual([2, 3]);
  });

  it('because it was ended while the group waited for a lock costs nothing but time', async () => {
    const holder = new pg.Client({ connectionString: office.database.url });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from conversations where id = $1 for update', [conversation.id]);
    const log = node();
    const sent = upTo(5).map(() => log.append(by(ana), undefined, asMember));
    await waitFor(async () => {
      const ended = await office.database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like '%append_messages%' and pid <> pg_backend_pid()`,
      );
      return ended.length > 0;
    }, 'the group to wait for the lock');
    await holder.end();
    expect(await outcomes(sent)).toEqual(upTo(5));
    expect(publishedNumbers()).toEqual(upTo(5));
  });
});

describe('Changes of one conversation', () => {
  it('take one connection, however many there are', async () => {
    await office.write(conversation.id, ana, 'hello');
    let running = 0;
    let most = 0;
    const log = node(
      through({
        transaction: async (run) => {
          running += 1;
          most = Math.max(most, running);
          try {
            return await office.database.transaction(run);
          } finally {
            running -= 1;
          }
        },
      }),
    );
    const act = async (_message: Message, _tx: Query, now: Date) => ({
      kind: 'pin' as const,
      actorId: null,
      actorName: '',
      patch: { pinnedAt: now },
    });
    const at = { orgId: ana.orgId, conversationId: conversation.id, number: 1 };
    const fail = () => {
      throw new CausewayError('CHAT_PINS');
    };
    const done = await Promise.allSettled(upTo(40).map((i) => log.change(at, i % 4 ? act : fail)));
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(30);
    expect(most).toBe(1);
    expect((await node().append(by(ana))).number).toBe(32);
  });
});
