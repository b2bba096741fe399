/** examples/echo-bot as a process, against a server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outgoingWebhookMadeSchema } from '../../../../src/chat/bots/schema.js';
import { messagesSchema } from '../../../../src/chat/schema.js';
import { freePort, waitFor } from '../../../support/index.js';
import { BotsWorld } from './bots-world.js';

const program = path.join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'echo-bot', 'echo-bot.mjs');

let world: BotsWorld;
let bot: ChildProcess;
let botUrl: string;
let secret: string;
let conversationId: string;

beforeAll(async () => {
  world = await BotsWorld.open({ WEBHOOK_RETRY_MS: 100 });
  const app = await world.app({ name: 'Echo', scopes: ['messages:write'] });
  conversationId = (await world.conversation([app.id])).id;
  const port = await freePort();
  botUrl = `http://127.0.0.1:${port}/`;
  const body = { name: 'Echo', appId: app.id, url: botUrl };
  ({ secret } = await world.server.get(outgoingWebhookMadeSchema, 'POST', '/api/outgoing-webhooks', body, world.olivia.accessToken));
  bot = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH ?? '',
      CAUSEWAY_URL: world.server.url,
      CLIENT_ID: app.id,
      CLIENT_SECRET: app.clientSecret,
      WEBHOOK_SECRET: secret,
      PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
});
afterAll(async () => {
  if (bot && bot.exitCode === null) {
    bot.kill('SIGKILL');
    await once(bot, 'close');
  }
  await world?.close();
});

async function said() {
  const list = await world.server.get(
    messagesSchema,
    'GET',
    `/api/conversations/${conversationId}/messages`,
    undefined,
    world.ana.accessToken,
  );
  return list.messages.filter(({ kind }) => kind === 'text');
}

describe('The echo bot', () => {
  it('answers each message once, in order, with the same words', async () => {
    // Some before it listens: they come when it does.
    const bodies = Array.from({ length: 10 }, (_, i) => `hello ${i} <b>&`);
    for (const body of bodies) await world.say(conversationId, body);
    const messages = await waitFor(async () => {
      const all = await said();
      return all.length >= 20 && all;
    }, 'ten answers');
    const answers = messages.filter(({ byApp }) => byApp);
    expect(answers.map(({ body, senderName }) => [body, senderName])).toEqual(bodies.map((body) => [body, 'Echo']));
    const asked = messages.filter(({ byApp }) => !byApp);
    expect(answers.map(({ replyTo }) => replyTo)).toEqual(asked.map(({ number }) => number));
  });

  it('believes nothing that is not signed, or was signed long ago', async () => {
    const body = JSON.stringify({
      id: crypto.randomUUID(),
      event: 'message.posted',
      conversation: { id: conversationId },
      message: { number: 1, kind: 'text', body: 'forged', sender: { app: false }, recalledAt: null },
    });
    const now = Math.floor(Date.now() / 1000);
    const sign = (key: string, time: number) => `t=${time},v1=${createHmac('sha256', key).update(`${time}.${body}`).digest('hex')}`;
    for (const signature of [undefined, '', 't=1,v1=00', sign('guess', now), sign(secret, now - 400), sign(secret, now + 400)]) {
      const answer = await fetch(botUrl, {
        method: 'POST',
        body,
        ...(signature === undefined ? {} : { headers: { 'causeway-signature': signature } }),
      });
      expect(answer.status).toBe(401);
    }
    const deliver = () => fetch(botUrl, { method: 'POST', body, headers: { 'causeway-signature': sign(secret, now) } });
    // The same twice, as it may come: one answer.
    expect([(await deliver()).status, (await deliver()).status]).toEqual([204, 204]);
    expect((await said()).filter(({ body: text }) => text === 'forged')).toHaveLength(1);
  });
});
