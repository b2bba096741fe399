/** What somebody would try who means harm: by ways around rules, by words that come late, by text that is none. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { appMadeSchema, incomingWebhookMadeSchema } from '../../../src/chat/bots/schema.js';
import { domainSchema } from '../../../src/chat/domains/schema.js';
import { conversationSchema, membersSchema } from '../../../src/chat/schema.js';
import type { SignedIn } from '../../support/api.js';
import { makeConversation, readAll, say } from '../../support/chat.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import type { SocketClient } from '../../support/socket-client.js';
import { uploadTo } from '../../support/uploads.js';

/** A Hong Kong identity card number with a right check digit. */
const hkid = 'A123456(3)';
const idSchema = z.object({ id: z.uuid() });
let server: TestServer;
let olivia: SignedIn;
let ming: SignedIn;
let asOlivia: SocketClient;
let asMing: SocketClient;

beforeAll(async () => {
  server = await startTestServer({ SOCKET_REQUESTS_PER_SECOND: 1_000, SOCKET_REQUEST_BURST: 5_000, CHAT_BODY_CHARACTERS: 100 });
  olivia = await server.setUpOwner();
  ming = await server.invite(olivia, 'Ming');
  asOlivia = await server.connect(olivia.accessToken);
  asMing = await server.connect(ming.accessToken);
});
afterAll(async () => {
  for (const client of [asOlivia, asMing]) client?.drop();
  await server?.close();
});

const call = (method: string, path: string, body: unknown, by = olivia) => server.api(method, path, body, by.accessToken);
const post = <Schema extends z.ZodType>(schema: Schema, path: string, body: unknown) =>
  server.get(schema, 'POST', path, body, olivia.accessToken);
const refusal = (code: string) => ({ body: { error: { code } } });

/** While it is there, nothing with an identity card number may be kept. */
async function whileBlocking(run: () => Promise<void>): Promise<void> {
  const rule = await post(idSchema, '/api/dlp/rules', { name: 'No cards', enabled: true, action: 'block', detectors: ['hkid'] });
  try {
    await run();
  } finally {
    await call('DELETE', `/api/dlp/rules/${rule.id}`, undefined);
  }
}

describe('Text that the database does not hold', () => {
  it('loses it where people write, and is refused where programs do', async () => {
    const made = await call('POST', '/api/conversations', { kind: 'group', title: 'Te\0am', description: 'a\0b\ud800' });
    expect(made).toMatchObject({ status: 200, body: { title: 'Team', description: 'ab\ufffd' } });
    for (const half of ['\0', '\ud800']) {
      const pattern = { name: 'Word', pattern: `a${half}b` };
      expect(await call('POST', '/api/dlp/rules', { name: 'Halves', action: 'warn', patterns: [pattern] })).toMatchObject({ status: 400 });
    }
    const app = { name: 'Bot', scopes: ['messages:read'], redirectUris: ['https://bot.example/a\0b'] };
    expect(await call('POST', '/api/apps', app)).toMatchObject({ status: 400, ...refusal('REQUEST_INVALID') });
  });

  it('is no time of an export either', async () => {
    const { id } = await makeConversation(server, olivia, []);
    const until = '9999-12-31T23:59:59-14:00';
    expect(await call('POST', '/api/exports', { conversationIds: [id], until })).toMatchObject({ status: 400 });
  });
});

describe('Content that is blocked', () => {
  it('does not come as the name of a conversation, nor as what it is about', () =>
    whileBlocking(async () => {
      const { id } = await makeConversation(server, olivia, []);
      const blocked = { status: 403, ...refusal('CHAT_DLP_BLOCKED') };
      expect(await call('POST', '/api/conversations', { kind: 'group', title: `For ${hkid}` })).toMatchObject(blocked);
      expect(await call('PATCH', `/api/conversations/${id}`, { title: hkid })).toMatchObject(blocked);
      expect(await call('PATCH', `/api/conversations/${id}`, { description: `About ${hkid}` })).toMatchObject(blocked);
      expect(await call('PATCH', `/api/conversations/${id}`, { title: 'Harmless' })).toMatchObject({ status: 200 });
    }));

  it('is not kept as a draft', () =>
    whileBlocking(async () => {
      const { id } = await makeConversation(server, olivia, []);
      const draft = async () => (await asOlivia.chat.sync({ only: [id] })).conversations[0]?.conversation?.draft;
      await asOlivia.chat.saveDraft({ conversationId: id, body: 'I shall write' });
      expect(await draft()).toBe('I shall write');
      // The device is told, so that it does not take the empty draft for that of another device.
      const saved = asOlivia.chat.saveDraft({ conversationId: id, body: `I shall write ${hkid}` });
      await expect(saved).rejects.toMatchObject({ code: 'CHAT_DLP_BLOCKED' });
      expect(await draft()).toBe('');
    }));

  it('does not come as the name that an incoming webhook gives itself', () =>
    whileBlocking(async () => {
      const app = await post(appMadeSchema, '/api/apps', { name: 'Bot', scopes: ['messages:write'] });
      const { id } = await makeConversation(server, olivia, []);
      await call('POST', `/api/conversations/${id}/members`, { personIds: [app.id] });
      const hook = await post(incomingWebhookMadeSchema, '/api/incoming-webhooks', { name: 'CI', appId: app.id, conversationId: id });
      const { pathname } = new URL(hook.url);
      expect(await server.api('POST', pathname, { text: 'done', username: hkid })).toMatchObject(refusal('CHAT_DLP_BLOCKED'));
      expect((await server.api('POST', pathname, { text: 'done', username: 'Build' })).status).toBe(200);
      expect((await readAll(asOlivia, id)).at(-1)).toMatchObject({ senderName: 'Build · Bot', body: 'done' });
    }));

  it('does not come with the text of a link in the middle', () =>
    whileBlocking(async () => {
      const { id } = await makeConversation(server, olivia, []);
      await expect(say(asOlivia, id, 'A12[34](https://a.example "x")56(3)')).rejects.toMatchObject({ code: 'CHAT_DLP_BLOCKED' });
    }));
});

describe('A message that is forwarded', () => {
  it('takes no words of its own, and stays as it was written', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const forward = { conversationId: id, number: await say(asOlivia, id, 'x'.repeat(60)) };
    const forwarded = await say(asMing, id, '', { forward });
    await expect(say(asMing, id, 'I quit', { forward })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    const edit = asMing.chat.edit({ conversationId: id, number: forwarded, body: 'what Olivia never said' });
    await expect(edit).rejects.toMatchObject({ code: 'CHAT_FORBIDDEN' });
  });

  it('leaves no copy of its file where a rule between domains does not let it go', async () => {
    const vault = await post(domainSchema, '/api/domains', { name: 'Vault' });
    await server.get(z.unknown(), 'PUT', `/api/people/${olivia.person.id}/domains`, { domainIds: [vault.id] }, olivia.accessToken);
    const inside = await makeConversation(server, olivia, [], { domainId: vault.id });
    await server.get(z.unknown(), 'PUT', `/api/people/${olivia.person.id}/domains`, { domainIds: [] }, olivia.accessToken);
    const outside = await makeConversation(server, olivia, []);
    const rows = () => server.database.query('select 1 from attachments where conversation_id = $1', [outside.id]);
    await server.get(z.unknown(), 'PUT', `/api/people/${olivia.person.id}/domains`, { domainIds: [vault.id] }, olivia.accessToken);
    const file = await uploadTo(server, olivia.accessToken, inside.id, 'plans.txt', Buffer.from('plans'));
    const forward = { conversationId: inside.id, number: await say(asOlivia, inside.id, '', { attachmentIds: [file.id] }) };
    await expect(say(asOlivia, outside.id, '', { forward })).rejects.toMatchObject({ code: 'CHAT_DOMAIN_REFUSED' });
    expect(await rows()).toEqual([]);
    await server.get(z.unknown(), 'PUT', `/api/people/${olivia.person.id}/domains`, { domainIds: [] }, olivia.accessToken);
  });
});

describe('A call to everybody', () => {
  it('that is sent again is the same message, and a question of a rule does not use it up', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const body = { name: 'Words', enabled: true, action: 'warn', patterns: [{ name: 'Plan', pattern: 'heron' }] };
    const rule = await post(idSchema, '/api/dlp/rules', body);
    const call = { conversationId: id, clientId: randomUUID(), body: 'the heron comes', mentionsAll: true };
    await expect(asOlivia.chat.send(call)).rejects.toMatchObject({ code: 'CHAT_DLP_WARNED' });
    const { number } = await asOlivia.chat.send({ ...call, dlpAcknowledged: true });
    expect(await asOlivia.chat.send({ ...call, dlpAcknowledged: true })).toMatchObject({ number });
    await expect(say(asOlivia, id, 'and again', { mentionsAll: true })).rejects.toMatchObject({ code: 'CHAT_MENTIONS' });
    await server.api('DELETE', `/api/dlp/rules/${rule.id}`, undefined, olivia.accessToken);
  });

  it('that is sent again before it is answered is one call', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const call = { conversationId: id, clientId: randomUUID(), body: 'come all', mentionsAll: true };
    const answers = await Promise.all(
      [call, { ...call, clientId: call.clientId.toUpperCase() }, call].map((one) => asOlivia.chat.send(one)),
    );
    expect(new Set(answers.map(({ number }) => number)).size).toBe(1);
  });
});

describe('Somebody who is no admin any more', () => {
  it('announces nothing, though this node has not heard of it yet', async () => {
    const { id } = await makeConversation(server, olivia, [ming], { kind: 'announcement' });
    await server.api('PATCH', `/api/conversations/${id}/members/${ming.person.id}`, { role: 'admin' }, olivia.accessToken);
    await say(asMing, id, 'The lift is being mended.');
    // As another node does it whose word gets lost.
    await server.database.query(`update conversation_members set role = 'member' where conversation_id = $1 and person_id = $2`, [
      id,
      ming.person.id,
    ]);
    await expect(say(asMing, id, 'No, it is not.')).rejects.toMatchObject({ code: 'CHAT_FORBIDDEN' });
  });
});

describe('Somebody who was put out of a conversation', () => {
  it('neither writes nor acts in it, though this node has not heard of it yet', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const number = await say(asMing, id, 'I am here');
    // As another node does it whose word gets lost.
    await server.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [id, ming.person.id]);
    await expect(say(asMing, id, 'still')).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' });
    const place = { conversationId: id, number };
    await expect(asMing.chat.edit({ ...place, body: 'still' })).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' });
    await expect(asMing.chat.react({ ...place, emoji: '👍', on: true })).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' });
    expect((await readAll(asOlivia, id)).at(-1)).toMatchObject({ number, body: 'I am here' });
  });

  it('changes nothing of it either, though he was its admin', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    await call('PATCH', `/api/conversations/${id}/members/${ming.person.id}`, { role: 'admin' });
    await say(asMing, id, 'I am here');
    await server.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [id, ming.person.id]);
    expect(await call('PATCH', `/api/conversations/${id}`, { title: 'Mine' }, ming)).toMatchObject({ status: 404 });
    expect(await call('DELETE', `/api/conversations/${id}/members/${olivia.person.id}`, undefined, ming)).toMatchObject({ status: 404 });
    const { title } = await server.get(conversationSchema, 'GET', `/api/conversations/${id}`, undefined, olivia.accessToken);
    expect(title).toBe('Harbour');
  });

  it('as little as anybody in one that was archived meanwhile, while others go on', async () => {
    const [closed, open] = [await makeConversation(server, olivia, [ming]), await makeConversation(server, olivia, [ming])];
    await say(asMing, closed.id, 'open still');
    await server.database.query('update conversations set archived_at = now() where id = $1', [closed.id]);
    const both = await Promise.allSettled([say(asMing, closed.id, 'late'), say(asMing, open.id, 'in time')]);
    expect(both).toMatchObject([{ status: 'rejected', reason: { code: 'CHAT_ARCHIVED' } }, { status: 'fulfilled' }]);
  });
});

describe('Many syncs of one person at once', () => {
  it('are all answered, one after the other', async () => {
    const { id: conversationId } = await makeConversation(server, olivia, [ming]);
    const number = await say(asOlivia, conversationId, 'hello');
    const cursors = [{ conversationId, number: 0, readNumber: 0, version: 0 }];
    const answers = await Promise.all(Array.from({ length: 30 }, () => asMing.chat.sync({ cursors, only: [conversationId] })));
    for (const { conversations } of answers) expect(conversations[0]).toMatchObject({ cursor: number });
    await expect(asMing.chat.sync({ only: Array(1_001).fill(conversationId) })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect((await asMing.chat.sync({ only: [conversationId] })).conversations).toHaveLength(1);
  });
});

describe('The members of a conversation', () => {
  it('always have an admin', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const role = (person: SignedIn, role: string) => call('PATCH', `/api/conversations/${id}/members/${person.person.id}`, { role });
    expect(await role(olivia, 'member')).toMatchObject({ status: 403, ...refusal('CHAT_FORBIDDEN') });
    expect((await role(ming, 'admin')).status).toBe(200);
    expect((await role(olivia, 'member')).status).toBe(200);
    expect(await server.get(conversationSchema, 'GET', `/api/conversations/${id}`, undefined, olivia.accessToken)).toMatchObject({
      role: 'member',
    });
  });

  it('leave what is archived, and an admin brings it back', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    expect((await call('PATCH', `/api/conversations/${id}`, { archived: true })).status).toBe(200);
    expect((await call('DELETE', `/api/conversations/${id}/members/${ming.person.id}`, undefined, ming)).status).toBe(200);
    expect((await call('PATCH', `/api/conversations/${id}`, { archived: false })).status).toBe(200);
  });

  it('are not given with their e-mail to an app that may not ask for people', async () => {
    const { id } = await makeConversation(server, olivia, []);
    const emails = async (scopes: string[]) => {
      const app = await post(appMadeSchema, '/api/apps', { name: 'Reader', scopes });
      await call('POST', `/api/conversations/${id}/members`, { personIds: [app.id] });
      const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: app.id, client_secret: app.clientSecret });
      const answer = await fetch(`${server.url}/api/oauth/token`, { method: 'POST', body: form });
      const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json());
      const { members } = await server.get(membersSchema, 'GET', `/api/conversations/${id}/members`, undefined, token);
      return members.find((member) => member.id === olivia.person.id)?.email;
    };
    expect(await emails(['conversations:read'])).toBeNull();
    expect(await emails(['conversations:read', 'people:read'])).toBe('olivia@harbour.example');
  });
});
