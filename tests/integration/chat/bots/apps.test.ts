import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { appNamesSchema, appSchema, appsSchema } from '../../../../src/chat/bots/schema.js';
import { conversationsSchema, messagesSchema } from '../../../../src/chat/schema.js';
import { SocketClient } from '../../../support/index.js';
import { askToken, BotsWorld, basic, tokenOf } from './bots-world.js';

let world: BotsWorld;
beforeAll(async () => {
  world = await BotsWorld.open();
});
afterAll(() => world?.close());

const errorOf = (body: unknown) => z.object({ error: z.object({ code: z.string(), field: z.string().optional() }) }).parse(body).error;

describe('Apps', () => {
  it('are registered by administrators alone, who see the secret once', async () => {
    const made = await world.app({ name: 'ERP <b>1</b>', description: 'Orders', scopes: ['messages:write'] });
    expect(made).toMatchObject({ name: 'ERP <b>1</b>', description: 'Orders', scopes: ['messages:write'], disabledAt: null });
    expect(made.clientSecret).toMatch(/^[\w-]{43}$/);
    const { apps } = await world.server.get(appsSchema, 'GET', '/api/apps', undefined, world.olivia.accessToken);
    expect(apps.map(({ id }) => id)).toContain(made.id);
    expect(JSON.stringify(apps)).not.toContain(made.clientSecret);
    for (const [method, path, body] of [
      ['GET', '/api/apps', undefined],
      ['GET', `/api/apps/${made.id}`, undefined],
      ['POST', '/api/apps', { name: 'Mine', scopes: ['messages:write'] }],
      ['PATCH', `/api/apps/${made.id}`, { disabled: true }],
      ['POST', `/api/apps/${made.id}/secret`, undefined],
    ] as const) {
      const answer = await world.call(method, path, body, world.ana);
      expect([answer.status, errorOf(answer.body).code]).toEqual([403, 'AUTH_FORBIDDEN']);
    }
    expect(await world.audited('chat.app-created')).toContainEqual({
      actor_id: world.olivia.person.id,
      subject: { app: made.id },
      detail: { name: 'ERP <b>1</b>', scopes: ['messages:write'] },
    });
  });

  it('are people whom anybody finds by name to add to a conversation, but who are no colleagues', async () => {
    const app = await world.app({ name: 'Calendar' });
    const { apps } = await world.server.get(appNamesSchema, 'GET', '/api/apps/names', undefined, world.ana.accessToken);
    expect(apps).toContainEqual({ id: app.id, name: 'Calendar', description: '' });
    const people = await world.call('GET', '/api/people', undefined, world.ana);
    expect(JSON.stringify(people.body)).not.toContain(app.id);
  });

  it('refuse redirect addresses that are dangerous', async () => {
    for (const uri of [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://erp.example/cb',
      'https://erp.example/cb#part',
      'https://a:b@erp.example/',
      'no url',
    ]) {
      const answer = await world.call('POST', '/api/apps', { name: 'X', scopes: ['messages:write'], redirectUris: [uri] });
      expect([uri, answer.status, errorOf(answer.body).field]).toEqual([uri, 400, 'redirectUris.0']);
    }
    for (const uri of ['https://erp.example/cb?x=1', 'http://127.0.0.1:8080/cb', 'http://[::1]/cb'])
      expect((await world.call('POST', '/api/apps', { name: 'X', scopes: ['messages:write'], redirectUris: [uri] })).status).toBe(200);
  });

  it('refuse names, scopes and types that are none', async () => {
    for (const body of [
      { name: '', scopes: ['messages:write'] },
      { name: 'x'.repeat(81), scopes: ['messages:write'] },
      { name: 'X', scopes: [] },
      { name: 'X', scopes: ['everything'] },
      { name: 7, scopes: 'messages:write' },
      null,
    ])
      expect((await world.call('POST', '/api/apps', body)).status).toBe(400);
  });
});

describe('The token endpoint', () => {
  it('gives a token for client credentials, in the body or by HTTP Basic', async () => {
    const app = await world.app();
    const inBody = await askToken(world.server, { grant_type: 'client_credentials', client_id: app.id, client_secret: app.clientSecret });
    expect(inBody.status).toBe(200);
    expect(inBody.body).toEqual({
      access_token: expect.stringMatching(/^cwa_[\w-]{43}$/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'conversations:read messages:read messages:write people:read',
    });
    expect(inBody.headers.get('cache-control')).toContain('no-store');
    expect(inBody.headers.get('pragma')).toBe('no-cache');
    const byBasic = await askToken(
      world.server,
      { grant_type: 'client_credentials', scope: 'messages:write messages:read' },
      basic(app.id, app.clientSecret),
    );
    expect(byBasic.body).toMatchObject({ scope: 'messages:read messages:write' });
  });

  it('refuses in the words of RFC 6749 section 5.2', async () => {
    const app = await world.app({ scopes: ['messages:write'] });
    const right = { client_id: app.id, client_secret: app.clientSecret };
    const grant = { grant_type: 'client_credentials' };
    const cases: [Parameters<typeof askToken>[1], Record<string, string> | undefined, number, string][] = [
      [{ ...grant, ...right, client_secret: 'wrong' }, undefined, 401, 'invalid_client'],
      [{ ...grant, client_id: 'nobody', client_secret: 'x' }, undefined, 401, 'invalid_client'],
      [{ ...grant, client_id: world.ana.person.id, client_secret: 'x' }, undefined, 401, 'invalid_client'],
      [grant, undefined, 401, 'invalid_client'],
      [grant, basic(app.id, 'wrong'), 401, 'invalid_client'],
      [grant, { authorization: 'Basic !!!' }, 401, 'invalid_client'],
      [grant, { authorization: `Basic ${Buffer.from('%zz:x').toString('base64')}` }, 401, 'invalid_client'],
      [{ ...grant, ...right }, basic(app.id, app.clientSecret), 400, 'invalid_request'],
      [right, undefined, 400, 'invalid_request'],
      [{ ...right, grant_type: 'password' }, undefined, 400, 'unsupported_grant_type'],
      [{ ...right, grant_type: 'refresh_token' }, undefined, 400, 'unsupported_grant_type'],
      [{ ...grant, ...right, scope: 'messages:read' }, undefined, 400, 'invalid_scope'],
      [{ ...grant, ...right, scope: 'messages:write everything' }, undefined, 400, 'invalid_scope'],
      [`grant_type=client_credentials&grant_type=password&client_id=${app.id}`, undefined, 400, 'invalid_request'],
      ['%%%=%ff\0', undefined, 401, 'invalid_client'],
    ];
    for (const [fields, headers, status, error] of cases) {
      const answer = await askToken(world.server, fields, headers);
      expect([fields, answer.status, answer.body]).toEqual([
        fields,
        status,
        { error, error_description: expect.stringMatching(/^[\x20-\x7e]+$/) },
      ]);
      if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
  });

  it('refuses what is no form, and what is too large', async () => {
    const json = await askToken(world.server, JSON.stringify({ grant_type: 'client_credentials' }), { 'content-type': 'application/json' });
    expect([json.status, json.body.error]).toEqual([415, 'invalid_request']);
    const large = await askToken(world.server, `x=${'a'.repeat(20_000)}`);
    expect([large.status, large.body.error]).toEqual([413, 'invalid_request']);
  });
});

describe('A token of an app', () => {
  it('reads and writes conversations that the app is a member of, under the app’s own name', async () => {
    const app = await world.app({ name: 'Courier' });
    const conversation = await world.conversation([app.id]);
    const other = await world.conversation([], 'Not its own');
    const token = { accessToken: await world.token(app) };
    const sent = await world.say(conversation.id, '**Parcel** <script>alert(1)</script>', token);
    expect(sent).toMatchObject({ senderId: app.id, senderName: 'Courier', byApp: true });
    const list = await world.server.get(conversationsSchema, 'GET', '/api/conversations', undefined, token.accessToken);
    expect(list.conversations.map(({ id }) => id)).toEqual([conversation.id]);
    const { messages } = await world.server.get(
      messagesSchema,
      'GET',
      `/api/conversations/${conversation.id}/messages`,
      undefined,
      token.accessToken,
    );
    expect(messages.at(-1)).toMatchObject({ number: sent.number, body: '**Parcel** <script>alert(1)</script>' });
    const refused = await world.call('POST', `/api/conversations/${other.id}/messages`, { body: 'hello' }, token);
    expect([refused.status, errorOf(refused.body).code]).toEqual([404, 'CHAT_NOT_FOUND']);
    expect((await world.call('GET', '/api/people', undefined, token)).status).toBe(200);
  });

  it('opens nothing that its scopes do not name, and says which is missing', async () => {
    const app = await world.app({ scopes: ['conversations:read'] });
    const conversation = await world.conversation([app.id]);
    const token = { accessToken: await world.token(app) };
    const refused = await world.call('POST', `/api/conversations/${conversation.id}/messages`, { body: 'hello' }, token);
    expect([refused.status, errorOf(refused.body).code]).toEqual([403, 'BOT_SCOPE']);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="messages:write"');
    for (const [method, path] of [
      ['GET', '/api/me'],
      ['GET', '/api/apps'],
      ['POST', '/api/conversations'],
      ['GET', '/api/meetings'],
      ['GET', '/api/devices'],
    ] as const) {
      const answer = await world.call(method, path, method === 'POST' ? {} : undefined, token);
      expect([path, answer.status, errorOf(answer.body).code]).toEqual([path, 403, 'AUTH_FORBIDDEN']);
    }
  });

  it('opens no socket', async () => {
    const token = await world.token(await world.app());
    await expect(SocketClient.connect(await world.server.gatewayUrl(), token, { language: 'en' })).rejects.toThrow();
  });

  it('ends at once when the app is switched off, and stays ended when it is switched on', async () => {
    const app = await world.app();
    const token = { accessToken: await world.token(app) };
    expect((await world.call('GET', '/api/conversations', undefined, token)).status).toBe(200);
    await world.server.get(appSchema, 'PATCH', `/api/apps/${app.id}`, { disabled: true }, world.olivia.accessToken);
    const ended = await world.call('GET', '/api/conversations', undefined, token);
    expect([ended.status, errorOf(ended.body).code]).toEqual([401, 'AUTH_SIGNED_OUT']);
    expect(ended.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    const no = await askToken(world.server, { grant_type: 'client_credentials', client_id: app.id, client_secret: app.clientSecret });
    expect(no.body.error).toBe('invalid_client');
    await world.server.get(appSchema, 'PATCH', `/api/apps/${app.id}`, { disabled: false }, world.olivia.accessToken);
    expect((await world.call('GET', '/api/conversations', undefined, token)).status).toBe(401);
    expect((await world.call('GET', '/api/conversations', undefined, { accessToken: await world.token(app) })).status).toBe(200);
    expect((await world.audited('chat.app-changed')).filter(({ subject }) => subject.app === app.id).map(({ detail }) => detail)).toEqual([
      { disabled: true },
      { disabled: false },
    ]);
  });

  it('loses a scope at once that is taken from the app', async () => {
    const app = await world.app();
    const token = { accessToken: await world.token(app) };
    await world.server.get(appSchema, 'PATCH', `/api/apps/${app.id}`, { scopes: ['messages:read'] }, world.olivia.accessToken);
    expect(errorOf((await world.call('GET', '/api/conversations', undefined, token)).body).code).toBe('BOT_SCOPE');
  });

  it('ends with the secret that is rotated', async () => {
    const app = await world.app();
    const token = { accessToken: await world.token(app) };
    const rotated = await world.call('POST', `/api/apps/${app.id}/secret`);
    const { clientSecret } = z.object({ clientSecret: z.string() }).parse(rotated.body);
    expect((await world.call('GET', '/api/conversations', undefined, token)).status).toBe(401);
    await expect(tokenOf(world.server, app)).rejects.toThrow('invalid_client');
    expect((await tokenOf(world.server, { ...app, clientSecret })).token_type).toBe('Bearer');
  });

  it('ends by itself', async () => {
    const app = await world.app();
    const token = { accessToken: await world.token(app) };
    await world.server.database.query(`update app_tokens set expires_at = now() - interval '1 second' where app_id = $1`, [app.id]);
    const answer = await world.call('GET', '/api/conversations', undefined, token);
    expect([answer.status, errorOf(answer.body).code]).toEqual([401, 'AUTH_EXPIRED']);
  });

  it('is kept as a hash', async () => {
    const token = await world.token(await world.app());
    expect(JSON.stringify(await world.server.database.query('select * from app_tokens'))).not.toContain(token);
  });

  it('that nobody gave out is none', async () => {
    for (const accessToken of ['cwa_', 'cwa_nonsense', `cwa_${'A'.repeat(43)}`]) {
      const answer = await world.call('GET', '/api/conversations', undefined, { accessToken });
      expect([answer.status, errorOf(answer.body).code]).toEqual([401, 'AUTH_REQUIRED']);
    }
  });
});

describe('An app that calls too often', () => {
  it('is told to wait, and others are not', async () => {
    const small = await BotsWorld.open({ BOT_REQUESTS_PER_MINUTE: 5 });
    try {
      const [busy, calm] = [await small.app({ name: 'Busy' }), await small.app({ name: 'Calm' })];
      const token = { accessToken: await small.token(busy) };
      let [passed, refused] = [0, await small.call('GET', '/api/conversations', undefined, token)];
      for (; refused.status === 200; passed += 1) refused = await small.call('GET', '/api/conversations', undefined, token);
      expect(passed).toBeGreaterThanOrEqual(3);
      expect([refused.status, errorOf(refused.body).code]).toEqual([429, 'REQUEST_RATE']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await small.call('GET', '/api/conversations', undefined, { accessToken: await small.token(calm) })).status).toBe(200);
    } finally {
      await small.close();
    }
  });
});
