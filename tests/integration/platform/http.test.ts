import { mkdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Config } from '../../../src/config.js';
import { CausewayError } from '../../../src/platform/errors.js';
import { createHttp, type Http, type HttpApp, principalOf } from '../../../src/platform/http/index.js';
import { createLog } from '../../../src/platform/log.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import type { Principal } from '../../../src/platform/principal.js';
import { type TemporaryFolder, temporaryFolder, testConfig, waitFor } from '../../support/index.js';

const member: Principal = { orgId: 'o', personId: 'p', name: 'Ada', role: 'member', signInId: 's', expiresAt: 0 };
const guest: Principal = { ...member, role: 'guest', guestOf: 'm' };

let folder: TemporaryFolder;
let logged: string[];
let healthy: boolean;
let running: { http: Http; base: string } | null;

beforeEach(async () => {
  folder = await temporaryFolder();
  logged = [];
  healthy = true;
  running = null;
});
afterEach(async () => {
  await running?.http.close();
  await folder.remove();
});

async function create(over: Partial<Config> = {}): Promise<Http> {
  return createHttp({
    config: testConfig(over),
    log: createLog({ LOG_LEVEL: 'debug', NODE_NAME: 'test' }, { write: (line) => logged.push(line) }),
    metrics: createMetrics(),
    version: '1.2.3',
    socketOrigins: ['ws://*:3001'],
    page: path.join(folder.path, 'page'),
    authenticate: async (token) => {
      if (token === 'member') return member;
      if (token === 'guest') return guest;
      throw new CausewayError('AUTH_EXPIRED');
    },
    health: async () => ({ database: healthy, media: true }),
  });
}

const echoBody = z.object({ name: z.string().min(2), deep: z.object({ list: z.array(z.number()) }).optional() });
const answer = z.object({ said: z.string() });

/** Routes that stand for those of the product. */
function routes(app: HttpApp): void {
  app.post('/api/echo', { config: { access: 'public' }, schema: { body: echoBody, response: { 200: answer } } }, async (request) => ({
    said: request.body.name,
  }));
  app.get('/api/me', { schema: { response: { 200: answer } } }, async (request) => ({ said: principalOf(request).role }));
  app.get('/api/meeting', { config: { access: 'guest' }, schema: { response: { 200: answer } } }, async (request) => ({
    said: principalOf(request).role,
  }));
  app.get(
    '/api/items/:id',
    {
      config: { access: 'public' },
      schema: {
        params: z.object({ id: z.coerce.number() }),
        querystring: z.object({ page: z.coerce.number().default(1) }),
        response: { 200: answer },
      },
    },
    async (request) => ({ said: `${request.params.id + 1} ${request.query.page + 1}` }),
  );
  app.get('/api/fault', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => {
    throw new Error('the reason in the log');
  });
  app.get('/api/refusal', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => {
    throw new CausewayError('MEETING_FULL');
  });
  app.get('/api/wrong-answer', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () =>
    JSON.parse('{ "said": 7 }'),
  );
  app.get('/api/extra', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => ({
    said: 'yes',
    secret: 'not in the schema',
  }));
  app.post('/api/sign-in', { config: { access: 'public', ratePerMinute: 3 }, schema: { response: { 200: answer } } }, async () => ({
    said: 'in',
  }));
}

async function start(over: Partial<Config> = {}, more?: (app: HttpApp) => void): Promise<string> {
  const http = await create(over);
  routes(http.app);
  more?.(http.app);
  const { port } = await http.listen();
  running = { http, base: `http://127.0.0.1:${port}` };
  return running.base;
}

const refusal = z.object({
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean(), field: z.string().optional() }),
});

async function refused(response: Response): Promise<z.output<typeof refusal>['error']> {
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  return refusal.parse(await response.json()).error;
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });

/** What a careful client never sends. */
async function raw(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  let answered = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answered += chunk;
  });
  socket.write(text);
  await waitFor(() => answered.includes('\r\n\r\n'), 'an answer');
  socket.destroy();
  return answered;
}

describe('what comes in', () => {
  it('reaches the handler with the types of the schema', async () => {
    const base = await start();
    expect(await (await post(`${base}/api/echo`, { name: 'Ada' })).json()).toEqual({ said: 'Ada' });
    expect(await (await fetch(`${base}/api/items/41`)).json()).toEqual({ said: '42 2' });
  });

  it('is refused with the field when it does not fit', async () => {
    const base = await start();
    const response = await post(`${base}/api/echo`, { name: 'Ada', deep: { list: [1, 'two'] } });
    expect(response.status).toBe(400);
    expect(await refused(response)).toEqual({
      code: 'REQUEST_INVALID',
      message: 'Part of the input is not valid: deep.list.1: Invalid input: expected number, received string.',
      retryable: false,
      field: 'deep.list.1',
    });
  });

  it.each([
    ['zh-HK,zh;q=0.9,en;q=0.5', /^輸入的資料有誤：name: .*預期/],
    ['zh-CN', /^输入的数据有误：name: .*期望/],
    ['fr', /^Part of the input is not valid: name: /],
  ])('is refused in the language of the caller: %s', async (language, sentence) => {
    const base = await start();
    const { message } = await refused(await post(`${base}/api/echo`, { name: 7 }, { 'accept-language': language }));
    expect(message).toMatch(sentence);
  });

  it.each([
    ['no body', { method: 'POST' }],
    ['no JSON', { method: 'POST', body: '{ "name"', headers: { 'content-type': 'application/json' } }],
    ['an empty body', { method: 'POST', body: '', headers: { 'content-type': 'application/json' } }],
    ['a list', { method: 'POST', body: '[]', headers: { 'content-type': 'application/json' } }],
    ['null', { method: 'POST', body: 'null', headers: { 'content-type': 'application/json' } }],
    [
      'a poisoned prototype',
      { method: 'POST', body: '{"name":"Ada","__proto__":{"x":1}}', headers: { 'content-type': 'application/json' } },
    ],
    ['another media type', { method: 'POST', body: '<x/>', headers: { 'content-type': 'application/xml' } }],
    ['text', { method: 'POST', body: 'hello', headers: { 'content-type': 'text/plain' } }],
  ])('is refused as invalid when it has %s', async (_, init) => {
    const base = await start();
    const response = await fetch(`${base}/api/echo`, init);
    expect(response.status).toBe(400);
    expect((await refused(response)).code).toBe('REQUEST_INVALID');
  });

  it('is refused when it is too large, before it was read', async () => {
    const base = await start({ HTTP_BODY_BYTES: 1_024 });
    const response = await post(`${base}/api/echo`, { name: 'x'.repeat(2_000) });
    expect(response.status).toBe(413);
    expect((await refused(response)).code).toBe('REQUEST_TOO_LARGE');
  });

  it.each(['/api/items/%zz', '/%ff%fe', '/api/items/%00', `/api/items/${'9'.repeat(300)}`])(
    'is refused in the form of the catalogue at %s',
    async (address) => {
      const base = await start();
      const answered = await raw(base, `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answered).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(answered).toMatch(/"error":\{"code":"(REQUEST_INVALID|ROUTE_NOT_FOUND)"/);
    },
  );

  it('that is no HTTP at all ends the connection and nothing else', async () => {
    const base = await start();
    expect(await raw(base, '\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });
});

describe('what goes out', () => {
  it('has no more than the schema says', async () => {
    const base = await start();
    expect(await (await fetch(`${base}/api/extra`)).json()).toEqual({ said: 'yes' });
  });

  it('is a fault of the server when it does not fit the schema', async () => {
    const base = await start();
    const response = await fetch(`${base}/api/wrong-answer`);
    expect(response.status).toBe(500);
    expect((await refused(response)).code).toBe('SERVER_FAULT');
  });

  it('is a refusal of the catalogue where the handler refused', async () => {
    const base = await start();
    const response = await fetch(`${base}/api/refusal`, { headers: { 'accept-language': 'zh-TW' } });
    expect(response.status).toBe(409);
    expect(await refused(response)).toEqual({ code: 'MEETING_FULL', message: '會議人數已滿，請聯絡主持人。', retryable: false });
  });

  it('hides what was thrown, which the log has with its stack and the id of the request', async () => {
    const base = await start();
    const response = await fetch(`${base}/api/fault`);
    expect(response.status).toBe(500);
    const error = await refused(response);
    expect(error).toMatchObject({ code: 'SERVER_FAULT', retryable: true });
    expect(JSON.stringify(error)).not.toContain('reason');
    const line = logged.find((entry) => entry.includes('the reason in the log')) ?? '';
    expect(line).toContain('http.test.ts');
    expect(JSON.parse(line)).toMatchObject({ level: 'error', reqId: response.headers.get('x-request-id') });
  });

  it('is never kept by a cache where it is of the API', async () => {
    const base = await start();
    expect((await fetch(`${base}/api/extra`)).headers.get('cache-control')).toBe('no-store');
    expect((await fetch(`${base}/api/refusal`)).headers.get('cache-control')).toBe('no-store');
  });

  it('says that there is nothing at an unknown address, and at a known one with another method', async () => {
    const base = await start();
    for (const [address, method] of [
      ['/api/nothing', 'GET'],
      ['/nothing', 'GET'],
      ['/api/echo', 'DELETE'],
      ['/health', 'POST'],
    ] as const) {
      const response = await fetch(base + address, { method });
      expect(response.status).toBe(404);
      expect((await refused(response)).code).toBe('ROUTE_NOT_FOUND');
    }
  });
});

describe('access', () => {
  const call = (base: string, address: string, token?: string) =>
    fetch(base + address, token ? { headers: { authorization: `Bearer ${token}` } } : {});

  it.each([
    ['/api/me', undefined, 401, 'AUTH_REQUIRED'],
    ['/api/me', 'nobody', 401, 'AUTH_EXPIRED'],
    ['/api/me', 'guest', 403, 'AUTH_FORBIDDEN'],
    ['/api/meeting', undefined, 401, 'AUTH_REQUIRED'],
    // The same addresses written in another way.
    ['/%61pi/me', undefined, 401, 'AUTH_REQUIRED'],
    ['/api/%6de', 'guest', 403, 'AUTH_FORBIDDEN'],
  ])('to %s with the token %s is refused: %i %s', async (address, token, status, code) => {
    const base = await start();
    const response = await call(base, address, token);
    expect(response.status).toBe(status);
    expect((await refused(response)).code).toBe(code);
  });

  it('is given to a person by default, and to a guest where the route says so', async () => {
    const base = await start();
    expect(await (await call(base, '/api/me', 'member')).json()).toEqual({ said: 'member' });
    expect(await (await call(base, '/api/meeting', 'guest')).json()).toEqual({ said: 'guest' });
    expect(await (await call(base, '/api/meeting', 'member')).json()).toEqual({ said: 'member' });
  });

  it('comes before the schema: a stranger learns nothing of it', async () => {
    const base = await start({}, (app) => {
      app.post('/api/closed', { schema: { body: echoBody, response: { 200: answer } } }, async () => ({ said: '' }));
    });
    expect((await refused(await post(`${base}/api/closed`, { wrong: true }))).code).toBe('AUTH_REQUIRED');
  });

  it('is the default also for a route whose name begins like that of the description', async () => {
    const base = await start({}, (app) => {
      app.get('/api/docsets', { schema: { response: { 200: answer } } }, async () => ({ said: '' }));
    });
    expect((await fetch(`${base}/api/docsets`)).status).toBe(401);
  });

  it('is listed for every route of the API', async () => {
    await start();
    expect(running?.http.routes()).toContainEqual({ method: 'POST', url: '/api/echo', access: 'public' });
    expect(running?.http.routes()).toContainEqual({ method: 'GET', url: '/api/me', access: 'person' });
    expect(running?.http.routes().map((route) => route.url)).not.toContain('/api/openapi.json');
  });
});

describe('a route under /api', () => {
  it('without a schema for its answer refuses the start', async () => {
    const http = await create();
    expect(() => http.app.get('/api/loose', async () => 'anything')).toThrow('The route GET /api/loose has no schema for its answer.');
    await http.close();
  });

  it('without a schema for its parameters refuses the start', async () => {
    const http = await create();
    expect(() => http.app.get('/api/loose/:id', { schema: { response: { 200: answer } } }, async () => ({ said: '' }))).toThrow(
      'The route GET /api/loose/:id has no schema for its parameters.',
    );
    await http.close();
  });
});

describe('the origin of a change', () => {
  it.each([
    ['the same host', (base: string) => base, 200],
    ['the public address', () => 'https://meet.example.hk', 200],
    ['an allowed page', () => 'https://intranet.example.hk', 200],
    ['no page at all', () => undefined, 200],
    ['another page', () => 'https://evil.example', 403],
    ['another port of the same host', () => 'http://127.0.0.1:1', 403],
    ['a page in a sandbox', () => 'null', 403],
    ['a page that only begins like ours', () => 'https://meet.example.hk.evil.example', 403],
  ])('from %s', async (_, origin, status) => {
    const base = await start({
      PUBLIC_URL: 'https://meet.example.hk',
      ALLOWED_ORIGINS: 'https://intranet.example.hk, https://other.example',
    });
    const from = origin(base);
    const response = await post(`${base}/api/echo`, { name: 'Ada' }, from === undefined ? {} : { origin: from });
    expect(response.status).toBe(status);
    if (status === 403) expect((await refused(response)).code).toBe('REQUEST_ORIGIN');
  });

  it('is told to the browser for an allowed page, and for no other', async () => {
    const base = await start({ ALLOWED_ORIGINS: 'https://intranet.example.hk' });
    const ask = (origin: string) =>
      fetch(`${base}/api/echo`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      });
    const allowed = await ask('https://intranet.example.hk');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://intranet.example.hk');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const read = await fetch(`${base}/api/extra`, { headers: { origin: 'https://intranet.example.hk' } });
    expect(read.headers.get('access-control-allow-origin')).toBe('https://intranet.example.hk');
    expect(read.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('the rate', () => {
  it('of calls from one address is limited, however the address of the call is written', async () => {
    const base = await start({ HTTP_REQUESTS_PER_MINUTE: 10 });
    for (let i = 0; i < 10; i += 1) expect((await fetch(`${base}/api/extra`)).status).toBe(200);
    for (const address of ['/api/extra', '/%61pi/extra', '/api/extr%61']) {
      const response = await fetch(base + address);
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused(response)).toMatchObject({ code: 'REQUEST_RATE', retryable: true });
    }
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });

  it('of a route may be tighter', async () => {
    const base = await start();
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await post(`${base}/api/sign-in`, {})).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await fetch(`${base}/api/extra`)).status).toBe(200);
  });

  it('is counted by the address that the proxy saw, not by what the caller wrote', async () => {
    const base = await start({ TRUST_PROXY: true, HTTP_REQUESTS_PER_MINUTE: 10 });
    const from = async (chain: string) => (await fetch(`${base}/api/extra`, { headers: { 'x-forwarded-for': chain } })).status;
    for (let i = 0; i < 10; i += 1) expect(await from(`10.0.0.${i}, 203.0.113.9`)).toBe(200);
    expect(await from('10.0.0.99, 203.0.113.9')).toBe(429);
    expect(await from('203.0.113.9, 203.0.113.10')).toBe(200);
  });

  it('is counted by the connection where no proxy is trusted', async () => {
    const base = await start({ HTTP_REQUESTS_PER_MINUTE: 10 });
    const from = async (address: string) => (await fetch(`${base}/api/extra`, { headers: { 'x-forwarded-for': address } })).status;
    for (let i = 0; i < 10; i += 1) await from(`203.0.113.${i}`);
    expect(await from('203.0.113.99')).toBe(429);
  });

  it('of an IPv6 network is one, and another network has its own', async () => {
    const base = await start({ TRUST_PROXY: true, HTTP_REQUESTS_PER_MINUTE: 10 });
    const from = async (address: string) => (await fetch(`${base}/api/extra`, { headers: { 'x-forwarded-for': address } })).status;
    for (let i = 0; i < 10; i += 1) expect(await from(`2001:db8:1:2::${i + 1}`)).toBe(200);
    expect(await from('2001:db8:1:2:ffff::1')).toBe(429);
    expect(await from('2001:db8:1:3::1')).toBe(200);
  });
});

describe('what browsers are told', () => {
  it('allows scripts of our own alone, and sockets of the gateway', async () => {
    const base = await start();
    const { headers } = await fetch(`${base}/api/extra`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("connect-src 'self' ws://*:3001");
    expect(policy).toContain("worker-src 'self' blob:");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|default-src[^;]*unsafe/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=(self)');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('asks for HTTPS for good where people come by it', async () => {
    const base = await start({ PUBLIC_URL: 'https://meet.example.hk' });
    expect((await fetch(`${base}/health`)).headers.get('strict-transport-security')).toContain('max-age=31536000');
  });

  it('is the same on refusals and on pages', async () => {
    const base = await start();
    for (const address of ['/api/nothing', '/api/fault', '/health']) {
      expect((await fetch(base + address)).headers.get('content-security-policy')).toContain("default-src 'self'");
    }
  });
});

describe('the description', () => {
  it('is an OpenAPI 3.1 document with every route, its schemas and the form of refusals', async () => {
    const base = await start();
    const document = z
      .object({
        openapi: z.string(),
        info: z.object({ version: z.string() }),
        paths: z.record(
          z.string(),
          z.record(
            z.string(),
            z.object({
              security: z.array(z.unknown()).optional(),
              requestBody: z.unknown().optional(),
              responses: z.record(z.string(), z.unknown()),
            }),
          ),
        ),
      })
      .parse(await (await fetch(`${base}/api/openapi.json`)).json());
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toBe('1.2.3');
    const documented = Object.entries(document.paths).flatMap(([url, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}`),
    );
    const known = running?.http.routes().map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
    expect(documented.sort()).toEqual([...(known ?? [])].sort());
    const echo = document.paths['/api/echo']?.post;
    expect(JSON.stringify(echo?.requestBody)).toContain('"minLength":2');
    expect(JSON.stringify(echo?.responses.default)).toContain('"retryable"');
    expect(echo?.security).toEqual([]);
    expect(document.paths['/api/me']?.get?.security).toBeUndefined();
  });

  it('can be read as a page, of which every file comes from here', async () => {
    const base = await start();
    const page = await (await fetch(`${base}/api/docs`)).text();
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).not.toMatch(/<script(?![^>]*src=)[^>]*>\s*\S/);
    for (const [, file = ''] of page.matchAll(/(?:src|href)="([^"#]+)"/g)) {
      expect((await fetch(new URL(file, `${base}/api/docs/`))).status).toBe(200);
    }
  });
});

describe('the page', () => {
  beforeEach(async () => {
    const page = path.join(folder.path, 'page');
    await mkdir(path.join(page, 'assets'), { recursive: true });
    await writeFile(path.join(page, 'index.html'), '<!doctype html><title>Causeway</title>');
    await writeFile(path.join(page, 'assets', 'app-1a2b3c.js'), 'export {};');
    await writeFile(path.join(folder.path, 'secret.txt'), 'not for you');
  });
  const html = { headers: { accept: 'text/html,application/xhtml+xml' } };

  it.each(['/', '/m/abc-defg-hjk', '/setup', '/index.html'])('is there at %s, and is asked for anew each time', async (address) => {
    const base = await start();
    const response = await fetch(base + address, html);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toContain('Causeway');
  });

  it('has files with a hash in their name, which are kept for ever', async () => {
    const base = await start();
    const response = await fetch(`${base}/assets/app-1a2b3c.js`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toContain('javascript');
  });

  it('is not given for a file that is not there, nor for an address of the API', async () => {
    const base = await start();
    expect((await fetch(`${base}/assets/old-000.js`)).status).toBe(404);
    expect((await fetch(`${base}/api/nothing`, html)).status).toBe(404);
    expect((await post(`${base}/m/abc`, {}, html.headers)).status).toBe(404);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/assets/%5c..%5c..%5csecret.txt',
  ])('never lets %s out of its folder', async (address) => {
    const base = await start();
    expect(await raw(base, `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).not.toContain('not for you');
  });
});

describe('health and metrics', () => {
  it('say that the server is ready, part by part', async () => {
    const base = await start();
    const response = await fetch(`${base}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ready: true, version: '1.2.3', checks: { database: true, media: true } });
  });

  it('say which part is not', async () => {
    const base = await start();
    healthy = false;
    const response = await fetch(`${base}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ ready: false, checks: { database: false, media: true } });
  });

  it('count requests by route and status, never by address', async () => {
    const base = await start();
    await fetch(`${base}/api/items/41?page=2`);
    await fetch(`${base}/api/unknown-secret`);
    const response = await fetch(`${base}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('causeway_http_request_seconds_count{method="GET",route="/api/items/:id",status="200"} 1');
    expect(text).not.toContain('unknown-secret');
  });
});

describe('the log', () => {
  it('has one line for a refused call, with neither address, body nor token', async () => {
    const base = await start();
    await post(`${base}/api/echo?hush=1`, { name: 7, password: 'hush' }, { authorization: 'Bearer hush', cookie: 'hush=1' });
    const lines = await waitFor(() => logged.filter((line) => line.includes('http: refused')), 'the line');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', method: 'POST', route: '/api/echo', status: 400 });
    expect(logged.join('')).not.toContain('hush');
  });
});

describe('closing', () => {
  it('lets a running call end, and refuses new ones with the way to go on', async () => {
    let finish: () => void = () => undefined;
    let started = false;
    const base = await start({}, (app) => {
      app.get('/api/slow', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => {
        started = true;
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { said: 'done' };
      });
    });
    const { hostname, port } = new URL(base);
    const sockets: Socket[] = [];
    running?.http.app.server.on('connection', (socket: Socket) => sockets.push(socket));
    const kept = connect(Number(port), hostname);
    let answered = '';
    kept.setEncoding('utf8').on('data', (chunk: string) => {
      answered += chunk;
    });
    // A request that is on its way when the closing begins, on a connection that is there already.
    kept.write('GET /api/extra HTTP/1.1\r\nHost: x\r\n');
    await waitFor(() => sockets.some((socket) => socket.bytesRead > 0), 'half of the request to arrive');
    const slow = fetch(`${base}/api/slow`);
    await waitFor(() => started, 'the call to run');
    const closing = running?.http.close();
    kept.write('\r\n');
    await waitFor(() => answered.includes('}'), 'the answer on the kept connection');
    expect(answered).toMatch(/^HTTP\/1\.1 503 /);
    expect(answered).toContain('"code":"SERVER_DRAINING"');
    kept.destroy();
    finish();
    expect(await (await slow).json()).toEqual({ said: 'done' });
    await closing;
  });

  it('cuts calls that run longer than the time for draining', async () => {
    let started = false;
    const base = await start({ DRAIN_MS: 50 }, (app) => {
      app.get('/api/stuck', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => {
        started = true;
        return new Promise<{ said: string }>(() => undefined);
      });
    });
    const stuck = fetch(`${base}/api/stuck`).catch((error: unknown) => error);
    await waitFor(() => started, 'the call to run');
    await running?.http.close();
    expect(await stuck).toBeInstanceOf(Error);
  });

  it('twice is harmless, also before it listened', async () => {
    const http = await create();
    await Promise.all([http.close(), http.close()]);
    await start();
    await running?.http.close();
  });
});

it('says who can not listen where a port is taken', async () => {
  const base = await start();
  const other = await create({ HTTP_PORT: Number(new URL(base).port) });
  await expect(other.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await other.close();
});
