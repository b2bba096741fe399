import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Change, Message } from '../../../src/chat/message.js';
import { MessageLog } from '../../../src/chat/message-log.js';
import { MessageReader } from '../../../src/chat/message-reader.js';
import type { Database } from '../../../src/platform/database/index.js';
import { CausewayError } from '../../../src/platform/errors.js';
import { newId } from '../../../src/platform/ids.js';
import type { Principal } from '../../../src/platform/principal.js';
import { openTestDatabase, testLog } from '../../support/index.js';

const clock = { now: () => Date.now() };
let database: Database;
let orgId: string;
let ana: Principal;
let ben: Principal;

beforeAll(async () => {
  database = await openTestDatabase();
  orgId = newId();
  await database.query('insert into organisations (id, name, created_at) values ($1, $2, now())', [orgId, 'Harbour Ltd']);
  [ana, ben] = await Promise.all([addPerson('Ana'), addPerson('Ben')]);
});
afterAll(() => database.close());

async function addPerson(name: string): Promise<Principal> {
  const personId = newId();
  await database.query(`insert into people (org_id, id, name, role, email, created_at) values ($1, $2, $3, 'member', $4, now())`, [
    orgId,
    personId,
    name,
    `${personId}@example.hk`,
  ]);
  return { orgId, personId, name, role: 'member', signInId: newId(), expiresAt: Date.now() + 60_000 };
}

describe('The message log', () => {
  let log: MessageLog;
  let committed: Message[];
  let changes: { message: Message; change: Change; hidden: boolean }[];
  let conversationId: string;

  beforeEach(async () => {
    committed = [];
    changes = [];
    log = new MessageLog({
      database,
      clock,
      log: testLog(),
      groupCommitMs: 2,
      committed: (message) => committed.push(message),
      changed: (message, change, hidden) => changes.push({ message, change, hidden }),
    });
    conversationId = await newConversation();
  });

  const write = (body: string, clientId = randomUUID(), to = conversationId, by = ana) =>
    log.append({ orgId, conversationId: to, senderId: by.personId, senderName: by.name, clientId, body });

  it('numbers messages from 1 without holes in the order in which they came', async () => {
    const stored = await Promise.all(Array.from({ length: 50 }, (_, i) => write(`message ${i}`)));
    expect(stored.map((m) => m.number)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(stored.map((m) => m.body)).toEqual(Array.from({ length: 50 }, (_, i) => `message ${i}`));
  });

  /** A log whose groups are large, and how often it asks the database. */
  const countTrips = () => {
    const trips = { queries: 0, transactions: 0 };
    const counting: Database = {
      query: (sql, values) => {
        trips.queries += 1;
        return database.query(sql, values);
      },
      transaction: (run) => {
        trips.transactions += 1;
        return database.transaction(run);
      },
      close: () => database.close(),
    };
    log = new MessageLog({
      database: counting,
      clock,
      log: testLog(),
      groupCommitMs: 20,
      committed: () => undefined,
      changed: () => undefined,
    });
    return trips;
  };

  it('writes new messages in one trip to the database', async () => {
    const trips = countTrips();
    await Promise.all(Array.from({ length: 20 }, (_, i) => write(`message ${i}`)));
    expect(trips).toEqual({ queries: 1, transactions: 0 });
  });

  it('leaves out who is refused, and writes the others of the group together', async () => {
    const trips = countTrips();
    const message = (body: string) => ({
      orgId,
      conversationId,
      senderId: ana.personId,
      senderName: ana.name,
      clientId: randomUUID(),
      body,
    });
    const refuse = () => Promise.reject(new CausewayError('CHAT_ATTACHMENT'));
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => log.append(message(`${i}`), i === 7 ? refuse : undefined, { asMember: i === 9 })),
    );
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    // The tenth is of somebody who is no member.
    expect(codes).toEqual(['CHAT_ATTACHMENT', 'CHAT_NOT_FOUND']);
    expect(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.number] : []))).toEqual(
      Array.from({ length: 18 }, (_, i) => i + 1),
    );
    expect(trips.transactions).toBe(2);
  });

  it('publishes each message once, in order, after the commit', async () => {
    const seen: Promise<number>[] = [];
    log = new MessageLog({
      database,
      clock,
      log: testLog(),
      groupCommitMs: 0,
      committed: (m) =>
        seen.push(
          database
            .query('select 1 from messages where conversation_id = $1 and number = $2', [m.conversationId, m.number])
            .then((rows) => rows.length),
        ),
      changed: () => undefined,
    });
    await Promise.all(Array.from({ length: 20 }, (_, i) => write(`${i}`)));
    expect(await Promise.all(seen)).toEqual(Array.from({ length: 20 }, () => 1));
  });

  it('answers a resend with the first result, also within one group', async () => {
    const clientId = randomUUID();
    const [first, twin] = await Promise.all([write('hello', clientId), write('hello', clientId)]);
    const later = await write('hello', clientId);
    expect([twin.number, later.number]).toEqual([first.number, first.number]);
    expect(later.sentAt).toEqual(first.sentAt);
    expect((await write('next')).number).toBe(2);
    expect(committed.map((m) => m.number)).toEqual([1, 2]);
  });

  it('keeps two people apart who use the same client id', async () => {
    const clientId = randomUUID();
    const [a, b] = await Promise.all([write('by Ana', clientId), write('by Ben', clientId, conversationId, ben)]);
    expect([a.body, b.body]).toEqual(['by Ana', 'by Ben']);
    expect(b.number).toBe(2);
  });

  it('counts each conversation for itself', async () => {
    const other = await newConversation();
    const stored = await Promise.all([write('a'), write('b', randomUUID(), other), write('c'), write('d', randomUUID(), other)]);
    expect(stored.map((m) => m.number)).toEqual([1, 1, 2, 2]);
  });

  it('refuses a conversation that does not exist and leaves no hole for the others', async () => {
    const [good, bad] = await Promise.allSettled([write('a'), write('lost', randomUUID(), newId())]);
    expect(bad.status).toBe('rejected');
    expect(good).toMatchObject({ status: 'fulfilled', value: { number: 1 } });
    expect((await write('b')).number).toBe(2);
  });

  it('refuses a conversation of another organisation', async () => {
    const strangerOrg = newId();
    await expect(
      log.append({ orgId: strangerOrg, conversationId, senderId: ana.personId, senderName: 'x', clientId: randomUUID(), body: 'x' }),
    ).rejects.toThrow();
    expect((await write('b')).number).toBe(1);
  });

  it('gives two nodes that write at once one order without holes', async () => {
    const node = () =>
      new MessageLog({ database, clock, log: testLog(), groupCommitMs: 1, committed: () => undefined, changed: () => undefined });
    const nodes = [node(), node(), node()];
    const sent = await Promise.all(
      Array.from({ length: 90 }, (_, i) =>
        nodes[i % 3]?.append({ orgId, conversationId, senderId: ana.personId, senderName: 'Ana', clientId: randomUUID(), body: `${i}` }),
      ),
    );
    expect(sent.map((m) => m?.number).sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 90 }, (_, i) => i + 1));
  });

  it('writes what waits before it closes', async () => {
    const sending = Array.from({ length: 5 }, (_, i) => write(`${i}`));
    await log.close();
    const { messages } = await new MessageReader(database).read(place(), { by: 'after', number: 0 }, 100);
    expect(messages).toHaveLength(5);
    await Promise.all(sending);
  });

  it('keeps a message alone from being written whose own act fails, and writes its neighbours', async () => {
    const failing = log.append(newMessage('bad'), async () => {
      throw new Error('its file is gone');
    });
    const [one, bad, two] = await Promise.allSettled([write('one'), failing, write('two')]);
    expect(bad).toMatchObject({ status: 'rejected' });
    expect([one, two].map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(committed.map(({ number, body }) => `${number} ${body}`)).toEqual(['1 one', '2 two']);
  });

  it('takes a number for a change, keeps the text before, and tells of it after the commit', async () => {
    const { number } = await write('first');
    const edited = await log.change({ orgId, conversationId, number }, (_message, _tx, now) => ({
      kind: 'edit',
      actorId: ana.personId,
      actorName: 'Ana',
      keepsText: true,
      patch: { body: 'second', editedAt: now },
    }));
    expect(edited.message).toMatchObject({ number: 1, changed: 2, body: 'second' });
    expect(edited.change).toMatchObject({ number: 2, kind: 'edit', before: 'first' });
    expect(changes).toMatchObject([{ hidden: false, change: { number: 2 } }]);
    expect((await write('next')).number).toBe(3);
  });

  it('takes no number for a change that changes nothing, or is refused', async () => {
    const { number } = await write('first');
    expect((await log.change({ orgId, conversationId, number }, () => null)).change).toBeNull();
    await expect(
      log.change({ orgId, conversationId, number }, () => {
        throw new Error('not yours');
      }),
    ).rejects.toThrow('not yours');
    await expect(log.change({ orgId, conversationId, number: 7 }, () => null)).rejects.toThrow(
      expect.objectContaining({ code: 'CHAT_MESSAGE_NOT_FOUND' }),
    );
    expect((await write('next')).number).toBe(2);
  });

  it('counts messages and changes of several nodes in one order without holes', async () => {
    const first = await write('one');
    const other = new MessageLog({
      database,
      clock,
      log: testLog(),
      groupCommitMs: 0,
      committed: () => undefined,
      changed: () => undefined,
    });
    const pin = (by: MessageLog, on: boolean) =>
      by.change({ orgId, conversationId, number: first.number }, (_message, _tx, now) => ({
        kind: 'pin',
        actorId: ana.personId,
        actorName: 'Ana',
        patch: { pinnedAt: on ? now : null },
      }));
    const done = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 3 === 0
          ? write(`${i}`).then(({ number }) => number)
          : pin(i % 2 ? log : other, i % 2 === 0).then(({ change }) => change?.number),
      ),
    );
    expect(done.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
  });

  it('catches a reader up with what changed, each message once, as it is now', async () => {
    const [one, two] = await Promise.all([write('one'), write('two')]);
    const edit = (number: number, body: string) =>
      log.change({ orgId, conversationId, number }, () => ({ kind: 'edit', actorId: null, actorName: '', patch: { body } }));
    await edit(one?.number ?? 0, 'one, better');
    await edit(one?.number ?? 0, 'one, best');
    await write('three');
    const reader = new MessageReader(database);
    const all = await reader.changedAfter(place(), 1, 100);
    expect(all.messages.map(({ body }) => body)).toEqual(['two', 'one, best', 'three']);
    expect(all).toMatchObject({ cursor: 5, more: false });
    const page = await reader.changedAfter(place(), 0, 2);
    expect(page).toMatchObject({ more: true, cursor: 4 });
    expect((await reader.changedAfter(place(), page.cursor, 2)).messages.map(({ body }) => body)).toEqual(['three']);
    expect(two?.number).toBe(2);
  });

  it('reads pages in every direction', async () => {
    await Promise.all(Array.from({ length: 9 }, (_, i) => write(`${i + 1}`)));
    const reader = new MessageReader(database);
    const numbers = async (selection: Parameters<MessageReader['read']>[1], limit: number) => {
      const { messages, more } = await reader.read(place(), selection, limit);
      return [messages.map(({ number }) => number).join(' '), more];
    };
    expect(await numbers({ by: 'after', number: 3 }, 2)).toEqual(['4 5', true]);
    expect(await numbers({ by: 'before', number: 4 }, 2)).toEqual(['2 3', true]);
    expect(await numbers({ by: 'before', number: 4 }, 5)).toEqual(['1 2 3', false]);
    expect(await numbers({ by: 'around', number: 5 }, 4)).toEqual(['3 4 5 6', true]);
    expect(await numbers({ by: 'numbers', numbers: [9, 2, 77, -1] }, 10)).toEqual(['2 9', false]);
  });

  const place = () => ({ orgId, conversationId, visibleAfter: 0 });
  const newMessage = (body: string) => ({
    orgId,
    conversationId,
    senderId: ana.personId,
    senderName: ana.name,
    clientId: randomUUID(),
    body,
  });
});

async function newConversation(): Promise<string> {
  const id = newId();
  await database.query(`insert into conversations (org_id, id, kind, created_at) values ($1, $2, 'meeting', now())`, [orgId, id]);
  return id;
}
