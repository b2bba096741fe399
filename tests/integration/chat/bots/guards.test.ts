/** Rules on content hold for apps as for people: by webhook, by token and by command. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commandAnswerSchema, incomingWebhookMadeSchema } from '../../../../src/chat/bots/schema.js';
import { messagesSchema } from '../../../../src/chat/schema.js';
import { type AppMade, BotsWorld } from './bots-world.js';
import { Receiver } from './receiver.js';

/** A Hong Kong identity card number with a right check digit. */
const hkid = 'A123456(3)';

let world: BotsWorld;
let receiver: Receiver;
let app: AppMade;
let conversationId: string;
beforeAll(async () => {
  world = await BotsWorld.open();
  receiver = await Receiver.open();
  app = await world.app();
  conversationId = (await world.conversation([app.id])).id;
  for (const rule of [
    { name: 'No identity cards', action: 'block', detectors: ['hkid'] },
    { name: 'Projects', action: 'warn', patterns: [{ name: 'a code name', pattern: 'Project Lantern' }] },
  ])
    expect((await world.call('POST', '/api/dlp/rules', { enabled: true, ...rule })).status).toBe(200);
  const body = { name: 'look-up', appId: app.id, url: receiver.url };
  expect((await world.call('POST', '/api/slash-commands', body)).status).toBe(200);
});
afterAll(async () => {
  receiver?.close();
  await world?.close();
});

const codeOf = (body: unknown) => z.object({ error: z.object({ code: z.string() }) }).parse(body).error.code;

async function stored(): Promise<string> {
  const path = `/api/conversations/${conversationId}/messages`;
  return JSON.stringify((await world.server.get(messagesSchema, 'GET', path, undefined, world.ana.accessToken)).messages);
}

describe('What must not be sent', () => {
  it('is not posted by an incoming webhook', async () => {
    const body = { name: 'CI', appId: app.id, conversationId };
    const { url } = await world.server.get(incomingWebhookMadeSchema, 'POST', '/api/incoming-webhooks', body, world.olivia.accessToken);
    const { pathname } = new URL(url);
    const answer = await world.server.api('POST', pathname, { text: `Customer ${hkid}` });
    expect([answer.status, codeOf(answer.body)]).toEqual([403, 'CHAT_DLP_BLOCKED']);
    // Nobody is there who could answer a warning.
    expect(codeOf((await world.server.api('POST', pathname, { text: 'Project Lantern' })).body)).toBe('CHAT_DLP_WARNED');
    expect(await stored()).not.toMatch(/Customer|Lantern/);
  });

  it('is not posted by a token', async () => {
    const token = { accessToken: await world.token(app) };
    const answer = await world.call('POST', `/api/conversations/${conversationId}/messages`, { body: `Customer ${hkid}` }, token);
    expect(codeOf(answer.body)).toBe('CHAT_DLP_BLOCKED');
    expect(await stored()).not.toContain('Customer');
  });

  it('does not reach an app by a command, nor the conversation by its answer', async () => {
    const use = (text: string, more = {}) =>
      world.call('POST', `/api/conversations/${conversationId}/commands`, { command: 'look-up', text, ...more }, world.ana);
    expect(codeOf((await use(hkid)).body)).toBe('CHAT_DLP_BLOCKED');
    expect(codeOf((await use('Project Lantern')).body)).toBe('CHAT_DLP_WARNED');
    expect(receiver.deliveries).toEqual([]);
    receiver.behave((_request, response) => {
      response.end(JSON.stringify({ text: `It is ${hkid}`, visible: 'all' }));
      return undefined;
    });
    expect(codeOf((await use('Project Lantern', { acknowledged: true })).body)).toBe('CHAT_DLP_BLOCKED');
    expect(receiver.deliveries).toHaveLength(1);
    expect(await stored()).not.toContain('It is');
    receiver.behave((_request, response) => {
      response.end(JSON.stringify({ text: 'Found' }));
      return undefined;
    });
    expect(commandAnswerSchema.parse((await use('Ana')).body)).toMatchObject({ visible: 'me', text: 'Found' });
  });
});

describe('An archived conversation', () => {
  it('asks no app', async () => {
    const { id } = await world.conversation([app.id], 'Over');
    await world.call('PATCH', `/api/conversations/${id}`, { archived: true });
    const before = receiver.deliveries.length;
    const answer = await world.call('POST', `/api/conversations/${id}/commands`, { command: 'look-up' }, world.ana);
    expect(codeOf(answer.body)).toBe('CHAT_ARCHIVED');
    expect(receiver.deliveries).toHaveLength(before);
  });
});
