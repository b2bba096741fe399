/** The search of a real server: what is said over sockets is found over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationFace } from '../../../../src/chat/schema.js';
import { type Found, foundSchema } from '../../../../src/chat/search/schema.js';
import type { SignedIn } from '../../../support/api.js';
import { makeConversation, say } from '../../../support/chat.js';
import { waitFor } from '../../../support/index.js';
import { startTestServer, type TestServer } from '../../../support/server.js';
import type { SocketClient } from '../../../support/socket-client.js';

let server: TestServer;
let olivia: SignedIn;
let ming: SignedIn;
let asOlivia: SocketClient;
let group: ConversationFace;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner('Olivia');
  ming = await server.invite(olivia, 'Ming');
  asOlivia = await server.connect(olivia.accessToken);
  group = await makeConversation(server, olivia, [ming], { title: 'Harbour' });
});
afterAll(async () => {
  asOlivia?.drop();
  await server?.close();
});

const find = (by: SignedIn, query: Readonly<Record<string, string>>): Promise<Found> =>
  server.get(foundSchema, 'GET', `/api/search/messages?${new URLSearchParams(query).toString()}`, undefined, by.accessToken);
/** Messages become searchable a moment after they are said. */
const found = (by: SignedIn, q: string) =>
  waitFor(async () => {
    const { messages } = await find(by, { q });
    return messages.length > 0 && messages;
  }, `"${q}" is found`);
const gone = (by: SignedIn, q: string) => waitFor(async () => (await find(by, { q })).messages.length === 0, `"${q}" is gone`);

describe('The search of a server', () => {
  it('finds what was said, by whoever is a member, and what it was edited into, and nothing once it is recalled', async () => {
    const number = await say(asOlivia, group.id, '第三季預算 is ready');
    const [first] = await found(ming, '预算');
    expect(first).toMatchObject({
      conversation: { id: group.id, kind: 'group', title: 'Harbour' },
      number,
      sender: { id: olivia.person.id, name: 'Olivia', app: false },
      highlights: [[3, 5]],
    });
    await asOlivia.chat.edit({ conversationId: group.id, number, body: '第四季結算' });
    await found(ming, '结算');
    expect((await find(ming, { q: '预算' })).messages).toEqual([]);
    await asOlivia.chat.recall({ conversationId: group.id, number });
    await gone(ming, '结算');
  });

  it('gives code in a message back as the text that it is', async () => {
    const body = '<img src=x onerror=alert(1)> <script>alert("searched")</script>';
    await say(asOlivia, group.id, body);
    const [first] = await found(ming, 'searched');
    expect(first?.snippet.text).toBe(body);
  });

  it('refuses what is no search', async () => {
    const code = async (query: string) => {
      const { status, body } = await server.api('GET', `/api/search/messages?${query}`, undefined, ming.accessToken);
      const { error } = body as { error: { code: string; field?: string } };
      return [status, error.code, error.field];
    };
    expect(await code('')).toEqual([400, 'REQUEST_INVALID', 'q']);
    expect(await code('q=%20')).toEqual([400, 'REQUEST_INVALID', 'q']);
    expect(await code(`q=${'a'.repeat(201)}`)).toEqual([400, 'REQUEST_INVALID', 'q']);
    expect(await code('q=a&q=b')).toEqual([400, 'REQUEST_INVALID', 'q']);
    expect(await code('q=...')).toEqual([400, 'CHAT_SEARCH_EMPTY', 'q']);
    expect(await code('q=a&from=me')).toEqual([400, 'REQUEST_INVALID', 'from']);
    expect(await code('q=a&has=everything')).toEqual([400, 'REQUEST_INVALID', 'has']);
    expect(await code('q=a&since=yesterday')).toEqual([400, 'REQUEST_INVALID', 'since']);
    expect(await code('q=a&until=-000001-01-01T00:00:00Z')).toEqual([400, 'REQUEST_INVALID', 'until']);
    expect(await code('q=a&limit=1000')).toEqual([400, 'REQUEST_INVALID', 'limit']);
    expect(await code('q=a&cursor=x')).toEqual([400, 'REQUEST_INVALID', 'cursor']);
    expect(await code(`q=a&conversation=${olivia.person.id}`)).toEqual([404, 'CHAT_NOT_FOUND', 'conversation']);
  });

  it('answers invalid UTF-8 and NUL like any other text', async () => {
    for (const query of ['q=%ff%fe', 'q=%00', 'q=a%00b', 'q=%ed%a0%80']) {
      const { status } = await server.api('GET', `/api/search/messages?${query}`, undefined, ming.accessToken);
      expect([200, 400], query).toContain(status);
    }
  });
});
