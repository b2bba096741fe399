import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chat } from '../../../src/chat/index.js';
import { type Message, MessageLog } from '../../../src/chat/message-log.js';
import type { Database } from '../../../src/platform/database/index.js';
import type { EventBody, Topics } from '../../../src/platform/gateway/index.js';
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
  let conversationId: string;

  beforeEach(async () => {
    committed = [];
    log = new MessageLog({ database, clock, log: testLog(), groupCommitMs: 2, committed: (message) => committed.push(message) });
    conversationId = await newConversation();
  });

  const write = (body: string, clientId = randomUUID(), to = conversationId, by = ana) =>
    log.append({ orgId, conversationId: to, senderId: by.personId, senderName: by.name, clientId, body });

  it('numbers messages from 1 without holes in the order in which they came', async () => {
    const stored = await Promise.all(Array.from({ length: 50 }, (_, i) => write(`message ${i}`)));
    expect(stored.map((m) => m.number)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(stored.map((m) => m.body)).toEqual(Array.from({ length: 50 }, (_, i) => `message ${i}`));
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
    const node = () => new MessageLog({ database, clock, log: testLog(), groupCommitMs: 1, committed: () => undefined });
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
    expect((await log.read(orgId, conversationId, 0, 100)).messages).toHaveLength(5);
    await Promise.all(sending);
  });

  it('reads pages by cursor', async () => {
    await Promise.all(Array.from({ length: 7 }, (_, i) => write(`${i}`)));
    const page = await log.read(orgId, conversationId, 3, 2);
    expect(page.messages.map((m) => m.number)).toEqual([4, 5]);
    expect(page.latest).toBe(7);
  });
});

describe('Chat', () => {
  let chat: Chat;
  let published: { topic: string; number: number; body: EventBody }[];
  let conversationId: string;

  beforeEach(async () => {
    published = [];
    const topics: Topics = {
      publish: (topic, number, body) => published.push({ topic, number, body }),
      publishVolatile: () => undefined,
      watch: () => () => undefined,
      drop: () => undefined,
    };
    chat = new Chat({ database, clock, log: testLog(), topics, bodyCharacters: 20, groupCommitMs: 0 });
    conversationId = await newConversation();
    await chat.conversations.addMember(orgId, conversationId, ana.personId, 'everything');
  });

  const send = (by: Principal, body: string) => chat.send(by, { conversationId, clientId: randomUUID(), body });
  const refusal = (code: string) => expect.objectContaining({ code });

  it('refuses what is empty, too long, or without a client id, and takes no number for it', async () => {
    await expect(send(ana, '  \n')).rejects.toThrow(refusal('CHAT_EMPTY'));
    await expect(send(ana, '字'.repeat(21))).rejects.toThrow(refusal('CHAT_TOO_LONG'));
    await expect(chat.send(ana, { conversationId, clientId: 'x', body: 'x' })).rejects.toThrow(refusal('CHAT_BAD_CLIENT_ID'));
    expect((await send(ana, '𨋢'.repeat(20))).number).toBe(1);
  });

  it('does not tell a stranger whether a conversation exists', async () => {
    await expect(send(ben, 'hi')).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
    await expect(chat.read(ben, conversationId, 0, 10)).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
    await expect(chat.read(ben, newId(), 0, 10)).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
  });

  it('shows a member who came late only what came after, where that is the policy', async () => {
    await send(ana, 'before');
    await chat.conversations.addMember(orgId, conversationId, ben.personId, 'from now on');
    await send(ana, 'after');
    expect((await chat.read(ben, conversationId, 0, 10)).messages.map((m) => m.body)).toEqual(['after']);
    expect((await chat.read(ana, conversationId, 0, 10)).messages.map((m) => m.body)).toEqual(['before', 'after']);
  });

  it('publishes to the topic of the conversation with the number of the message', async () => {
    await send(ana, 'hello');
    expect(published).toMatchObject([
      { topic: `conversation/${conversationId}`, number: 1, body: { chat: { message: { body: 'hello', number: 1 } } } },
    ]);
  });

  it('ends what a person may read when he is removed', async () => {
    await chat.conversations.removeMember(orgId, conversationId, ana.personId);
    await expect(chat.read(ana, conversationId, 0, 10)).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
  });
});

async function newConversation(): Promise<string> {
  const id = newId();
  await database.query(`insert into conversations (org_id, id, kind, created_at) values ($1, $2, 'meeting', now())`, [orgId, id]);
  return id;
}
