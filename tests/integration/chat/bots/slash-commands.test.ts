import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commandAnswerSchema, slashCommandMadeSchema, slashCommandsSchema } from '../../../../src/chat/bots/schema.js';
import { messagesSchema } from '../../../../src/chat/schema.js';
import { type AppMade, BotsWorld } from './bots-world.js';
import { isSignedBy, Receiver } from './receiver.js';

let world: BotsWorld;
let app: AppMade;
let conversationId: string;
let receiver: Receiver;
beforeAll(async () => {
  world = await BotsWorld.open();
  app = await world.app({ name: 'Weather' });
  conversationId = (await world.conversation([app.id])).id;
});
afterAll(() => world?.close());
beforeEach(async () => {
  receiver = await Receiver.open();
});
afterEach(() => receiver.close());

let made = 0;
function command(over: Record<string, unknown> = {}): Promise<z.output<typeof slashCommandMadeSchema>> {
  made += 1;
  const body = { name: `weather-${made}`, description: 'The weather', hint: 'place', appId: app.id, url: receiver.url, ...over };
  return world.server.get(slashCommandMadeSchema, 'POST', '/api/slash-commands', body, world.olivia.accessToken);
}

const use = (name: string, text = '', more: Record<string, unknown> = {}, by = world.ana) =>
  world.call('POST', `/api/conversations/${conversationId}/commands`, { command: name, text, ...more }, by);
const answered = async (name: string, text = '') => commandAnswerSchema.parse((await use(name, text)).body);
const answers = (body: string, status = 200) =>
  receiver.behave((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    return undefined;
  });

async function messages() {
  const path = `/api/conversations/${conversationId}/messages?limit=200`;
  return (await world.server.get(messagesSchema, 'GET', path, undefined, world.ana.accessToken)).messages;
}

const codeOf = (body: unknown) => z.object({ error: z.object({ code: z.string() }) }).parse(body).error.code;

describe('A slash command', () => {
  it('asks its app, signed, and posts as the app what is for all', async () => {
    const { name, secret } = await command();
    answers(JSON.stringify({ text: '**Sunny**, 28°', visible: 'all' }));
    const answer = await answered(name, 'Kowloon <b>');
    expect(answer).toMatchObject({ visible: 'all', text: '', name: 'Weather' });
    expect((await messages()).find(({ number }) => number === answer.number)).toMatchObject({
      senderId: app.id,
      byApp: true,
      body: '**Sunny**, 28°',
    });
    const [asked] = receiver.deliveries;
    expect(asked && isSignedBy(secret, asked)).toBe(true);
    expect(asked?.payload).toMatchObject({
      event: 'command.invoked',
      command: name,
      text: 'Kowloon <b>',
      user: { id: world.ana.person.id, name: 'Ana' },
      conversation: { id: conversationId, title: 'Deliveries' },
    });
  });

  it('shows the caller alone what is for him', async () => {
    const { name } = await command();
    const before = (await messages()).length;
    answers(JSON.stringify({ text: 'Only for you <script>' }));
    expect(await answered(name)).toEqual({ visible: 'me', number: null, text: 'Only for you <script>', name: 'Weather' });
    for (const nothing of ['', '{}', '{"text":"  ","visible":"all"}']) {
      answers(nothing);
      expect(await answered(name)).toEqual({ visible: 'none', number: null, text: '', name: 'Weather' });
    }
    expect(await messages()).toHaveLength(before);
  });

  it('posts once for one client id', async () => {
    const { name } = await command();
    answers('{"text":"once","visible":"all"}');
    const clientId = crypto.randomUUID();
    const [one, two] = [await use(name, '', { clientId }), await use(name, '', { clientId })];
    expect(commandAnswerSchema.parse(two.body).number).toBe(commandAnswerSchema.parse(one.body).number);
    expect((await messages()).filter(({ body }) => body === 'once')).toHaveLength(1);
  });

  it('fails by name when its app answers wrongly, too late or too much', async () => {
    const { name } = await command();
    const before = (await messages()).length;
    for (const [body, status] of [
      ['not json', 200],
      ['{"text":7}', 200],
      ['{"text":"x","visible":"everybody"}', 200],
      ['[]', 200],
      ['null', 200],
      ['\u0000', 200],
      ['{"text":"x"}', 500],
      ['{"text":"x"}', 302],
      [JSON.stringify({ text: 'x'.repeat(70_000), visible: 'all' }), 200],
    ] as const) {
      answers(body, status);
      const answer = await use(name);
      expect([body.slice(0, 40), answer.status, codeOf(answer.body)]).toEqual([body.slice(0, 40), 502, 'BOT_COMMAND_FAILED']);
    }
    answers(JSON.stringify({ text: 'x'.repeat(9_000), visible: 'all' }));
    expect(codeOf((await use(name)).body)).toBe('CHAT_TOO_LONG');
    receiver.behave(async (request) => {
      await new Promise((resolve) => request.socket.on('close', resolve));
      return 599;
    });
    expect(codeOf((await use(name)).body)).toBe('BOT_COMMAND_FAILED');
    receiver.close();
    expect(codeOf((await use(name)).body)).toBe('BOT_COMMAND_FAILED');
    expect(await messages()).toHaveLength(before);
  });

  it('is refused to who uses commands too often, and his app is left alone', async () => {
    const { name } = await command();
    answers('{}');
    const eager = await world.server.invite(world.olivia, 'Eager');
    await world.call('POST', `/api/conversations/${conversationId}/members`, { personIds: [eager.person.id] });
    const uses = await Promise.all(Array.from({ length: 150 }, () => use(name, '', {}, eager)));
    const refused = uses.filter(({ status }) => status === 429);
    expect(uses.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(60);
    expect(refused.length).toBeGreaterThan(0);
    expect(codeOf(refused[0]?.body)).toBe('REQUEST_RATE');
    expect(receiver.deliveries).toHaveLength(uses.length - refused.length);
    expect((await use(name)).status).toBe(200);
  });

  it('works where its app is a member, for members', async () => {
    const { name } = await command();
    answers('{"text":"x"}');
    const without = await world.conversation([], 'Without the app');
    const there = await world.call('POST', `/api/conversations/${without.id}/commands`, { command: name }, world.ana);
    expect([there.status, codeOf(there.body)]).toEqual([409, 'BOT_NOT_MEMBER']);
    const ben = await world.server.invite(world.olivia, 'Ben');
    const stranger = await use(name, '', {}, ben);
    expect([stranger.status, codeOf(stranger.body)]).toEqual([404, 'CHAT_NOT_FOUND']);
    expect(receiver.deliveries).toEqual([]);
  });

  it('ends when it is switched off or deleted, or its app is switched off', async () => {
    const { id, name } = await command();
    answers('{"text":"x"}');
    const patch = (disabled: boolean) => world.call('PATCH', `/api/slash-commands/${id}`, { disabled });
    await patch(true);
    expect(codeOf((await use(name)).body)).toBe('BOT_COMMAND_NOT_FOUND');
    await patch(false);
    expect((await use(name)).status).toBe(200);
    await world.call('PATCH', `/api/apps/${app.id}`, { disabled: true });
    expect(codeOf((await use(name)).body)).toBe('BOT_COMMAND_NOT_FOUND');
    await world.call('PATCH', `/api/apps/${app.id}`, { disabled: false });
    await world.call('DELETE', `/api/slash-commands/${id}`);
    expect(codeOf((await use(name)).body)).toBe('BOT_COMMAND_NOT_FOUND');
  });

  it('signs with the new secret after it was rotated', async () => {
    const { id, name, secret: before } = await command();
    answers('{}');
    const { secret } = slashCommandMadeSchema.parse((await world.call('POST', `/api/slash-commands/${id}/secret`)).body);
    await use(name);
    const [asked] = receiver.deliveries;
    expect(asked && [isSignedBy(before, asked), isSignedBy(secret, asked)]).toEqual([false, true]);
  });

  it.each([
    ['me', 'waves at *everyone*_', '*waves at \\*everyone\\*\\_*'],
    ['shrug', 'no idea', 'no idea ¯\\\\\\_(ツ)\\_/¯'],
    ['shrug', '', '¯\\\\\\_(ツ)\\_/¯'],
  ])('/%s %s is built in, and sends in the caller’s own name', async (name, text, body) => {
    const answer = await answered(name, text);
    expect((await messages()).find(({ number }) => number === answer.number)).toMatchObject({
      senderId: world.ana.person.id,
      byApp: false,
      body,
    });
  });

  it('that is not there, and what is no command, is refused', async () => {
    expect(codeOf((await use('nothing-of-the-kind')).body)).toBe('BOT_COMMAND_NOT_FOUND');
    for (const name of ['', '/', 'UPPER', 'a b', 'x'.repeat(40), '../../x', '天氣'])
      expect(codeOf((await use(name)).body)).toBe('REQUEST_INVALID');
    expect(codeOf((await use('me', '')).body)).toBe('CHAT_EMPTY');
    expect(codeOf((await use('me', 'x'.repeat(8_001))).body)).toBe('REQUEST_INVALID');
  });
});

describe('The list of commands', () => {
  it('shows everybody what works, and administrators also addresses and what is switched off', async () => {
    const on = await command({ name: '/forecast' });
    expect(on.name).toBe('forecast');
    const off = await command();
    await world.call('PATCH', `/api/slash-commands/${off.id}`, { disabled: true });
    const list = async (by: { accessToken: string }, query = '') =>
      (await world.server.get(slashCommandsSchema, 'GET', `/api/slash-commands${query}`, undefined, by.accessToken)).commands;
    const forAna = await list(world.ana);
    expect(forAna.map(({ name }) => name)).toEqual([...forAna.map(({ name }) => name)].sort());
    expect(forAna.find(({ name }) => name === 'forecast')).toMatchObject({ id: on.id, app: { name: 'Weather' }, hint: 'place', url: null });
    expect(forAna.find(({ name }) => name === 'me')).toMatchObject({ id: null, app: null });
    expect(forAna.map(({ id }) => id)).not.toContain(off.id);
    const forOlivia = await list(world.olivia);
    expect(forOlivia.find(({ id }) => id === off.id)).toMatchObject({ url: receiver.url, disabledAt: expect.any(String) });
    expect(JSON.stringify(forOlivia)).not.toContain(on.secret);
    const without = await world.conversation([], 'No app');
    expect((await list(world.ana, `?conversationId=${without.id}`)).map(({ name }) => name)).toEqual(['me', 'shrug']);
    expect((await list(world.ana, `?conversationId=${conversationId}`)).map(({ name }) => name)).toContain('forecast');
  });

  it('has each name once', async () => {
    const { name } = await command();
    for (const taken of [name, `/${name}`, 'me', 'shrug']) {
      const answer = await world.call('POST', '/api/slash-commands', { name: taken, appId: app.id, url: receiver.url });
      expect([taken, answer.status, codeOf(answer.body)]).toEqual([taken, 409, 'BOT_COMMAND_TAKEN']);
    }
  });

  it('is kept by administrators', async () => {
    const { id } = await command();
    for (const [method, path, body] of [
      ['POST', '/api/slash-commands', { name: 'mine', appId: app.id, url: receiver.url }],
      ['PATCH', `/api/slash-commands/${id}`, { url: receiver.url }],
      ['POST', `/api/slash-commands/${id}/secret`, undefined],
      ['DELETE', `/api/slash-commands/${id}`, undefined],
    ] as const)
      expect((await world.call(method, path, body, world.ana)).status).toBe(403);
  });
});
