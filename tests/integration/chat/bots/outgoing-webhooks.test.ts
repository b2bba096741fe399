import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  deliveriesSchema,
  outgoingWebhookMadeSchema,
  outgoingWebhookSchema,
  outgoingWebhooksSchema,
  replayedSchema,
  webhookEvents,
} from '../../../../src/chat/bots/schema.js';
import { conversationSchema } from '../../../../src/chat/schema.js';
import { waitFor } from '../../../support/index.js';
import { startTestServer } from '../../../support/server.js';
import { type AppMade, BotsWorld } from './bots-world.js';
import { isSignedBy, Receiver } from './receiver.js';

/** Short, so that what is tried again is tried soon. */
const patience = { WEBHOOK_RETRY_MS: 20, WEBHOOK_TRIES: 4, WEBHOOK_TIMEOUT_MS: 3_000 };

let world: BotsWorld;
let app: AppMade;
let receiver: Receiver;
let conversationId: string;

beforeAll(async () => {
  world = await BotsWorld.open(patience);
  app = await world.app();
});
afterAll(() => world?.close());

beforeEach(async () => {
  receiver = await Receiver.open();
  conversationId = (await world.conversation([app.id])).id;
});
afterEach(async () => {
  receiver.close();
  for (const { id } of (
    await world.server.get(outgoingWebhooksSchema, 'GET', '/api/outgoing-webhooks', undefined, world.olivia.accessToken)
  ).webhooks)
    await world.call('DELETE', `/api/outgoing-webhooks/${id}`);
});

type Made = z.output<typeof outgoingWebhookMadeSchema>;

function webhook(over: Record<string, unknown> = {}): Promise<Made> {
  const body = { name: 'To the ERP', appId: app.id, url: receiver.url, conversationIds: [conversationId], ...over };
  return world.server.get(outgoingWebhookMadeSchema, 'POST', '/api/outgoing-webhooks', body, world.olivia.accessToken);
}

const patch = (id: string, body: unknown) =>
  world.server.get(outgoingWebhookSchema, 'PATCH', `/api/outgoing-webhooks/${id}`, body, world.olivia.accessToken);
const deliveries = (id: string) =>
  world.server.get(deliveriesSchema, 'GET', `/api/outgoing-webhooks/${id}/deliveries`, undefined, world.olivia.accessToken);
const replay = (id: string, body: unknown = {}) =>
  world.server.get(replayedSchema, 'POST', `/api/outgoing-webhooks/${id}/replay`, body, world.olivia.accessToken);
const bodies = () => receiver.taken.map(({ payload }) => payload.message?.body);
const until = (count: number) => waitFor(() => receiver.taken.length >= count, `${count} deliveries`);
/** Comes after all that was said before it. */
async function untilSaid(body: string, conversation = conversationId): Promise<void> {
  await world.say(conversation, body);
  await waitFor(() => bodies().includes(body), `the delivery of "${body}"`);
}

describe('An outgoing webhook', () => {
  it('tells of everything that happens, signed and in order', async () => {
    const { secret } = await webhook({ events: webhookEvents });
    const ana = await world.server.connect(world.ana.accessToken);
    const first = await world.say(conversationId, 'first <img src=x onerror=alert(1)>');
    await ana.chat.edit({ conversationId, number: first.number, body: 'first, better' });
    await ana.chat.react({ conversationId, number: first.number, emoji: '👍', on: true });
    await ana.chat.pin({ conversationId, number: first.number, on: true });
    const poll = await ana.chat.send({
      conversationId,
      clientId: crypto.randomUUID(),
      body: 'Lunch?',
      poll: { options: ['Rice', 'Noodles'], anonymous: true },
    });
    await ana.chat.vote({ conversationId, number: poll.number, options: [1] });
    await ana.chat.closePoll({ conversationId, number: poll.number });
    await ana.chat.recall({ conversationId, number: first.number });
    await world.call('PATCH', `/api/conversations/${conversationId}`, { title: 'Renamed' });
    await until(9);
    ana.drop();
    expect(receiver.taken.map(({ payload }) => [payload.event, payload.message?.number])).toEqual([
      ['message.posted', first.number],
      ['message.edited', first.number],
      ['reaction.changed', first.number],
      ['message.pinned', first.number],
      ['message.posted', poll.number],
      ['poll.changed', poll.number],
      ['poll.changed', poll.number],
      ['message.recalled', first.number],
      ['conversation.changed', poll.number + 4],
    ]);
    const numbers = receiver.taken.map(({ payload }) => payload.number ?? 0);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    for (const delivery of receiver.taken) {
      expect(isSignedBy(secret, delivery)).toBe(true);
      expect(isSignedBy(`${secret}x`, delivery)).toBe(false);
      expect(delivery.headers).toMatchObject({ 'causeway-event': delivery.payload.event, 'causeway-delivery': delivery.payload.id });
    }
    expect(receiver.taken[2]?.payload).toMatchObject({ reaction: { emoji: '👍', on: true }, actor: { name: 'Ana' } });
    // Nobody learns who voted.
    expect(receiver.taken[5]?.payload).toMatchObject({
      actor: null,
      message: { poll: { voters: 1, options: [{ votes: 0 }, { votes: 1 }] } },
    });
    expect(receiver.taken[7]?.payload).toMatchObject({ message: { body: '', recalledAt: expect.any(String) } });
  });

  it('keeps to the events and conversations that it was made for, and to where its app is a member', async () => {
    await webhook({ events: ['message.posted'], conversationIds: null });
    const elsewhere = await world.conversation([], 'Without the app');
    await world.say(elsewhere.id, 'not for the app');
    const ana = await world.server.connect(world.ana.accessToken);
    const first = await world.say(conversationId, 'one');
    await ana.chat.edit({ conversationId, number: first.number, body: 'one, edited' });
    ana.drop();
    await untilSaid('two');
    // The message is as it is now: it may have been edited before it was delivered.
    expect(receiver.taken.map(({ payload }) => [payload.event, payload.message?.number])).toEqual([
      ['message.posted', first.number],
      ['message.posted', first.number + 2],
    ]);
  });

  it('says nothing of what its own app does, so that nobody answers himself', async () => {
    await webhook();
    await world.say(conversationId, 'from the app', { accessToken: await world.token(app) });
    await untilSaid('from Ana');
    expect(bodies()).toEqual(['from Ana']);
  });

  it('begins when it was made, where its app is already', async () => {
    await world.say(conversationId, 'before');
    await webhook();
    await untilSaid('after');
    expect(bodies()).toEqual(['after']);
  });

  it('hears a conversation from when its app becomes a member, and not what was said while it was away', async () => {
    const made = await world.server.get(
      conversationSchema,
      'POST',
      '/api/conversations',
      { kind: 'group', title: 'Private before', memberIds: [world.ana.person.id], historyFromJoin: true },
      world.olivia.accessToken,
    );
    await webhook({ conversationIds: null });
    const add = () => world.call('POST', `/api/conversations/${made.id}/members`, { personIds: [app.id] });
    await world.say(made.id, 'a secret');
    expect((await add()).status).toBe(200);
    await untilSaid('hello', made.id);
    await world.call('DELETE', `/api/conversations/${made.id}/members/${app.id}`);
    await world.say(made.id, 'another secret');
    await add();
    await untilSaid('hello again', made.id);
    expect(bodies()).toEqual(['hello', 'hello again']);
  });

  it('begins now with a conversation that is added to it', async () => {
    const other = await world.conversation([app.id], 'Added later');
    const { id } = await webhook();
    await untilSaid('one');
    await world.say(other.id, 'not yet');
    await patch(id, { conversationIds: [conversationId, other.id] });
    await untilSaid('now', other.id);
    expect(bodies()).toEqual(['one', 'now']);
  });

  it('goes on where it stood when it was switched off for a while, or its app was', async () => {
    const { id } = await webhook();
    await patch(id, { disabled: true });
    await world.say(conversationId, 'while it was off');
    await patch(id, { disabled: false });
    await until(1);
    await world.call('PATCH', `/api/apps/${app.id}`, { disabled: true });
    await world.say(conversationId, 'while the app was off');
    await world.call('PATCH', `/api/apps/${app.id}`, { disabled: false });
    await until(2);
    expect(bodies()).toEqual(['while it was off', 'while the app was off']);
  });

  it('passes over what was deleted from the log before it was delivered', async () => {
    const { id } = await webhook();
    await patch(id, { disabled: true });
    for (const body of ['one', 'two', 'three']) await world.say(conversationId, body);
    await world.server.database.query(`delete from messages where conversation_id = $1 and body <> 'two'`, [conversationId]);
    await patch(id, { disabled: false });
    await until(1);
    await waitFor(async () => (await deliveries(id)).waiting.length === 0, 'the end of the log');
    await untilSaid('four');
    expect(bodies()).toEqual(['two', 'four']);
  });

  it('signs with the new secret after it was rotated', async () => {
    const made = await webhook();
    await untilSaid('one');
    const rotated = await world.call('POST', `/api/outgoing-webhooks/${made.id}/secret`);
    const { secret } = outgoingWebhookMadeSchema.parse(rotated.body);
    await untilSaid('two');
    const [one, two] = receiver.taken;
    expect(one && isSignedBy(made.secret, one)).toBe(true);
    expect(two && isSignedBy(made.secret, two)).toBe(false);
    expect(two && isSignedBy(secret, two)).toBe(true);
  });
});

describe('A receiver that fails', () => {
  it('gets the same delivery again, signed anew, before what comes after it', async () => {
    const { secret } = await webhook();
    let failures = 2;
    receiver.behave(() => (failures-- > 0 ? 500 : 200));
    await world.say(conversationId, 'one');
    await world.say(conversationId, 'two');
    await until(2);
    expect(receiver.deliveries.map(({ payload, status }) => [payload.message?.body, status])).toEqual([
      ['one', 500],
      ['one', 500],
      ['one', 200],
      ['two', 200],
    ]);
    const ids = receiver.deliveries.map(({ headers }) => headers['causeway-delivery']);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    for (const delivery of receiver.deliveries) expect(isSignedBy(secret, delivery)).toBe(true);
  });

  it('in one conversation does not hold up another', async () => {
    const other = await world.conversation([app.id], 'The other');
    await webhook({ conversationIds: null });
    let mend = false;
    receiver.behave((_request, _response, { payload }) => (payload.conversation.id === other.id || mend ? 200 : 503));
    await world.say(conversationId, 'stuck');
    await waitFor(() => receiver.deliveries.some(({ status }) => status === 503), 'a failure');
    await untilSaid('not stuck', other.id);
    expect(bodies()).not.toContain('stuck');
    mend = true;
  });

  it('by answering too late is tried again', async () => {
    await webhook();
    let first = true;
    receiver.behave(async (request) => {
      if (!first) return 200;
      first = false;
      // Never answers; the sender hangs up.
      await new Promise((resolve) => request.socket.on('close', resolve));
      return 599;
    });
    await world.say(conversationId, 'patience');
    await until(1);
    expect(bodies()).toEqual(['patience']);
  });

  it('by talking too much, or too slowly, has received all the same, or has not', async () => {
    await webhook();
    receiver.behave((_request, response) => {
      response.writeHead(200);
      response.end(Buffer.alloc(5_000_000, 'a'));
      return undefined;
    });
    await untilSaid('a flood');
    let dripping = true;
    receiver.behave((_request, response) => {
      if (!dripping) return 200;
      dripping = false;
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 200);
      response.on('close', () => clearInterval(drip));
      return 599;
    });
    await world.say(conversationId, 'a drip');
    await waitFor(() => bodies().includes('a drip'), 'the second try');
    expect(bodies()).toEqual(['a flood', 'a drip']);
  });

  it('by sending us elsewhere is not followed', async () => {
    const inner = await Receiver.open();
    const { id } = await webhook();
    receiver.behave((_request, response) => {
      response.writeHead(307, { location: inner.url }).end();
      return undefined;
    });
    await world.say(conversationId, 'go away');
    await waitFor(async () => (await deliveries(id)).deadLetters.length === 1, 'the dead letter');
    expect(inner.deliveries).toEqual([]);
    expect((await deliveries(id)).deadLetters[0]).toMatchObject({ status: 307, error: 'HTTP 307' });
    inner.close();
  });
});

describe('A dead letter', () => {
  it('is what failed too often; the conversation goes on after it', async () => {
    const { id } = await webhook();
    receiver.behave((_request, response, { payload }) => {
      if (payload.message?.body !== 'poison') return 200;
      response.writeHead(422, { 'content-type': 'text/html' }).end(`<script>alert(1)</script>\0${'x'.repeat(10_000)}`);
      return undefined;
    });
    await world.say(conversationId, 'one');
    const poison = await world.say(conversationId, 'poison');
    await world.say(conversationId, 'three');
    await until(2);
    expect(bodies()).toEqual(['one', 'three']);
    expect(receiver.deliveries.filter(({ status }) => status === 422)).toHaveLength(patience.WEBHOOK_TRIES);
    const { deadLetters, next, waiting } = await deliveries(id);
    expect([next, waiting]).toEqual([null, []]);
    expect(deadLetters).toEqual([
      {
        id: receiver.deliveries.find(({ status }) => status === 422)?.payload.id,
        conversationId,
        number: poison.number,
        event: 'message.posted',
        tries: patience.WEBHOOK_TRIES,
        status: 422,
        error: 'HTTP 422',
        answer: expect.stringMatching(/^<script>alert\(1\)<\/script> x{400,480}$/),
        parkedAt: expect.any(String),
        replaying: false,
      },
    ]);
    const listed = await world.server.get(outgoingWebhooksSchema, 'GET', '/api/outgoing-webhooks', undefined, world.olivia.accessToken);
    expect(listed.webhooks[0]).toMatchObject({ id, deadLetters: 1, disabledAt: null });
  });

  it('is delivered when it is replayed, with the id that it had', async () => {
    const { id } = await webhook();
    let works = false;
    receiver.behave(() => (works ? 200 : 500));
    for (const body of ['one', 'two']) await world.say(conversationId, body);
    await waitFor(async () => (await deliveries(id)).deadLetters.length === 2, 'two dead letters');
    const parked = (await deliveries(id)).deadLetters;

    // It may fail once more.
    expect(await replay(id, { ids: [parked[0]?.id] })).toEqual({ replaying: 1 });
    await waitFor(async () => (await deliveries(id)).deadLetters[0]?.tries === patience.WEBHOOK_TRIES + 1, 'the replay');
    expect((await deliveries(id)).deadLetters[0]).toMatchObject({ replaying: false, error: 'HTTP 500' });

    works = true;
    expect(await replay(id)).toEqual({ replaying: 2 });
    await waitFor(async () => (await deliveries(id)).deadLetters.length === 0, 'no dead letters');
    expect(receiver.taken.map(({ payload }) => [payload.id, payload.message?.body])).toEqual([
      [parked[0]?.id, 'one'],
      [parked[1]?.id, 'two'],
    ]);
    expect(await replay(id)).toEqual({ replaying: 0 });
    expect(
      (await world.audited('chat.webhook-replayed')).filter(({ subject }) => subject.webhook === id).map(({ detail }) => detail),
    ).toEqual([{ deadLetters: 1 }, { deadLetters: 2 }]);
  });

  it('carries no content: what was recalled meanwhile is not delivered by a replay', async () => {
    const { id } = await webhook();
    let works = false;
    receiver.behave(() => (works ? 200 : 500));
    const { number } = await world.say(conversationId, 'take this back');
    await waitFor(async () => (await deliveries(id)).deadLetters.length === 1, 'the dead letter');
    const ana = await world.server.connect(world.ana.accessToken);
    await ana.chat.recall({ conversationId, number });
    ana.drop();
    works = true;
    await replay(id);
    await until(1);
    expect(receiver.taken[0]?.payload).toMatchObject({ event: 'message.posted', message: { body: '', recalledAt: expect.any(String) } });
    expect(JSON.stringify(await world.server.database.query('select * from webhook_dead_letters'))).not.toContain('take this back');
  });

  it('is listed in pages', async () => {
    const { id } = await webhook();
    receiver.behave(() => 500);
    for (const body of ['one', 'two', 'three']) await world.say(conversationId, body);
    await waitFor(async () => (await deliveries(id)).deadLetters.length === 3, 'three dead letters');
    const page = async (query: string) =>
      deliveriesSchema.parse((await world.call('GET', `/api/outgoing-webhooks/${id}/deliveries?${query}`)).body);
    const first = await page('limit=2');
    expect(first.deadLetters).toHaveLength(2);
    const second = await page(`limit=2&after=${first.next}`);
    expect(second.next).toBeNull();
    expect(new Set([...first.deadLetters, ...second.deadLetters].map(({ id: letter }) => letter)).size).toBe(3);
  });
});

describe('A webhook that nobody reads any more', () => {
  it('is switched off with a row in the audit log, and catches up when it is switched on', async () => {
    const impatient = await BotsWorld.open({ ...patience, WEBHOOK_TRIES: 50, WEBHOOK_DISABLE_MS: 1_000 });
    try {
      const erp = await impatient.app();
      const { id: conversation } = await impatient.conversation([erp.id]);
      const body = { name: 'Gone', appId: erp.id, url: receiver.url };
      const { id } = await impatient.server.get(
        outgoingWebhookMadeSchema,
        'POST',
        '/api/outgoing-webhooks',
        body,
        impatient.olivia.accessToken,
      );
      receiver.behave(() => 500);
      await impatient.say(conversation, 'anybody?');
      const state = async () => outgoingWebhookSchema.parse((await impatient.call('GET', `/api/outgoing-webhooks/${id}`)).body);
      await waitFor(async () => (await state()).disabledAt, 'the webhook to be switched off');
      expect(await state()).toMatchObject({ disabledReason: 'failing', failingSince: expect.any(String) });
      expect(await impatient.audited('chat.webhook-disabled')).toEqual([
        { actor_id: null, subject: { webhook: id }, detail: { name: 'Gone', reason: 'failing' } },
      ]);
      await impatient.say(conversation, 'still there');
      receiver.behave(() => 200);
      await impatient.call('PATCH', `/api/outgoing-webhooks/${id}`, { disabled: false });
      await until(2);
      expect(bodies()).toEqual(['anybody?', 'still there']);
      expect(await state()).toMatchObject({ disabledAt: null, disabledReason: null, failingSince: null });
    } finally {
      await impatient.close();
    }
  });
});

describe('The address of a webhook', () => {
  it('must not lead into our own network, however it is spelled', async () => {
    const closed = await startTestServer();
    try {
      const owner = await closed.setUpOwner();
      const made = await closed.api('POST', '/api/apps', { name: 'ERP', scopes: ['messages:read'] }, owner.accessToken);
      const { id: appId } = z.object({ id: z.uuid() }).parse(made.body);
      for (const url of [
        'http://169.254.169.254/latest/meta-data/',
        'http://localhost/',
        'http://localhost.:8080/',
        'http://[::1]/',
        'http://[::ffff:127.0.0.1]/',
        'http://[::ffff:7f00:1]/',
        'http://[fd00::1]/',
        'http://2130706433/',
        'http://0177.0.0.1/',
        'http://0x7f.1/',
        'http://0x7f000001/',
        'http://127.1/',
        'http://0/',
        'http://10.0.0.1/',
        'http://192.168.1.1/',
        'http://100.64.0.1/',
        'http://１２７.０.０.１/',
        'https://user:password@erp.example/',
        'ftp://erp.example/',
        'file:///etc/passwd',
        'javascript:alert(1)',
        'gopher://127.0.0.1:6379/_FLUSHALL',
        'http://',
        'no url',
      ]) {
        for (const [path, body] of [
          ['/api/outgoing-webhooks', { name: 'X', appId, url }],
          ['/api/slash-commands', { name: 'x', appId, url }],
        ] as const) {
          const answer = await closed.api('POST', path, body, owner.accessToken);
          expect([url, answer.status, answer.body]).toEqual([
            url,
            400,
            { error: expect.objectContaining({ code: 'BOT_ADDRESS', field: 'url' }) },
          ]);
        }
      }
      expect(await closed.database.query('select 1 from outgoing_webhooks')).toEqual([]);
    } finally {
      await closed.close();
    }
  });

  it('is checked again with each call: what was allowed when it was saved may not be later', async () => {
    const { id } = await webhook();
    await untilSaid('allowed');
    // The same database under a server that may not call this machine; the first one is told to leave it alone.
    await world.server.server.close();
    const strict = await startTestServer({ ...patience, DATABASE_URL: world.server.config.DATABASE_URL ?? '', OUTBOUND_ALLOW: '' });
    try {
      const sent = await strict.api('POST', `/api/conversations/${conversationId}/messages`, { body: 'no more' }, world.ana.accessToken);
      expect(sent.status).toBe(200);
      const letters = () =>
        strict.get(deliveriesSchema, 'GET', `/api/outgoing-webhooks/${id}/deliveries`, undefined, world.olivia.accessToken);
      await waitFor(async () => (await letters()).deadLetters.length === 1, 'the dead letter');
      expect((await letters()).deadLetters[0]).toMatchObject({ status: null, error: expect.stringMatching(/^PRIVATE_ADDRESS: /) });
      expect(bodies()).toEqual(['allowed']);
    } finally {
      await strict.close();
      await world.server.restart();
    }
  });
});

describe('Administering webhooks', () => {
  it('is for administrators', async () => {
    const { id } = await webhook();
    for (const [method, path, body] of [
      ['GET', '/api/outgoing-webhooks', undefined],
      ['GET', `/api/outgoing-webhooks/${id}`, undefined],
      ['POST', '/api/outgoing-webhooks', { name: 'X', appId: app.id, url: receiver.url }],
      ['PATCH', `/api/outgoing-webhooks/${id}`, { url: 'http://example.com/' }],
      ['DELETE', `/api/outgoing-webhooks/${id}`, undefined],
      ['POST', `/api/outgoing-webhooks/${id}/secret`, undefined],
      ['GET', `/api/outgoing-webhooks/${id}/deliveries`, undefined],
      ['POST', `/api/outgoing-webhooks/${id}/replay`, {}],
    ] as const)
      expect((await world.call(method, path, body, world.ana)).status).toBe(403);
  });

  it('refuses what is not there', async () => {
    const nowhere = crypto.randomUUID();
    const made = await webhook();
    for (const [body, code] of [
      [{ name: 'X', appId: nowhere, url: receiver.url }, 'BOT_APP_NOT_FOUND'],
      [{ name: 'X', appId: world.ana.person.id, url: receiver.url }, 'BOT_APP_NOT_FOUND'],
      [{ name: 'X', appId: app.id, url: receiver.url, conversationIds: [nowhere] }, 'CHAT_NOT_FOUND'],
      [{ name: 'X', appId: app.id, url: receiver.url, events: ['all'] }, 'REQUEST_INVALID'],
    ] as const)
      expect((await world.call('POST', '/api/outgoing-webhooks', body)).body).toMatchObject({ error: { code } });
    expect((await world.call('PATCH', `/api/outgoing-webhooks/${made.id}`, { conversationIds: [nowhere] })).status).toBe(404);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', {}],
      ['DELETE', '', undefined],
      ['POST', '/replay', {}],
    ] as const)
      expect((await world.call(method, `/api/outgoing-webhooks/${nowhere}${path}`, body)).body).toMatchObject({
        error: { code: 'BOT_WEBHOOK_NOT_FOUND' },
      });
  });

  it('keeps the address, which is often a secret, out of the audit log', async () => {
    const { id } = await webhook({ url: `${receiver.url}?key=hidden` });
    const [row] = (await world.audited('chat.webhook-created')).filter(({ subject }) => subject.webhook === id);
    expect(row?.detail).toEqual({ name: 'To the ERP', host: `127.0.0.1:${receiver.port}`, events: ['message.posted'] });
  });
});
