/** Notifications, urgent and scheduled messages on a whole server: over HTTP and the socket, with real sign-ins. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  notificationPolicyChangedSchema,
  notificationSettingsSchema,
  pushKeySchema,
  scheduledSchema,
} from '../../../../src/chat/notify/schema.js';
import type { SignedIn } from '../../../support/api.js';
import { type SocketClient, waitFor } from '../../../support/index.js';
import { type Device, type PushService, startPushService } from '../../../support/push-service.js';
import { startTestServer, type TestServer } from '../../../support/server.js';

let push: PushService;
let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;
let conversationId: string;
let ofOlivia: SocketClient;

beforeAll(async () => {
  push = await startPushService();
  server = await startTestServer({ OUTBOUND_ALLOW: push.place, PUSH_DELAY_MS: 20, URGENT_PER_HOUR: 2 });
  olivia = await server.setUpOwner();
  ana = await server.invite(olivia, 'Ana');
  ofOlivia = await server.connect(olivia.accessToken);
});
afterAll(async () => {
  ofOlivia?.drop();
  await server?.close();
  await push?.close();
});
beforeEach(async () => {
  const body = { kind: 'group', title: 'Plans', memberIds: [ana.person.id] };
  ({ id: conversationId } = await server.get(z.object({ id: z.uuid() }), 'POST', '/api/conversations', body, olivia.accessToken));
});

const post = (path: string, body: unknown, by: SignedIn) => server.api('POST', path, body, by.accessToken);
const codeOf = (answer: { body: unknown }) => z.object({ error: z.object({ code: z.string() }) }).parse(answer.body).error.code;
const send = (body: string, more: object = {}) => ofOlivia.chat.send({ conversationId, clientId: randomUUID(), body, ...more });
const subscribe = async (by: SignedIn): Promise<Device> => {
  const device = push.device();
  expect((await post('/api/push/subscriptions', { ...device.subscription, language: 'zh-Hans' }, by)).status).toBe(200);
  return device;
};

describe('A device', () => {
  it('that subscribed gets pushes while its person is not there, and none after the sign-out', async () => {
    const signedIn = await server.signIn('Ana');
    const { key } = await server.get(pushKeySchema, 'GET', '/api/push/key', undefined, signedIn.accessToken);
    const device = await subscribe(signedIn);
    const { number } = await send('hello');
    await waitFor(() => device.received.length === 1, 'the push');
    expect(device.received[0]).toMatchObject({
      key,
      payload: { kind: 'message', conversation: conversationId, number, language: 'zh-Hans' },
    });

    await server.api('POST', '/api/auth/sign-out', undefined, signedIn.accessToken);
    await waitFor(
      async () =>
        (await server.database.query('select 1 from push_subscriptions where endpoint = $1', [device.subscription.endpoint])).length === 0,
      'the end of the subscription',
    );
    expect(push.complaints).toEqual([]);
  });

  it('gets no push while its person uses another', async () => {
    const signedIn = await server.signIn('Ana');
    const device = await subscribe(signedIn);
    const control = await server.invite(olivia, `Control${randomUUID().slice(0, 8)}`);
    const ofControl = await subscribe(control);
    await post(`/api/conversations/${conversationId}/members`, { personIds: [control.person.id] }, olivia);
    const page = await server.connect(signedIn.accessToken);
    await page.chat.sync({ cursors: [], epoch: '', only: [] });
    await send('seen at once');
    await waitFor(() => ofControl.received.length > 0, 'the push to somebody else');
    expect(device.asked).toBe(0);
    page.drop();
    await server.api('DELETE', '/api/push/subscriptions', undefined, signedIn.accessToken);
  });

  it('can not make the server call its own network, nor give what is no key', async () => {
    const good = push.device().subscription;
    for (const endpoint of [
      'http://169.254.169.254/latest/meta-data',
      'http://localhost:22/',
      'http://[::ffff:127.0.0.1]/',
      'http://10.1.2.3/',
      'http://0x7f.1/',
      'https://user:pw@8.8.8.8/',
      'http://8.8.8.8:25/',
    ])
      expect(codeOf(await post('/api/push/subscriptions', { ...good, endpoint }, ana)), endpoint).toBe('NOTIFY_ADDRESS');
    for (const wrong of [
      { ...good, endpoint: 'file:///etc/passwd' },
      { ...good, endpoint: `https://push.example/${'x'.repeat(3_000)}` },
      { ...good, keys: { ...good.keys, p256dh: 'AAAA' } },
      { ...good, keys: { ...good.keys, p256dh: Buffer.alloc(65, 4).toString('base64url') } },
      { ...good, keys: { ...good.keys, auth: 7 } },
      { ...good, language: 'fr' },
      { endpoint: good.endpoint },
      [],
      null,
    ])
      expect(codeOf(await post('/api/push/subscriptions', wrong, ana)), JSON.stringify(wrong)).toBe('REQUEST_INVALID');
    expect(await server.database.query('select 1 from push_subscriptions')).toHaveLength(1);
  });
});

describe('Settings of notifications', () => {
  it('are kept, each change by itself', async () => {
    const quiet = { from: '22:00', to: '07:00', days: [5, 1, 1], timeZone: 'Asia/Hong_Kong' };
    const path = '/api/notification-settings';
    await server.get(notificationSettingsSchema, 'PATCH', path, { quiet, language: 'zh-Hant' }, ana.accessToken);
    await server.get(notificationSettingsSchema, 'PATCH', path, { email: false }, ana.accessToken);
    expect(await server.get(notificationSettingsSchema, 'GET', path, undefined, ana.accessToken)).toEqual({
      email: false,
      previews: true,
      language: 'zh-Hant',
      quiet: { ...quiet, days: [1, 5] },
      urgentInQuiet: true,
    });
    await server.get(notificationSettingsSchema, 'PATCH', path, { quiet: null }, ana.accessToken);
    for (const wrong of [
      { quiet: { ...quiet, from: '24:00' } },
      { quiet: { ...quiet, days: [7] } },
      { quiet: { ...quiet, timeZone: 'Hongkong/Nowhere' } },
      { quiet: { ...quiet, timeZone: `${'A'.repeat(1_000)}/` } },
      { quiet: 'always' },
      { email: 'yes' },
      { language: '<script>' },
    ])
      expect(codeOf(await server.api('PATCH', path, wrong, ana.accessToken)), JSON.stringify(wrong)).toBe('REQUEST_INVALID');
  });

  it("of the organisation are its admins'", async () => {
    const path = '/api/notification-policy';
    expect(codeOf(await server.api('GET', path, undefined, ana.accessToken))).toBe('AUTH_FORBIDDEN');
    expect(codeOf(await server.api('PATCH', path, { privacy: 'text' }, ana.accessToken))).toBe('AUTH_FORBIDDEN');
    const webhookUrl = `http://${push.place}/pager`;
    const changed = await server.get(notificationPolicyChangedSchema, 'PATCH', path, { webhookUrl }, olivia.accessToken);
    expect(changed).toEqual({ privacy: 'ids', urgentOverQuiet: true, webhookUrl, webhookSecret: expect.stringMatching(/^[\w-]{43}$/) });
    const again = await server.get(
      notificationPolicyChangedSchema,
      'PATCH',
      path,
      { webhookUrl, urgentOverQuiet: false },
      olivia.accessToken,
    );
    expect(again).toEqual({ privacy: 'ids', urgentOverQuiet: false, webhookUrl });
    await server.get(notificationPolicyChangedSchema, 'PATCH', path, { webhookUrl: null, urgentOverQuiet: true }, olivia.accessToken);
  });
});

describe('A scheduled message', () => {
  it('is sent by the chat itself: everybody hears it, and it is refused for who is no member any more', async () => {
    const page = await server.connect(ana.accessToken);
    await page.chat.sync({ cursors: [], epoch: '', only: [] });
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const path = `/api/conversations/${conversationId}/scheduled`;
    const body = '**Lunch** <script>alert(1)</script> at `12:30`';
    const made = await server.get(scheduledSchema, 'POST', path, { body, sendAt, mentions: [ana.person.id] }, olivia.accessToken);
    const makeDue = async () => {
      await server.database.query('update scheduled_messages set send_at = now()');
      await server.database.query(`update pgboss.job set start_after = now() where name = 'notify.scheduled' and state < 'completed'`);
    };
    await makeDue();
    const { chat } = await page.waitForEvent(({ chat }) => chat?.message?.senderId === olivia.person.id && chat.message.body === body);
    expect(chat?.message).toMatchObject({ conversationId, mentions: [ana.person.id], senderName: 'Olivia' });
    await waitFor(
      async () => (await server.api('GET', `/api/scheduled/${made.id}`, undefined, olivia.accessToken)).status === 404,
      'its end',
    );

    const hers = await server.get(scheduledSchema, 'POST', path, { body: 'Goodbye', sendAt }, ana.accessToken);
    await server.api('DELETE', `/api/conversations/${conversationId}/members/${ana.person.id}`, undefined, olivia.accessToken);
    await makeDue();
    await waitFor(async () => {
      const one = await server.get(scheduledSchema, 'GET', `/api/scheduled/${hers.id}`, undefined, ana.accessToken);
      return one.state === 'refused' && one.refusal?.code === 'CHAT_NOT_FOUND';
    }, 'the refusal');
    page.drop();
  });

  it('is refused when it is wrong', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const path = `/api/conversations/${conversationId}/scheduled`;
    const refusals: [unknown, string][] = [
      [{ body: 'x', sendAt: new Date(0).toISOString() }, 'CHAT_SCHEDULED_TIME'],
      [{ body: 'x', sendAt: 'tomorrow' }, 'REQUEST_INVALID'],
      [{ body: 'x', sendAt: '+275760-09-13T00:00:00Z' }, 'REQUEST_INVALID'],
      [{ body: 7, sendAt }, 'REQUEST_INVALID'],
      [{ body: '   ', sendAt }, 'CHAT_EMPTY'],
      [{ body: 'x'.repeat(8_001), sendAt }, 'CHAT_TOO_LONG'],
      [{ body: 'x'.repeat(300_000), sendAt }, 'REQUEST_TOO_LARGE'],
      [{ body: 'x', sendAt, mentions: Array.from({ length: 10_000 }, () => 'x') }, 'REQUEST_INVALID'],
      [{ body: 'x', sendAt, thread: -1 }, 'REQUEST_INVALID'],
      [{ body: 'x', sendAt, thread: 999 }, 'CHAT_MESSAGE_NOT_FOUND'],
    ];
    for (const [body, code] of refusals) expect(codeOf(await post(path, body, olivia)), JSON.stringify(body).slice(0, 80)).toBe(code);
    expect(codeOf(await post(`/api/conversations/${randomUUID()}/scheduled`, { body: 'x', sendAt }, olivia))).toBe('CHAT_NOT_FOUND');
  });
});

describe('An urgent message', () => {
  it('waits in Sync until it is confirmed, on all devices', async () => {
    const [one, two] = [await server.connect(ana.accessToken), await server.connect(ana.accessToken)];
    for (const page of [one, two]) await page.chat.sync({ cursors: [], epoch: '', only: [] });
    const { number } = await send('Leave the building.', { urgent: true });
    await two.waitForEvent(({ session }) => session?.chat?.urgent?.number === number && !session.chat.urgent.confirmed);
    const { urgent } = await one.chat.sync({ cursors: [], epoch: '', only: [] });
    expect(urgent).toMatchObject([{ conversationId, number, urgent: true, body: 'Leave the building.' }]);
    await one.chat.confirm({ conversationId, number });
    await two.waitForEvent(({ session }) => session?.chat?.urgent?.number === number && session.chat.urgent.confirmed);
    expect((await two.chat.sync({ cursors: [], epoch: '', only: [] })).urgent).toEqual([]);
    const { confirmed } = await ofOlivia.chat.listReaders({ conversationId, number });
    expect(confirmed).toMatchObject([{ id: ana.person.id, name: 'Ana' }]);
    await expect(one.chat.confirm({ conversationId, number: number + 1 })).rejects.toThrow(
      expect.objectContaining({ code: 'CHAT_MESSAGE_NOT_FOUND' }),
    );
    one.drop();
    two.drop();
  });

  it('is refused when there were too many, and leaves no hole', async () => {
    const refused = await Promise.allSettled([1, 2, 3].map((i) => send(`urgent ${i}`, { urgent: true })));
    const codes = refused.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['CHAT_URGENT_LIMIT']));
    const { number } = await send('an ordinary one');
    const stored = await server.database.query<{ number: number }>(
      'select number from messages where conversation_id = $1 order by number',
      [conversationId],
    );
    expect(stored.at(-1)?.number).toBe(number);
    expect(stored.map((row) => row.number)).toEqual(stored.map((_, index) => index + 1));
  });
});
