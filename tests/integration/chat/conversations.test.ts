/** Conversations and what happens in them, over the sockets and the HTTP API of a real server. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { historySchema, membersSchema, messageSchema, messagesSchema } from '../../../src/chat/schema.js';
import type { SignedIn } from '../../support/api.js';
import { makeConversation, readAll, say } from '../../support/chat.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import type { SocketClient } from '../../support/socket-client.js';

let server: TestServer;
let olivia: SignedIn;
let ming: SignedIn;
let pui: SignedIn;
let asOlivia: SocketClient;
let asMing: SocketClient;
let asPui: SocketClient;

beforeAll(async () => {
  server = await startTestServer({ SOCKET_REQUESTS_PER_SECOND: 1_000, SOCKET_REQUEST_BURST: 5_000 });
  olivia = await server.setUpOwner('Olivia');
  [ming, pui] = await Promise.all([server.invite(olivia, 'Ming'), server.invite(olivia, 'Pui')]);
  asOlivia = await server.connect(olivia.accessToken);
  asMing = await server.connect(ming.accessToken);
  asPui = await server.connect(pui.accessToken);
});
afterAll(async () => {
  for (const client of [asOlivia, asMing, asPui]) client?.drop();
  await server?.close();
});

const refusal = (code: string) => expect.objectContaining({ code });
const sync = (as: SocketClient, only: readonly string[] = [], cursors: causeway.Cursor.$Properties[] = [], epoch = '') =>
  as.chat.sync({ only: [...only], cursors, epoch });
const http = async (by: SignedIn, method: string, path: string, body?: unknown) => {
  const { status, body: answer } = await server.api(method, path, body, by.accessToken);
  return { status, answer, code: (answer as { error?: { code: string } }).error?.code };
};

describe('Conversations', () => {
  it('are one for two people, whoever asks for it, and at the same time', async () => {
    const [a, b, c] = await Promise.all([
      makeConversation(server, olivia, [ming], { kind: 'direct' }),
      makeConversation(server, ming, [olivia], { kind: 'direct' }),
      makeConversation(server, olivia, [ming], { kind: 'direct' }),
    ]);
    expect(new Set([a.id, b.id, c.id]).size).toBe(1);
    expect([a.counterpart?.name, b.counterpart?.name]).toEqual(['Ming', 'Olivia']);
  });

  it('can be with oneself, for notes', async () => {
    const notes = await makeConversation(server, pui, [], { kind: 'direct' });
    expect(notes).toMatchObject({ memberCount: 1, counterpart: { name: 'Pui' } });
  });

  it('are told to new members at once, on the devices that are there', async () => {
    await sync(asPui, [randomUUID()]);
    const { id } = await makeConversation(server, olivia, [pui]);
    const event = await asPui.waitForEvent(({ session }) => session?.chat?.conversationChanged === id);
    expect(event).toBeTruthy();
  });

  it('write down who came, left, was put out, and what else changed', async () => {
    const { id } = await makeConversation(server, olivia, [ming], { title: 'Dragon boat' });
    await http(olivia, 'POST', `/api/conversations/${id}/members`, { personIds: [pui.person.id] });
    await http(olivia, 'PATCH', `/api/conversations/${id}`, { title: 'Dragon boats' });
    await http(olivia, 'PATCH', `/api/conversations/${id}/members/${ming.person.id}`, { role: 'admin' });
    await http(pui, 'DELETE', `/api/conversations/${id}/members/${pui.person.id}`);
    await http(ming, 'DELETE', `/api/conversations/${id}/members/${olivia.person.id}`);
    const lines = (await readAll(asMing, id)).map(
      ({ system }) => `${system?.what} ${system?.people?.map(({ name }) => name).join('+')} ${system?.text}`,
    );
    expect(lines).toEqual([
      'created Ming Dragon boat',
      'members-added Pui ',
      'renamed  Dragon boats',
      'role-changed Ming admin',
      'member-left Pui ',
      'member-removed Olivia ',
    ]);
  });

  it('have an admin as long as somebody is in them', async () => {
    const { id } = await makeConversation(server, olivia, [ming, pui]);
    expect((await http(olivia, 'DELETE', `/api/conversations/${id}/members/${olivia.person.id}`)).status).toBe(200);
    const { members } = await server.get(membersSchema, 'GET', `/api/conversations/${id}/members`, undefined, ming.accessToken);
    expect(members.filter(({ role }) => role === 'admin')).toHaveLength(1);
  });

  it('let only their admins change them', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    expect(await http(ming, 'PATCH', `/api/conversations/${id}`, { title: 'Mine' })).toMatchObject({ status: 403, code: 'CHAT_FORBIDDEN' });
    expect(await http(ming, 'DELETE', `/api/conversations/${id}/members/${olivia.person.id}`)).toMatchObject({ code: 'CHAT_FORBIDDEN' });
    expect(await http(pui, 'GET', `/api/conversations/${id}`)).toMatchObject({ status: 404, code: 'CHAT_NOT_FOUND' });
  });

  it('of departments and for announcements are made by administrators', async () => {
    const body = { title: 'Finance', memberIds: [] };
    expect(await http(ming, 'POST', '/api/conversations', { ...body, kind: 'department' })).toMatchObject({ code: 'AUTH_FORBIDDEN' });
    expect(await http(olivia, 'POST', '/api/conversations', { ...body, kind: 'department' })).toMatchObject({ status: 200 });
  });

  it('refuse people who are not there', async () => {
    const memberIds = [randomUUID()];
    expect(await http(olivia, 'POST', '/api/conversations', { kind: 'group', title: 'x', memberIds })).toMatchObject({
      code: 'CHAT_MEMBERS',
    });
    const two = [ming.person.id, pui.person.id];
    expect(await http(olivia, 'POST', '/api/conversations', { kind: 'direct', memberIds: two })).toMatchObject({ code: 'CHAT_MEMBERS' });
  });

  it('that are archived can be read, not written to', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const number = await say(asOlivia, id, 'the last word');
    await http(olivia, 'PATCH', `/api/conversations/${id}`, { archived: true });
    await expect(say(asMing, id, 'one more')).rejects.toThrow(refusal('CHAT_ARCHIVED'));
    await expect(asMing.chat.react({ conversationId: id, number, emoji: '👍', on: true })).rejects.toThrow(refusal('CHAT_ARCHIVED'));
    expect((await readAll(asMing, id)).map(({ body }) => body)).toContain('the last word');
  });

  it('for announcements take messages of admins alone, and reactions of everybody', async () => {
    const { id } = await makeConversation(server, olivia, [ming], { kind: 'announcement' });
    const number = await say(asOlivia, id, 'The office is closed on Monday.');
    await expect(say(asMing, id, 'why?')).rejects.toThrow(refusal('CHAT_FORBIDDEN'));
    await asMing.chat.react({ conversationId: id, number, emoji: '🎉', on: true });
    expect((await readAll(asOlivia, id)).at(-1)?.reactions).toMatchObject([
      { emoji: '🎉', count: 1, mine: false, people: [{ name: 'Ming' }] },
    ]);
  });
});

describe('Members', () => {
  it('hear nothing more once they are put out', async () => {
    const { id } = await makeConversation(server, olivia, [ming, pui]);
    await sync(asPui, [id]);
    await sync(asMing, [id]);
    await http(olivia, 'DELETE', `/api/conversations/${id}/members/${pui.person.id}`);
    await asPui.waitForEvent(({ session }) => session?.chat?.conversationRemoved === id);
    await say(asOlivia, id, 'now without Pui');
    await asMing.waitForEvent(({ topic, chat }) => topic === `conversation/${id}` && chat?.message?.body === 'now without Pui');
    expect(asPui.events.some(({ chat }) => chat?.message?.body === 'now without Pui')).toBe(false);
    await expect(readAll(asPui, id)).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
    await expect(say(asPui, id, 'still here')).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
  });

  it('who join late read only what came after, where the conversation says so, also by events', async () => {
    const { id } = await makeConversation(server, olivia, [ming], { historyFromJoin: true });
    const secret = await say(asOlivia, id, 'before Pui');
    await http(olivia, 'POST', `/api/conversations/${id}/members`, { personIds: [pui.person.id] });
    await sync(asPui, [id]);
    await say(asOlivia, id, 'hello Pui');
    await asOlivia.chat.edit({ conversationId: id, number: secret, body: 'before Pui, edited' });
    const event = await asPui.waitForEvent(({ topic, chat }) => topic === `conversation/${id}` && chat?.touched);
    expect(event).toBeTruthy();
    expect(JSON.stringify(asPui.events)).not.toContain('before Pui');
    expect((await readAll(asPui, id)).map(({ body }) => body)).not.toContain('before Pui, edited');
    const { messages } = await asPui.chat.fetch({ conversationId: id, changedAfter: 0 });
    expect(JSON.stringify(messages)).not.toContain('before Pui');
    const around = await asPui.chat.fetch({ conversationId: id, numbers: [secret] });
    expect(around.messages).toEqual([]);
    await expect(asPui.chat.react({ conversationId: id, number: secret, emoji: '👍', on: true })).rejects.toThrow(
      refusal('CHAT_MESSAGE_NOT_FOUND'),
    );
  });

  it('see what is their own on all of their devices', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const other = await server.connect(olivia.accessToken);
    await sync(other, [id]);
    await asOlivia.chat.saveDraft({ conversationId: id, body: 'half a thou' });
    await other.waitForEvent(({ session }) => session?.chat?.conversationChanged === id);
    const { conversations } = await sync(other, [id]);
    expect(conversations).toMatchObject([{ conversation: { draft: 'half a thou' } }]);
    const mutedUntil = new Date(Date.now() + 3_600_000).toISOString();
    expect((await http(olivia, 'PATCH', `/api/conversations/${id}/mine`, { notify: 'mentions', mutedUntil })).answer).toMatchObject({
      notify: 'mentions',
      mutedUntil,
    });
    other.drop();
  });
});

describe('Messages', () => {
  let id: string;
  beforeEach(async () => {
    ({ id } = await makeConversation(server, olivia, [ming, pui]));
    await Promise.all([asOlivia, asMing, asPui].map((as) => sync(as, [id])));
  });

  it('reach everybody who is there, numbered without holes', async () => {
    const numbers = [await say(asOlivia, id, 'one'), await say(asMing, id, 'two'), await say(asPui, id, 'three')];
    expect(numbers).toEqual([2, 3, 4]);
    const event = await asMing.waitForEvent(({ topic, number }) => topic === `conversation/${id}` && number === 4);
    expect(event).toBeTruthy();
  });

  it('are stored once, however often they are sent', async () => {
    const clientId = randomUUID();
    const numbers = await Promise.all([1, 2, 3].map(() => say(asOlivia, id, 'once', { clientId })));
    expect(new Set(numbers).size).toBe(1);
    await expect(
      asOlivia.chat.send({ conversationId: (await makeConversation(server, olivia, [])).id, clientId, body: 'x' }),
    ).rejects.toThrow(refusal('CHAT_BAD_CLIENT_ID'));
  });

  it('are refused when they are empty, too long, or to nobody, and take no number', async () => {
    await expect(say(asOlivia, id, ' \n\0')).rejects.toThrow(refusal('CHAT_EMPTY'));
    await expect(say(asOlivia, id, '字'.repeat(8_001))).rejects.toThrow(refusal('CHAT_TOO_LONG'));
    await expect(say(asOlivia, randomUUID(), 'x')).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
    await expect(say(asOlivia, 'no id', 'x')).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
    await expect(asOlivia.chat.send({ conversationId: id, clientId: 'x', body: 'x' })).rejects.toThrow(refusal('CHAT_BAD_CLIENT_ID'));
    await expect(say(asOlivia, id, 'x', { mentions: Array.from({ length: 5_000 }, () => ming.person.id) })).rejects.toThrow(
      refusal('CHAT_MENTIONS'),
    );
    await expect(say(asOlivia, id, 'x', { mentions: [randomUUID()] })).rejects.toThrow(refusal('CHAT_MENTIONS'));
    await expect(say(asOlivia, id, 'x', { thread: 77 })).rejects.toThrow(refusal('CHAT_MESSAGE_NOT_FOUND'));
    await expect(say(asOlivia, id, 'x', { attachmentIds: [randomUUID()] })).rejects.toThrow(refusal('CHAT_ATTACHMENT'));
    expect(await say(asOlivia, id, '𨋢'.repeat(8_000))).toBe(2);
  });

  it('keep what they were before they were edited', async () => {
    const number = await say(asOlivia, id, 'Tuesday');
    const { message } = await asOlivia.chat.edit({ conversationId: id, number, body: 'Wednesday' });
    expect(message).toMatchObject({ number, changed: number + 1, body: 'Wednesday' });
    await asMing.waitForEvent(({ topic, chat }) => topic === `conversation/${id}` && chat?.message?.body === 'Wednesday');
    const path = `/api/conversations/${id}/messages/${number}/history`;
    const { changes } = await server.get(historySchema, 'GET', path, undefined, ming.accessToken);
    expect(changes).toMatchObject([{ kind: 'edit', by: 'Olivia', before: 'Tuesday' }]);
    await expect(asMing.chat.edit({ conversationId: id, number, body: 'never' })).rejects.toThrow(refusal('CHAT_FORBIDDEN'));
    expect((await asOlivia.chat.edit({ conversationId: id, number, body: 'Wednesday' })).number).toBe(0);
  });

  it('that are recalled leave a tombstone, and can not be changed any more', async () => {
    const number = await say(asMing, id, 'oh no', { mentions: [pui.person.id] });
    await asPui.chat.react({ conversationId: id, number, emoji: '👀', on: true });
    await asMing.chat.recall({ conversationId: id, number });
    const [gone] = (await asPui.chat.fetch({ conversationId: id, numbers: [number] })).messages;
    expect(gone).toMatchObject({ body: '', mentions: [], reactions: [] });
    expect(gone?.recalledAtMs).toBeGreaterThan(0);
    await expect(asMing.chat.edit({ conversationId: id, number, body: 'again' })).rejects.toThrow(refusal('CHAT_RECALLED'));
    await expect(asPui.chat.react({ conversationId: id, number, emoji: '👀', on: true })).rejects.toThrow(refusal('CHAT_RECALLED'));
    expect((await http(pui, 'GET', `/api/conversations/${id}/messages/${number}/history`)).code).toBe('CHAT_RECALLED');
    expect((await asMing.chat.recall({ conversationId: id, number })).number).toBe(0);
  });

  it('of others are recalled by admins alone', async () => {
    const number = await say(asMing, id, 'rude');
    await expect(asPui.chat.recall({ conversationId: id, number })).rejects.toThrow(refusal('CHAT_FORBIDDEN'));
    expect((await asOlivia.chat.recall({ conversationId: id, number })).number).toBeGreaterThan(0);
  });

  it('take reactions, each person each emoji once', async () => {
    const number = await say(asOlivia, id, 'lunch?');
    const react = (as: SocketClient, emoji: string, on = true) => as.chat.react({ conversationId: id, number, emoji, on });
    await Promise.all([react(asMing, '👍'), react(asPui, '👍'), react(asMing, '👍')]);
    await react(asPui, '👍', false);
    await react(asMing, '❤️');
    const [message] = (await asMing.chat.fetch({ conversationId: id, numbers: [number] })).messages;
    expect(message?.reactions).toMatchObject([
      { emoji: '👍', count: 1, mine: true },
      { emoji: '❤️', count: 1, mine: true },
    ]);
    for (const emoji of ['', 'yes', '👍👍', '<script>']) await expect(react(asMing, emoji)).rejects.toThrow(refusal('CHAT_REACTION'));
    await asOlivia.waitForEvent(({ chat }) => chat?.reaction?.messageNumber === number && chat.reaction.emoji === '❤️');
  });

  it('are pinned and found by their pin', async () => {
    const number = await say(asOlivia, id, 'the wifi password is on the wall');
    await say(asMing, id, 'thanks');
    await asMing.chat.pin({ conversationId: id, number, on: true });
    expect((await asPui.chat.fetch({ conversationId: id, pinned: true })).messages.map((m) => m.number)).toEqual([number]);
    await asPui.chat.pin({ conversationId: id, number, on: false });
    expect((await asPui.chat.fetch({ conversationId: id, pinned: true })).messages).toEqual([]);
  });

  it('stand in threads of one level, which are counted at their root', async () => {
    const root = await say(asOlivia, id, 'topic');
    const reply = await say(asMing, id, 'first', { thread: root });
    await say(asPui, id, 'second', { thread: reply });
    const main = await asPui.chat.fetch({ conversationId: id, after: 0, thread: 0 });
    expect(main.messages.filter(({ kind }) => kind === causeway.MessageKind.TEXT).map(({ body, replies }) => [body, replies])).toEqual([
      ['topic', 2],
    ]);
    const thread = await asPui.chat.fetch({ conversationId: id, after: 0, thread: root });
    expect(thread.messages.map(({ body }) => body)).toEqual(['topic', 'first', 'second']);
  });

  it('ask, are answered once by each, and are closed by who asked', async () => {
    const number = await say(asOlivia, id, 'Where to?', { poll: { options: ['Peak', 'Beach'], multiple: false, anonymous: true } });
    const vote = (as: SocketClient, options: number[]) => as.chat.vote({ conversationId: id, number, options });
    await Promise.all([vote(asMing, [0]), vote(asPui, [1])]);
    await vote(asMing, [1]);
    await expect(vote(asMing, [0, 1])).rejects.toThrow(refusal('CHAT_POLL'));
    await expect(vote(asMing, [2])).rejects.toThrow(refusal('CHAT_POLL'));
    const [poll] = (await asMing.chat.fetch({ conversationId: id, numbers: [number] })).messages;
    expect(poll?.poll).toMatchObject({
      voters: 2,
      options: [
        { votes: 0, mine: false },
        { votes: 2, mine: true },
      ],
    });
    await expect(asMing.chat.closePoll({ conversationId: id, number })).rejects.toThrow(refusal('CHAT_FORBIDDEN'));
    await asOlivia.chat.closePoll({ conversationId: id, number });
    await expect(vote(asPui, [0])).rejects.toThrow(refusal('CHAT_POLL'));
    const actors = await server.database.query('select actor_id from message_changes where conversation_id = $1 and kind = $2', [
      id,
      'vote',
    ]);
    expect(actors.every(({ actor_id }) => actor_id === null)).toBe(true);
  });

  it('are forwarded with their origin, only from where one reads', async () => {
    const number = await say(asOlivia, id, 'the plan');
    const other = await makeConversation(server, ming, [pui]);
    const forwarded = await say(asMing, other.id, '', { forward: { conversationId: id, number } });
    const [message] = (await asPui.chat.fetch({ conversationId: other.id, numbers: [forwarded] })).messages;
    expect(message).toMatchObject({ body: 'the plan', forwarded: { senderName: 'Olivia', number } });
    await expect(say(asMing, other.id, 'and I quit', { forward: { conversationId: id, number } })).rejects.toThrow(
      refusal('REQUEST_INVALID'),
    );
    const secret = await makeConversation(server, olivia, []);
    const hidden = await say(asOlivia, secret.id, 'secret');
    await expect(say(asMing, other.id, '', { forward: { conversationId: secret.id, number: hidden } })).rejects.toThrow(
      refusal('CHAT_NOT_FOUND'),
    );
  });

  it('are sent and read by programs over HTTP', async () => {
    const path = `/api/conversations/${id}/messages`;
    const sent = await server.get(messageSchema, 'POST', path, { body: '<b>hello</b>' }, ming.accessToken);
    const page = await server.get(messagesSchema, 'GET', `${path}?after=1`, undefined, pui.accessToken);
    expect(page.messages).toEqual([sent]);
    expect((await http(pui, 'GET', `${path}?after=1&before=2`)).status).toBe(400);
    expect((await http(pui, 'POST', path, { body: 7 })).code).toBe('REQUEST_INVALID');
  });
});

describe('What is unread', () => {
  it('is counted without one’s own, recalled and system lines, and goes on all devices', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const second = await server.connect(ming.accessToken);
    await sync(second, [id]);
    const first = await say(asOlivia, id, 'one');
    const gone = await say(asOlivia, id, 'two');
    await say(asOlivia, id, '@Ming three', { mentions: [ming.person.id] });
    await say(asMing, id, 'mine');
    await asOlivia.chat.recall({ conversationId: id, number: gone });
    const head = async () => (await sync(asMing, [id])).conversations?.[0]?.conversation;
    expect(await head()).toMatchObject({ unread: 2, unreadMentions: 1 });
    expect(await asMing.chat.markRead({ conversationId: id, number: first })).toMatchObject({
      readNumber: first,
      unread: 1,
      unreadMentions: 1,
    });
    expect(await asMing.chat.markRead({ conversationId: id, number: 1 })).toMatchObject({ readNumber: first });
    const moved = await second.waitForEvent(({ session }) => session?.chat?.readMoved);
    expect(moved).toBeTruthy();
    // Nobody has read what is not written yet.
    expect((await asMing.chat.markRead({ conversationId: id, number: 1_000_000 })).readNumber).toBeLessThan(20);
    expect(await head()).toMatchObject({ unread: 0, unreadMentions: 0 });
    second.drop();
  });

  it('of threads counts for those who take part', async () => {
    const { id } = await makeConversation(server, olivia, [ming, pui]);
    const root = await say(asOlivia, id, 'topic');
    await Promise.all([asMing, asPui].map((as) => as.chat.markRead({ conversationId: id, number: root })));
    await say(asMing, id, 'reply', { thread: root });
    const unread = async (as: SocketClient) => (await sync(as, [id])).conversations?.[0]?.conversation?.unread;
    expect([await unread(asOlivia), await unread(asPui)]).toEqual([1, 0]);
  });

  it('is known by person for the sender, and told to the others', async () => {
    const { id } = await makeConversation(server, olivia, [ming, pui]);
    const number = await say(asOlivia, id, 'please read');
    await sync(asOlivia, [id]);
    await asMing.chat.markRead({ conversationId: id, number });
    await asOlivia.waitForEvent(({ topic, chat }) => topic === `conversation/${id}` && chat?.reads?.people?.[0]?.number === number);
    const { read, unread } = await asOlivia.chat.listReaders({ conversationId: id, number });
    expect([read.map(({ name }) => name), unread.map(({ name }) => name)]).toEqual([['Ming'], ['Pui']]);
  });
});

describe('Sync', () => {
  it('gives what changed after each cursor, and nothing where nothing did', async () => {
    const [one, two] = await Promise.all([makeConversation(server, olivia, [ming]), makeConversation(server, olivia, [ming])]);
    const number = await say(asOlivia, one.id, 'one');
    const first = await sync(asMing, [one.id, two.id]);
    const cursors = first.conversations.map(({ conversation, cursor }) => ({
      conversationId: conversation?.id ?? '',
      number: cursor ?? 0,
      readNumber: conversation?.readNumber ?? 0,
      version: conversation?.version ?? 0,
    }));
    expect((await sync(asMing, [one.id, two.id], cursors, first.epoch)).conversations).toEqual([]);
    await asOlivia.chat.edit({ conversationId: one.id, number, body: 'one, edited' });
    await say(asOlivia, one.id, 'two');
    const again = await sync(asMing, [one.id, two.id], cursors, first.epoch);
    expect(again.conversations.map(({ conversation, messages }) => [conversation?.id, messages?.map(({ body }) => body)])).toEqual([
      [one.id, ['one, edited', 'two']],
    ]);
    expect(again.conversations[0]?.cursor).toBe(number + 2);
  });

  it('says what is gone, and forgets cursors of another history', async () => {
    const { id } = await makeConversation(server, olivia, [pui]);
    await http(olivia, 'DELETE', `/api/conversations/${id}/members/${pui.person.id}`);
    const { gone } = await sync(asPui, [id], [{ conversationId: id, number: 1 }]);
    expect(gone).toEqual([id]);
    expect(await sync(asPui, [randomUUID()], [], randomUUID())).toMatchObject({ reset: true });
    const tooMany = Array.from({ length: 1_001 }, () => ({ conversationId: id, number: 0 }));
    await expect(sync(asPui, [], tooMany)).rejects.toThrow(refusal('REQUEST_INVALID'));
  });

  it('subscribes: what comes after it is heard', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const fresh = await server.connect(ming.accessToken);
    const { conversations } = await sync(fresh);
    expect(conversations.some(({ conversation }) => conversation?.id === id)).toBe(true);
    const number = await say(asOlivia, id, 'after the sync');
    await fresh.waitForEvent((event) => event.topic === `conversation/${id}` && event.number === number);
    fresh.drop();
  });
});

describe('Presence and typing', () => {
  it('tell those who watch, and nobody else', async () => {
    const wing = await server.invite(olivia, 'Wing');
    await asOlivia.chat.watchPresence({ personIds: [wing.person.id, randomUUID()] });
    const asWing = await server.connect(wing.accessToken);
    await sync(asWing, [randomUUID()]);
    const becomes = (status: causeway.PresenceStatus) =>
      asOlivia.waitForEvent(({ session }) =>
        session?.chat?.presence?.people?.some(({ personId, status: now }) => personId === wing.person.id && now === status),
      );
    await becomes(causeway.PresenceStatus.ONLINE);
    await asWing.chat.watchPresence({ personIds: [], idle: true });
    await becomes(causeway.PresenceStatus.AWAY);
    asWing.drop();
    await asOlivia.waitForEvent(({ session }) =>
      session?.chat?.presence?.people?.some(
        ({ personId, status }) => personId === wing.person.id && (status ?? 0) === causeway.PresenceStatus.OFFLINE,
      ),
    );
    expect(asPui.events.some(({ session }) => session?.chat?.presence)).toBe(false);
    const { people } = await asOlivia.chat.watchPresence({ personIds: [wing.person.id, ming.person.id] });
    expect(people.find(({ personId }) => personId === wing.person.id)?.status ?? 0).toBe(causeway.PresenceStatus.OFFLINE);
  });

  it('tell who writes, to members alone', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    await sync(asMing, [id]);
    await asOlivia.chat.type({ conversationId: id });
    const event = await asMing.waitForEvent(({ topic, chat }) => topic === `conversation/${id}` && chat?.typing?.person?.name === 'Olivia');
    expect(event).toBeTruthy();
    await expect(asPui.chat.type({ conversationId: id })).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
  });
});
