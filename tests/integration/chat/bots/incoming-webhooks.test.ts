import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hookAnswerSchema, incomingWebhookMadeSchema, incomingWebhooksSchema } from '../../../../src/chat/bots/schema.js';
import { messagesSchema } from '../../../../src/chat/schema.js';
import { type AppMade, BotsWorld } from './bots-world.js';

let world: BotsWorld;
let app: AppMade;
let conversationId: string;
beforeAll(async () => {
  world = await BotsWorld.open({ BOT_HOOK_POSTS_PER_MINUTE: 20 });
  app = await world.app({ name: 'Builds' });
  conversationId = (await world.conversation([app.id])).id;
});
afterAll(() => world?.close());

const make = (over: Record<string, unknown> = {}) =>
  world.server.get(
    incomingWebhookMadeSchema,
    'POST',
    '/api/incoming-webhooks',
    { name: 'CI', appId: app.id, conversationId, ...over },
    world.olivia.accessToken,
  );

interface Posted {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Posted> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

async function messages() {
  const path = `/api/conversations/${conversationId}/messages?limit=200`;
  return (await world.server.get(messagesSchema, 'GET', path, undefined, world.ana.accessToken)).messages;
}

const codeOf = (answer: Posted) => z.object({ error: z.object({ code: z.string() }) }).parse(answer.body).error.code;

describe('An incoming webhook', () => {
  it('posts as its app, whose name stays whatever name is given', async () => {
    const { url } = await make();
    expect(url).toMatch(new RegExp(`^${world.server.url}/api/hooks/[\\w-]{43}$`));
    const plain = hookAnswerSchema.parse((await post(url, { text: 'Build **7** is green' })).body);
    const named = hookAnswerSchema.parse((await post(url, { text: '<script>alert(1)</script>', username: 'Olivia <b>' })).body);
    const all = await messages();
    expect(all.find(({ number }) => number === plain.number)).toMatchObject({
      senderId: app.id,
      senderName: 'Builds',
      byApp: true,
      body: 'Build **7** is green',
    });
    expect(all.find(({ number }) => number === named.number)).toMatchObject({
      senderName: 'Olivia <b> · Builds',
      body: '<script>alert(1)</script>',
    });
  });

  it('posts once for each Idempotency-Key', async () => {
    const [one, other] = [await make(), await make()];
    const key = { 'idempotency-key': 'order-4711' };
    const answers = await Promise.all([1, 2, 3].map(() => post(one.url, { text: 'Order 4711' }, key)));
    const numbers = answers.map(({ body }) => hookAnswerSchema.parse(body).number);
    expect(new Set(numbers).size).toBe(1);
    expect(hookAnswerSchema.parse((await post(one.url, { text: 'Order 4711' }, key)).body).number).toBe(numbers[0]);
    // Another webhook's keys are its own.
    expect(hookAnswerSchema.parse((await post(other.url, { text: 'Order 4711' }, key)).body).number).not.toBe(numbers[0]);
    expect((await messages()).filter(({ body }) => body === 'Order 4711')).toHaveLength(2);
  });

  it('ends at once when it is switched off, rotated or deleted, or its app is switched off', async () => {
    const made = await make();
    const tryIt = async (url = made.url) => (await post(url, { text: 'hello' })).status;
    await world.call('PATCH', `/api/incoming-webhooks/${made.id}`, { disabled: true });
    expect(await tryIt()).toBe(404);
    await world.call('PATCH', `/api/incoming-webhooks/${made.id}`, { disabled: false });
    expect(await tryIt()).toBe(200);
    const { url } = incomingWebhookMadeSchema.parse((await world.call('POST', `/api/incoming-webhooks/${made.id}/secret`)).body);
    expect([await tryIt(), await tryIt(url)]).toEqual([404, 200]);
    await world.call('PATCH', `/api/apps/${app.id}`, { disabled: true });
    expect(await tryIt(url)).toBe(404);
    await world.call('PATCH', `/api/apps/${app.id}`, { disabled: false });
    expect(await tryIt(url)).toBe(200);
    await world.call('DELETE', `/api/incoming-webhooks/${made.id}`);
    expect(await tryIt(url)).toBe(404);
    expect((await world.audited('chat.hook-deleted')).at(-1)).toMatchObject({ subject: { webhook: made.id }, detail: { name: 'CI' } });
  });

  it('posts nothing where its app is no member any more, nor where nobody may write', async () => {
    const other = await world.conversation([app.id], 'Left');
    const { url } = await make({ conversationId: other.id });
    await world.call('DELETE', `/api/conversations/${other.id}/members/${app.id}`);
    expect(codeOf(await post(url, { text: 'hello' }))).toBe('CHAT_NOT_FOUND');
    await world.call('POST', `/api/conversations/${other.id}/members`, { personIds: [app.id] });
    await world.call('PATCH', `/api/conversations/${other.id}`, { archived: true });
    expect(codeOf(await post(url, { text: 'hello' }))).toBe('CHAT_ARCHIVED');
  });

  it('is slowed down when it is too eager, and says when to come back', async () => {
    const { url } = await make();
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => post(url, { text: `burst ${i}` })));
    const refused = answers.find(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20);
    expect(refused && codeOf(refused)).toBe('REQUEST_RATE');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('refuses what is no message', async () => {
    const { url } = await make();
    for (const [body, code] of [
      [{ text: '' }, 'CHAT_EMPTY'],
      [{ text: '  \n ' }, 'CHAT_EMPTY'],
      [{ text: 'x'.repeat(8_001) }, 'CHAT_TOO_LONG'],
      [{ text: 'x'.repeat(100_001) }, 'REQUEST_INVALID'],
      [{ text: 'x'.repeat(300_000) }, 'REQUEST_TOO_LARGE'],
      [{ text: 7 }, 'REQUEST_INVALID'],
      [{}, 'REQUEST_INVALID'],
      ['not json', 'REQUEST_INVALID'],
      [{ text: 'x', username: 'y'.repeat(61) }, 'REQUEST_INVALID'],
      [{ text: 'x', username: '\u202e' }, 'REQUEST_INVALID'],
    ] as const)
      expect(codeOf(await post(url, body))).toBe(code);
    expect(codeOf(await post(url, { text: 'x' }, { 'idempotency-key': 'k'.repeat(256) }))).toBe('REQUEST_INVALID');
  });

  it('is found by its secret alone', async () => {
    for (const secret of ['x', 'A'.repeat(43), '..%2f..%2fapps', '%00'])
      expect(codeOf(await post(`${world.server.url}/api/hooks/${secret}`, { text: 'hello' }))).toBe('BOT_WEBHOOK_NOT_FOUND');
    const { url } = await make();
    const stored = JSON.stringify(await world.server.database.query('select * from incoming_webhooks'));
    expect(stored).not.toContain(url.split('/').at(-1));
  });
});

describe('Administering incoming webhooks', () => {
  it('is for administrators, and lists no secrets', async () => {
    const { id, url } = await make();
    for (const [method, path, body] of [
      ['GET', '/api/incoming-webhooks', undefined],
      ['POST', '/api/incoming-webhooks', { name: 'X', appId: app.id, conversationId }],
      ['PATCH', `/api/incoming-webhooks/${id}`, { disabled: true }],
      ['POST', `/api/incoming-webhooks/${id}/secret`, undefined],
      ['DELETE', `/api/incoming-webhooks/${id}`, undefined],
    ] as const)
      expect((await world.call(method, path, body, world.ana)).status).toBe(403);
    const listed = await world.server.get(incomingWebhooksSchema, 'GET', '/api/incoming-webhooks', undefined, world.olivia.accessToken);
    expect(listed.webhooks.find((webhook) => webhook.id === id)).toMatchObject({
      name: 'CI',
      app: { id: app.id, name: 'Builds' },
      conversationId,
    });
    expect(JSON.stringify(listed)).not.toContain(url.split('/').at(-1));
  });

  it('refuses conversations that the app is not in, or that are not there', async () => {
    const { id } = await world.conversation([], 'Without the app');
    const codeFor = async (body: unknown) =>
      z.object({ error: z.object({ code: z.string() }) }).parse((await world.call('POST', '/api/incoming-webhooks', body)).body).error.code;
    expect(await codeFor({ name: 'X', appId: app.id, conversationId: id })).toBe('BOT_NOT_MEMBER');
    expect(await codeFor({ name: 'X', appId: app.id, conversationId: crypto.randomUUID() })).toBe('CHAT_NOT_FOUND');
    expect(await codeFor({ name: 'X', appId: crypto.randomUUID(), conversationId })).toBe('BOT_APP_NOT_FOUND');
  });
});
