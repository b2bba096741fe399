/** A guest of a conversation against the whole server: what he reaches, and all that he does not. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { conversationGuestsSchema, guestInvitationMadeSchema } from '../../../../src/chat/domains/schema.js';
import { guestSchema, invitationFaceSchema, signedInSchema } from '../../../../src/services/accounts/schema.js';
import { type Answer, password, type SignedIn } from '../../../support/api.js';
import { SocketCallError } from '../../../support/index.js';
import { startTestServer, type TestServer } from '../../../support/server.js';

const conversationsSchema = z.object({ conversations: z.array(z.object({ id: z.string(), title: z.string() })) });
const messagesSchema = z.object({ messages: z.array(z.object({ body: z.string(), system: z.object({ what: z.string() }).nullable() })) });

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;
let gia: SignedIn;
let project: string;
let other: string;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  ana = await server.invite(olivia, 'Ana');
  project = await newConversation('Pier 4');
  other = await newConversation('Only us');
  await write(project, ana, 'before the guest');
  gia = await accept(await invite(project, 'gia@outside.example'), 'Gia');
});
afterAll(() => server?.close());

async function newConversation(title: string): Promise<string> {
  const body = { kind: 'group', title, memberIds: [olivia.person.id] };
  return (await server.get(z.object({ id: z.string() }), 'POST', '/api/conversations', body, ana.accessToken)).id;
}
const write = (id: string, by: SignedIn, body: string): Promise<Answer> =>
  server.api('POST', `/api/conversations/${id}/messages`, { body }, by.accessToken);
async function invite(id: string, email: string): Promise<string> {
  const { link } = await server.get(guestInvitationMadeSchema, 'POST', `/api/conversations/${id}/guests`, { email }, ana.accessToken);
  expect(link).toMatch(/\/invite#[\w-]{43}$/);
  return link.split('#')[1] ?? '';
}
const accept = (token: string, name: string): Promise<SignedIn> =>
  server.get(signedInSchema, 'POST', '/api/invitations/accept', { token, name, password });

describe('A guest of a conversation', () => {
  it('sees on the page of the invitation where it leads', async () => {
    const token = await invite(project, 'mia@outside.example');
    expect(await server.get(invitationFaceSchema, 'POST', '/api/invitations/look-up', { token })).toMatchObject({
      role: 'guest',
      conversation: 'Pier 4',
      known: false,
      invitedBy: 'Ana',
    });
  });

  it('joins exactly that conversation: nothing else is joined by accepting', async () => {
    const memberships = await server.database.query<{ conversation_id: string }>(
      'select conversation_id from conversation_members where person_id = $1',
      [gia.person.id],
    );
    expect(memberships).toEqual([{ conversation_id: project }]);
    const { conversations } = await server.get(conversationsSchema, 'GET', '/api/conversations', undefined, gia.accessToken);
    expect(conversations.map(({ id }) => id)).toEqual([project]);
  });

  it('reads what is written from then on, and writes', async () => {
    expect((await write(project, gia, 'good morning')).status).toBe(200);
    const path = `/api/conversations/${project}/messages`;
    const { messages } = await server.get(messagesSchema, 'GET', path, undefined, gia.accessToken);
    expect(messages.map(({ body, system }) => system?.what ?? body)).toEqual(['members-added', 'good morning']);
  });

  it('signs in by e-mail and password', async () => {
    const body = { email: 'gia@outside.example', password };
    expect((await server.get(signedInSchema, 'POST', '/api/auth/sign-in', body)).person).toMatchObject({ role: 'guest', name: 'Gia' });
  });

  it('finds no other conversation, by REST or by socket', async () => {
    for (const path of [other, `${other}/messages`, `${other}/members`]) {
      const answer = await server.api('GET', `/api/conversations/${path}`, undefined, gia.accessToken);
      expect(answer.body, path).toMatchObject({ error: { code: 'CHAT_NOT_FOUND' } });
    }
    const socket = await server.connect(gia.accessToken);
    const send = socket.chat.send({ conversationId: other, clientId: randomUUID(), body: 'hello' });
    expect(await send.catch((error: unknown) => (error instanceof SocketCallError ? error.code : error))).toBe('CHAT_NOT_FOUND');
    const { conversations } = await socket.chat.sync({});
    expect(conversations?.map(({ conversation }) => conversation?.id)).toEqual([project]);
    await socket.close();
  });

  it('lists no people, makes no conversation, starts no meeting, invites nobody', async () => {
    const calls: [string, string, unknown?][] = [
      ['GET', '/api/people'],
      ['GET', '/api/guests'],
      ['GET', '/api/invitations'],
      ['POST', '/api/invitations', { email: 'x@outside.example' }],
      ['POST', '/api/conversations', { kind: 'group', title: 'Mine' }],
      ['POST', `/api/conversations/${project}/members`, { personIds: [olivia.person.id] }],
      ['POST', `/api/conversations/${project}/guests`, { email: 'x@outside.example' }],
      ['POST', '/api/meetings', { title: 'Mine' }],
      ['GET', '/api/meetings'],
      ['GET', '/api/domains'],
      ['GET', '/api/domain-rules'],
    ];
    for (const [method, path, body] of calls)
      expect((await server.api(method, path, body, gia.accessToken)).body, `${method} ${path}`).toMatchObject({
        error: { code: 'AUTH_FORBIDDEN' },
      });
  });

  it('enters no meeting, though guests of meetings may', async () => {
    const meeting = await server.createMeeting(ana, { title: 'Open', lobby: 'off' });
    const socket = await server.connect(gia.accessToken);
    const join = socket.meeting.join({ meetingId: meeting.id, rtpCapabilities: await server.rtpCapabilities() });
    expect(await join.catch((error: unknown) => (error instanceof SocketCallError ? error.code : error))).toBe('MEETING_NOT_FOUND');
    await socket.close();
  });

  it('is made a member of nothing by colleagues', async () => {
    const answer = await server.api('POST', `/api/conversations/${other}/members`, { personIds: [gia.person.id] }, ana.accessToken);
    expect(answer.body).toMatchObject({ error: { code: 'CHAT_MEMBERS' } });
    const direct = await server.api('POST', '/api/conversations', { kind: 'direct', memberIds: [gia.person.id] }, ana.accessToken);
    expect(direct.body).toMatchObject({ error: { code: 'CHAT_MEMBERS' } });
  });

  it('has a name that is text and nothing else', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const mallory = await accept(await invite(project, 'mallory@outside.example'), name);
    const { guests } = await server.get(
      conversationGuestsSchema,
      'GET',
      `/api/conversations/${project}/guests`,
      undefined,
      ana.accessToken,
    );
    expect(guests.find(({ id }) => id === mallory.person.id)?.name).toBe(name);
  });

  it('is removed by an administrator: his sockets are cut, and nothing of his answers any more', async () => {
    const gus = await accept(await invite(project, 'gus@outside.example'), 'Gus');
    const socket = await server.connect(gus.accessToken);
    const { guests } = await server.get(z.object({ guests: z.array(guestSchema) }), 'GET', '/api/guests', undefined, olivia.accessToken);
    expect(guests.find(({ name }) => name === 'Gus')?.conversations).toEqual([{ id: project, title: 'Pier 4' }]);
    expect((await server.api('DELETE', `/api/guests/${gus.person.id}`, undefined, ana.accessToken)).status).toBe(403);
    expect((await server.api('DELETE', `/api/guests/${gus.person.id}`, undefined, olivia.accessToken)).status).toBe(200);
    expect(await socket.closed).toMatchObject({ goodbye: 'AUTH_SIGNED_OUT' });
    expect((await server.api('GET', '/api/me', undefined, gus.accessToken)).body).toMatchObject({ error: { code: 'AUTH_SIGNED_OUT' } });
    const path = `/api/conversations/${project}/messages`;
    const { messages } = await server.get(messagesSchema, 'GET', path, undefined, ana.accessToken);
    expect(messages.at(-1)?.system?.what).toBe('member-removed');
  });
});

describe('Bad input to domains and guests', () => {
  it.each([
    ['POST', '/api/domains', { name: '' }],
    ['POST', '/api/domains', { name: '\u202e\u0000' }],
    ['POST', '/api/domains', { name: 'x'.repeat(81) }],
    ['POST', '/api/domains', { name: 7 }],
    ['POST', '/api/domain-rules', { name: 'x', allow: 'yes' }],
    ['POST', '/api/domain-rules', { name: 'x', allow: true, what: 'everything' }],
    ['POST', '/api/domain-rules', { name: 'x', allow: true, from: 'nowhere' }],
    ['PATCH', '/api/domains/not-an-id', { name: 'x' }],
    ['PUT', '/api/people/not-an-id/domains', { domainIds: [] }],
    ['POST', '/api/conversations/not-an-id/guests', { email: 'a@b.example' }],
  ])('is refused: %s %s %j', async (method, path, body) => {
    expect((await server.api(method, path, body, olivia.accessToken)).body).toMatchObject({ error: { code: 'REQUEST_INVALID' } });
  });

  it('is refused: an invitation to what is no address', async () => {
    for (const email of ['', 'gia', 'a@b', `${'a'.repeat(300)}@b.example`, 'a@b.example\r\nBcc: c@d.example', 7]) {
      const answer = await server.api('POST', `/api/conversations/${project}/guests`, { email }, ana.accessToken);
      expect(answer.body, String(email)).toMatchObject({ error: { code: 'REQUEST_INVALID' } });
    }
  });

  it('is refused: a new conversation in a domain that is not there', async () => {
    const body = { kind: 'group', title: 'x', domainId: randomUUID() };
    expect((await server.api('POST', '/api/conversations', body, ana.accessToken)).body).toMatchObject({
      error: { code: 'CHAT_DOMAIN_NOT_FOUND' },
    });
  });
});
