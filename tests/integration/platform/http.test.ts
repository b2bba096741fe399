import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { waitFor } from '../../support/index.js';
import { answer, echoBody, HttpWorld, post, raw, refused } from './http-world.js';

let world: HttpWorld;
beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

describe('what comes in', () => {
  it('reaches the handler with the types of the schema', async () => {
    const base = await world.start();
    expect(await (await post(`${base}/api/echo`, { name: 'Ada' })).json()).toEqual({ said: 'Ada' });
    expect(await (await fetch(`${base}/api/items/41`)).json()).toEqual({ said: '42 2' });
  });

  it('is refused with the field when it does not fit', async () => {
    const base = await world.start();
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
    const base = await world.start();
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
    const base = await world.start();
    const response = await fetch(`${base}/api/echo`, init);
    expect(response.status).toBe(400);
    expect((await refused(response)).code).toBe('REQUEST_INVALID');
  });

  it('is refused when it is too large, before it was read', async () => {
    const base = await world.start({ HTTP_BODY_BYTES: 1_024 });
    const response = await post(`${base}/api/echo`, { name: 'x'.repeat(2_000) });
    expect(response.status).toBe(413);
    expect((await refused(response)).code).toBe('REQUEST_TOO_LARGE');
  });

  it.each(['/api/items/%zz', '/%ff%fe', '/api/items/%00', `/api/items/${'9'.repeat(300)}`])(
    'is refused in the form of the catalogue at %s',
    async (address) => {
      const base = await world.start();
      const answered = await raw(base, `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answered).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(answered).toMatch(/"error":\{"code":"(REQUEST_INVALID|ROUTE_NOT_FOUND)"/);
    },
  );

  it('that is no HTTP at all ends the connection and nothing else', async () => {
    const base = await world.start();
    expect(await raw(base, '\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });
});

describe('what goes out', () => {
  it('has no more than the schema says', async () => {
    const base = await world.start();
    expect(await (await fetch(`${base}/api/extra`)).json()).toEqual({ said: 'yes' });
  });

  it('is a fault of the server when it does not fit the schema', async () => {
    const base = await world.start();
    const response = await fetch(`${base}/api/wrong-answer`);
    expect(response.status).toBe(500);
    expect((await refused(response)).code).toBe('SERVER_FAULT');
  });

  it('is a refusal of the catalogue where the handler refused', async () => {
    const base = await world.start();
    const response = await fetch(`${base}/api/refusal`, { headers: { 'accept-language': 'zh-TW' } });
    expect(response.status).toBe(409);
    expect(await refused(response)).toEqual({ code: 'MEETING_FULL', message: '會議人數已滿，請聯絡主持人。', retryable: false });
  });

  it('hides what was thrown, which the log has with its stack and the id of the request', async () => {
    const base = await world.start();
    const response = await fetch(`${base}/api/fault`);
    expect(response.status).toBe(500);
    const error = await refused(response);
    expect(error).toMatchObject({ code: 'SERVER_FAULT', retryable: true });
    expect(JSON.stringify(error)).not.toContain('reason');
    const line = world.logged.find((entry) => entry.includes('the reason in the log')) ?? '';
    expect(line).toContain('http-world.ts');
    expect(JSON.parse(line)).toMatchObject({ level: 'error', reqId: response.headers.get('x-request-id') });
  });

  it('is never kept by a cache where it is of the API', async () => {
    const base = await world.start();
    expect((await fetch(`${base}/api/extra`)).headers.get('cache-control')).toBe('no-store');
    expect((await fetch(`${base}/api/refusal`)).headers.get('cache-control')).toBe('no-store');
  });

  it('says that there is nothing at an unknown address, and at a known one with another method', async () => {
    const base = await world.start();
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
    const base = await world.start();
    const response = await call(base, address, token);
    expect(response.status).toBe(status);
    expect((await refused(response)).code).toBe(code);
  });

  it('is given to a person by default, and to a guest where the route says so', async () => {
    const base = await world.start();
    expect(await (await call(base, '/api/me', 'member')).json()).toEqual({ said: 'member' });
    expect(await (await call(base, '/api/meeting', 'guest')).json()).toEqual({ said: 'guest' });
    expect(await (await call(base, '/api/meeting', 'member')).json()).toEqual({ said: 'member' });
  });

  it('comes before the schema: a stranger learns nothing of it', async () => {
    const base = await world.start({}, (app) => {
      app.post('/api/closed', { schema: { body: echoBody, response: { 200: answer } } }, async () => ({ said: '' }));
    });
    expect((await refused(await post(`${base}/api/closed`, { wrong: true }))).code).toBe('AUTH_REQUIRED');
  });

  it('is the default also for a route whose name begins like that of the description', async () => {
    const base = await world.start({}, (app) => {
      app.get('/api/docsets', { schema: { response: { 200: answer } } }, async () => ({ said: '' }));
    });
    expect((await fetch(`${base}/api/docsets`)).status).toBe(401);
  });

  it('is listed for every route of the API', async () => {
    await world.start();
    expect(world.running?.http.routes()).toContainEqual({ method: 'POST', url: '/api/echo', access: 'public' });
    expect(world.running?.http.routes()).toContainEqual({ method: 'GET', url: '/api/me', access: 'person' });
    expect(world.running?.http.routes().map((route) => route.url)).not.toContain('/api/openapi.json');
  });
});

describe('a route under /api', () => {
  it('without a schema for its answer refuses the start', async () => {
    const http = await world.create();
    expect(() => http.app.get('/api/loose', async () => 'anything')).toThrow('The route GET /api/loose has no schema for its answer.');
    await http.close();
  });

  it('without a schema for its parameters refuses the start', async () => {
    const http = await world.create();
    expect(() => http.app.get('/api/loose/:id', { schema: { response: { 200: answer } } }, async () => ({ said: '' }))).toThrow(
      'The route GET /api/loose/:id has no schema for its parameters.',
    );
    await http.close();
  });
});

describe('the description', () => {
  it('is an OpenAPI 3.1 document with every route, its schemas and the form of refusals', async () => {
    const base = await world.start();
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
    const known = world.running?.http.routes().map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
    expect(documented.sort()).toEqual([...(known ?? [])].sort());
    const echo = document.paths['/api/echo']?.post;
    expect(JSON.stringify(echo?.requestBody)).toContain('"minLength":2');
    expect(JSON.stringify(echo?.responses.default)).toContain('"retryable"');
    expect(echo?.security).toEqual([]);
    expect(document.paths['/api/me']?.get?.security).toBeUndefined();
  });

  it('can be read as a page, of which every file comes from here', async () => {
    const base = await world.start();
    const page = await (await fetch(`${base}/api/docs`)).text();
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).not.toMatch(/<script(?![^>]*src=)[^>]*>\s*\S/);
    for (const [, file = ''] of page.matchAll(/(?:src|href)="([^"#]+)"/g)) {
      expect((await fetch(new URL(file, `${base}/api/docs/`))).status).toBe(200);
    }
  });
});

describe('the log', () => {
  it('has one line for a refused call, with neither address, body nor token', async () => {
    const base = await world.start();
    await post(`${base}/api/echo?hush=1`, { name: 7, password: 'hush' }, { authorization: 'Bearer hush', cookie: 'hush=1' });
    const lines = await waitFor(() => world.logged.filter((line) => line.includes('http: refused')), 'the line');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', method: 'POST', route: '/api/echo', status: 400 });
    expect(world.logged.join('')).not.toContain('hush');
  });
});

describe('closing', () => {
  it('lets a running call end, and refuses new ones with the way to go on', async () => {
    let finish: () => void = () => undefined;
    let started = false;
    const base = await world.start({}, (app) => {
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
    world.running?.http.app.server.on('connection', (socket: Socket) => sockets.push(socket));
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
    const closing = world.running?.http.close();
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
    const base = await world.start({ DRAIN_MS: 50 }, (app) => {
      app.get('/api/stuck', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => {
        started = true;
        return new Promise<{ said: string }>(() => undefined);
      });
    });
    const stuck = fetch(`${base}/api/stuck`).catch((error: unknown) => error);
    await waitFor(() => started, 'the call to run');
    await world.running?.http.close();
    expect(await stuck).toBeInstanceOf(Error);
  });

  it('twice is harmless, also before it listened', async () => {
    const http = await world.create();
    await Promise.all([http.close(), http.close()]);
    await world.start();
    await world.running?.http.close();
  });
});

it('says who can not listen where a port is taken', async () => {
  const base = await world.start();
  const other = await world.create({ HTTP_PORT: Number(new URL(base).port) });
  await expect(other.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await other.close();
});
