import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizedSchema, authorizeFaceSchema } from '../../../../src/chat/bots/schema.js';
import { type AppMade, askToken, BotsWorld, type FormAnswer, pkce } from './bots-world.js';

const redirectUri = 'https://erp.example/callback?tenant=7';

let world: BotsWorld;
let app: AppMade;
beforeAll(async () => {
  world = await BotsWorld.open();
  app = await world.app({ name: 'ERP', scopes: ['messages:read', 'messages:write'], redirectUris: [redirectUri, 'http://127.0.0.1/cb'] });
});
afterAll(() => world?.close());

function asked(over: Record<string, string> = {}): Record<string, string> {
  return {
    response_type: 'code',
    client_id: app.id,
    redirect_uri: redirectUri,
    scope: 'messages:write',
    state: 'st<ate>&x=1',
    code_challenge: pkce().challenge,
    code_challenge_method: 'S256',
    ...over,
  };
}

const look = (query: Record<string, string>, by = world.olivia) =>
  world.call('GET', `/api/oauth/authorize?${new URLSearchParams(query)}`, undefined, by);
const decide = (query: Record<string, string>, allow: boolean, by = world.olivia) =>
  world.call('POST', '/api/oauth/authorize', { ...query, allow }, by);

async function redirectOf(query: Record<string, string>, allow = true): Promise<URLSearchParams> {
  const answer = await decide(query, allow);
  expect(answer.status).toBe(200);
  const { redirect } = authorizedSchema.parse(answer.body);
  const url = new URL(redirect);
  expect(`${url.origin}${url.pathname}`).toBe('https://erp.example/callback');
  expect(url.searchParams.get('tenant')).toBe('7');
  expect(url.searchParams.get('state')).toBe(query.state ?? null);
  return url.searchParams;
}

async function approved(over: Record<string, string> = {}): Promise<{ code: string; verifier: string }> {
  const { verifier, challenge } = pkce();
  const code = (await redirectOf(asked({ code_challenge: challenge, ...over }))).get('code');
  if (code === null) throw new Error('There is no code.');
  return { code, verifier };
}

const exchange = (code: string, verifier: string, over: Record<string, string> = {}): Promise<FormAnswer> =>
  askToken(world.server, {
    grant_type: 'authorization_code',
    client_id: app.id,
    client_secret: app.clientSecret,
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...over,
  });

const works = async (token: unknown): Promise<number> =>
  (await world.call('GET', `/api/conversations/${crypto.randomUUID()}/messages`, undefined, { accessToken: String(token) })).status;

describe('An authorization code', () => {
  it('is given when an administrator allows it, and becomes a token for what he allowed', async () => {
    const face = authorizeFaceSchema.parse((await look(asked({ scope: 'messages:read' }))).body);
    expect(face).toEqual({ app: { id: app.id, name: 'ERP', description: '' }, scopes: ['messages:read'], redirect: null });
    const { code, verifier } = await approved({ scope: 'messages:read' });
    const answer = await exchange(code, verifier);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: 'messages:read' });
    expect(answer.body).not.toHaveProperty('refresh_token');
    // Allowed to ask; the conversation is not there.
    expect(await works(answer.body.access_token)).toBe(404);
    expect((await world.audited('chat.app-approved')).at(-1)).toEqual({
      actor_id: world.olivia.person.id,
      subject: { app: app.id },
      detail: { scopes: ['messages:read'] },
    });
  });

  it('is not given when he denies it', async () => {
    const answer = await redirectOf(asked(), false);
    expect([answer.get('error'), answer.get('code')]).toEqual(['access_denied', null]);
  });

  it('is for administrators to give', async () => {
    for (const answer of [await look(asked(), world.ana), await decide(asked(), true, world.ana)])
      expect([answer.status, answer.body]).toEqual([403, { error: expect.objectContaining({ code: 'AUTH_FORBIDDEN' }) }]);
  });

  it('is never sent to an address that was not registered letter by letter, nor for an app that is not there', async () => {
    for (const redirect_uri of [
      'https://erp.example/callback',
      'https://erp.example/callback?tenant=7&x=1',
      'https://ERP.example/callback?tenant=7',
      'https://erp.example.evil.example/callback?tenant=7',
      'https://erp.example/callback?tenant=7#',
      'javascript:alert(1)//https://erp.example/callback?tenant=7',
      'http://127.0.0.1:8080/cb',
    ]) {
      for (const answer of [await look(asked({ redirect_uri })), await decide(asked({ redirect_uri }), true)])
        expect([answer.status, answer.body]).toEqual([400, { error: expect.objectContaining({ code: 'BOT_REDIRECT' }) }]);
    }
    const unknown = await decide(asked({ client_id: crypto.randomUUID() }), true);
    expect([unknown.status, unknown.body]).toEqual([404, { error: expect.objectContaining({ code: 'BOT_APP_NOT_FOUND' }) }]);
  });

  it('is refused to the app, by the redirect, when it asks wrongly', async () => {
    for (const [over, error] of [
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ scope: 'people:read' }, 'invalid_scope'],
      [{ scope: 'everything' }, 'invalid_scope'],
      [{ code_challenge: '' }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'too-short' }, 'invalid_request'],
      [{ code_challenge: `${'A'.repeat(42)}=` }, 'invalid_request'],
    ] as const) {
      const answer = await redirectOf(asked(over));
      expect([over, answer.get('error'), answer.get('code')]).toEqual([over, error, null]);
      const face = authorizeFaceSchema.parse((await look(asked(over))).body);
      expect(face.redirect).toContain(`error=${error}`);
    }
  });

  it('is good once: presented again it is refused, and the token that came of it ends', async () => {
    const { code, verifier } = await approved();
    const first = await exchange(code, verifier);
    expect(await works(first.body.access_token)).toBe(403);
    const replayed = await exchange(code, verifier);
    expect([replayed.status, replayed.body.error]).toEqual([400, 'invalid_grant']);
    expect(await works(first.body.access_token)).toBe(401);
    expect((await world.audited('chat.app-code-replayed')).at(-1)).toEqual({ actor_id: null, subject: { app: app.id }, detail: {} });
  });

  it('is good once for two who present it at the same time', async () => {
    const { code, verifier } = await approved();
    const answers = await Promise.all([exchange(code, verifier), exchange(code, verifier), exchange(code, verifier)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    const token = answers.find(({ status }) => status === 200)?.body.access_token;
    expect(await works(token)).toBe(401);
  });

  it('is for who knows the verifier, and used up by who does not', async () => {
    const { code, verifier } = await approved();
    for (const wrong of [pkce().verifier, '', 'x', verifier.slice(1)])
      expect((await exchange(code, wrong)).body.error).toBe(wrong === '' ? 'invalid_request' : 'invalid_grant');
    expect((await exchange(code, verifier)).body.error).toBe('invalid_grant');
  });

  it('is bound to its app and its address', async () => {
    const other = await world.app({ name: 'Other', redirectUris: [redirectUri] });
    const one = await approved();
    const stolen = await exchange(one.code, one.verifier, { client_id: other.id, client_secret: other.clientSecret });
    expect(stolen.body.error).toBe('invalid_grant');
    const two = await approved();
    expect((await exchange(two.code, two.verifier, { redirect_uri: 'http://127.0.0.1/cb' })).body.error).toBe('invalid_grant');
    const three = await approved();
    expect((await exchange(three.code, three.verifier, { client_secret: 'wrong' })).body.error).toBe('invalid_client');
    // Who is not the app has not touched it.
    expect((await exchange(three.code, three.verifier)).status).toBe(200);
  });

  it('is too old after a minute', async () => {
    const { code, verifier } = await approved();
    await world.server.database.query(`update app_codes set expires_at = expires_at - interval '61 seconds' where used_at is null`);
    expect((await exchange(code, verifier)).body.error).toBe('invalid_grant');
  });

  it('ends when the app is switched off', async () => {
    const { code, verifier } = await approved();
    await world.call('PATCH', `/api/apps/${app.id}`, { disabled: true });
    expect((await look(asked())).status).toBe(404);
    await world.call('PATCH', `/api/apps/${app.id}`, { disabled: false });
    expect((await exchange(code, verifier)).body.error).toBe('invalid_grant');
  });

  it('is kept as a hash', async () => {
    const { code } = await approved();
    expect(JSON.stringify(await world.server.database.query('select * from app_codes'))).not.toContain(code);
  });
});
