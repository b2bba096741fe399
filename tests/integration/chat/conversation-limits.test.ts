/** How many conversations one person may begin, on a real server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SignedIn } from '../../support/api.js';
import { makeConversation } from '../../support/chat.js';
import { startTestServer, type TestServer } from '../../support/server.js';

let server: TestServer;
let olivia: SignedIn;
let ming: SignedIn;

beforeAll(async () => {
  server = await startTestServer({ CHAT_CONVERSATIONS_PER_HOUR: 3, CHAT_CONVERSATIONS_PER_DAY: 5 });
  olivia = await server.setUpOwner('Olivia');
  ming = await server.invite(olivia, 'Ming');
});
afterAll(() => server?.close());

const begin = (by: SignedIn) =>
  server.api('POST', '/api/conversations', { kind: 'group', title: 'Harbour', memberIds: [] }, by.accessToken);
const anHourAgo = () => server.database.query(`update conversations set created_at = created_at - interval '61 minutes'`);
const refused = {
  status: 429,
  body: { error: { code: 'CHAT_CONVERSATIONS_RATE', message: expect.stringContaining('3 conversations in an hour and 5 in a day') } },
};

it('is so many in an hour, also when they are begun at once, and so many in a day', async () => {
  const statuses = (await Promise.all([1, 2, 3, 4, 5].map(() => begin(olivia)))).map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect(await begin(olivia)).toMatchObject(refused);
  await anHourAgo();
  expect([(await begin(olivia)).status, (await begin(olivia)).status]).toEqual([200, 200]);
  await anHourAgo();
  expect(await begin(olivia)).toMatchObject(refused);
  // Everybody has his own, and what is there already is found.
  const direct = await makeConversation(server, ming, [olivia], { kind: 'direct' });
  expect((await makeConversation(server, olivia, [ming], { kind: 'direct' })).id).toBe(direct.id);
});
