/** Requests to the outside, against real servers on loopback that the operator has let in. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOutbound, type OutboundDeps, OutboundError } from '../../../src/platform/outbound/index.js';
import { testConfig, testLog } from '../../support/index.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<{ port: number; url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { port: address.port, url: `http://${host}:${address.port}`, requests };
}

async function serveRaw(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}

const open = (allow = '127.0.0.1/32', deps: Partial<OutboundDeps> = {}) =>
  createOutbound({ config: testConfig({ OUTBOUND_ALLOW: allow }), log: testLog(), ...deps });

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'answered';
  } catch (error) {
    if (error instanceof OutboundError) return error.code;
    throw error;
  }
}

describe('A request to the outside', () => {
  it('brings status, headers and body of any answer', async () => {
    const { url } = await serve((_, response) => response.writeHead(418, { 'x-pot': 'tea' }).end('short and stout'));
    const answer = await open().fetch(`${url}/a?b=1`);
    expect(answer).toMatchObject({ status: 418, url: `${url}/a?b=1` });
    expect(answer.headers['x-pot']).toBe('tea');
    expect(Buffer.from(answer.body).toString()).toBe('short and stout');
  });

  it('sends method, headers and body, and writes the headers of the connection itself', async () => {
    const bodies: string[] = [];
    const { url, port, requests } = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (text) => bodies.push(text));
      request.on('end', () => response.end());
    });
    await open().fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Host: 'elsewhere.example', 'Transfer-Encoding': 'chunked' },
      body: '{"text":"你好"}',
    });
    expect(bodies.join('')).toBe('{"text":"你好"}');
    expect(requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', host: `127.0.0.1:${port}`, 'content-length': '17' });
    expect(requests[0]?.headers['transfer-encoding']).toBeUndefined();
  });

  it('goes to the address that was checked, though the name leads elsewhere a moment later', async () => {
    const { port, requests } = await serve((_, response) => response.end('checked'));
    let asked = 0;
    const outbound = open(undefined, {
      resolve: async () => {
        asked += 1;
        return asked === 1 ? ['127.0.0.1'] : ['169.254.169.254'];
      },
    });
    const answer = await outbound.fetch(`http://rebinding.example:${port}/`);
    expect(Buffer.from(answer.body).toString()).toBe('checked');
    expect(requests[0]?.headers.host).toBe(`rebinding.example:${port}`);
    expect(await codeOf(outbound.fetch(`http://rebinding.example:${port}/`))).toBe('PRIVATE_ADDRESS');
    expect([asked, requests.length]).toEqual([2, 1]);
  });

  it('leaves private addresses out where a name has public ones too', async () => {
    const { port } = await serve((_, response) => response.end('let in'));
    const outbound = open(undefined, { resolve: async () => ['10.255.255.1', '127.0.0.1'] });
    expect(Buffer.from((await outbound.fetch(`http://mixed.example:${port}/`)).body).toString()).toBe('let in');
  });

  // Elsewhere loopback is one address.
  it.runIf(process.platform === 'linux')('tries the next address when nobody listens at the first', async () => {
    const { port } = await serve((_, response) => response.end('second'), '127.0.0.3');
    const outbound = open('127.0.0.0/8', { resolve: async () => ['127.0.0.2', '127.0.0.3'] });
    expect(Buffer.from((await outbound.fetch(`http://two.example:${port}/`)).body).toString()).toBe('second');
  });

  it('does not reach loopback unless the operator says so', async () => {
    const { url, port, requests } = await serve((_, response) => response.end());
    expect(await codeOf(open('').fetch(url))).toBe('PRIVATE_ADDRESS');
    expect(await codeOf(open('').fetch(`http://localhost:${port}/`))).toBe('PRIVATE_ADDRESS');
    expect(await codeOf(open(`127.0.0.1:${port + 1}`).fetch(url))).toBe('PRIVATE_ADDRESS');
    expect(requests).toHaveLength(0);
    expect(await codeOf(open(`127.0.0.1:${port}`).fetch(url))).toBe('answered');
    expect(await codeOf(open().fetch(`http://localhost:${port}/`))).toBe('answered');
  });

  it('opens a connection of its own each time and leaves none behind', async () => {
    const { url, requests } = await serve((_, response) => response.end('ok'));
    const outbound = open();
    await outbound.fetch(url);
    await outbound.fetch(url);
    expect(requests.map(({ headers }) => headers.connection)).toEqual(['close', 'close']);
    expect(new Set(requests.map(({ socket }) => socket)).size).toBe(2);
  });
});

describe('A redirect', () => {
  it('is followed, and the answer says where it came from', async () => {
    const { url } = await serve((request, response) =>
      request.url === '/old' ? response.writeHead(302, { location: '/new#part' }).end('moved') : response.end(request.url),
    );
    const answer = await open().fetch(`${url}/old`);
    expect([answer.status, answer.url, Buffer.from(answer.body).toString()]).toEqual([200, `${url}/new`, '/new']);
  });

  it.each(['http://169.254.169.254/latest/meta-data', 'http://[::1]/', 'http://0x7f.2/', '//10.0.0.1/x'])(
    'to a private address is refused: %s',
    async (location) => {
      const { url } = await serve((_, response) => response.writeHead(302, { location }).end());
      expect(await codeOf(open().fetch(url))).toBe('PRIVATE_ADDRESS');
    },
  );

  it.each(['file:///etc/passwd', 'http://me:pass@127.0.0.1/', 'http://['])(
    'to what is no address for us is refused: %s',
    async (location) => {
      const { url } = await serve((_, response) => response.writeHead(302, { location }).end());
      expect(await codeOf(open().fetch(url))).toBe('BAD_URL');
    },
  );

  it('that never ends does end', async () => {
    const { url, requests } = await serve((_, response) => response.writeHead(302, { location: '/again' }).end());
    expect(await codeOf(open().fetch(url, { redirects: 3 }))).toBe('TOO_MANY_REDIRECTS');
    expect(requests).toHaveLength(4);
  });

  it('is the answer where none are to be followed, as with every POST', async () => {
    const { url, requests } = await serve((_, response) => response.writeHead(307, { location: '/elsewhere' }).end('why'));
    const answer = await open().fetch(url, { method: 'POST', body: 'x' });
    expect([answer.status, answer.headers.location, Buffer.from(answer.body).toString()]).toEqual([307, '/elsewhere', 'why']);
    expect(requests).toHaveLength(1);
  });

  it('to another origin does not take secrets along', async () => {
    const other = await serve((_, response) => response.end());
    const { url } = await serve((_, response) => response.writeHead(301, { location: other.url }).end());
    await open().fetch(url, { headers: { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Hook-Signature': 's', 'Accept-Language': 'zh' } });
    const { authorization, cookie, 'x-hook-signature': signature, 'accept-language': language } = other.requests[0]?.headers ?? {};
    expect([authorization, cookie, signature, language]).toEqual([undefined, undefined, undefined, 'zh']);
  });

  it('makes a GET of a POST where HTTP says so, without the body', async () => {
    const { url, requests } = await serve((request, response) =>
      request.url === '/form' ? response.writeHead(303, { location: '/done' }).end() : response.end(),
    );
    await open().fetch(`${url}/form`, { method: 'POST', body: 'a=b', redirects: 1 });
    expect(requests.map(({ method, url: path, headers }) => [method, path, headers['content-length']])).toEqual([
      ['POST', '/form', '3'],
      ['GET', '/done', undefined],
    ]);
  });
});

describe('An answer', () => {
  it('that says that it is too large is not read', async () => {
    const { url } = await serve((_, response) => response.writeHead(200, { 'content-length': '1000000' }).write('a'));
    expect(await codeOf(open().fetch(url, { maxBytes: 1_000 }))).toBe('TOO_LARGE');
  });

  it('that never ends is cut off at the limit', async () => {
    const { url } = await serve((_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(16_384, 97)));
        response.once('drain', more);
      };
      more();
    });
    expect(await codeOf(open().fetch(url, { maxBytes: 100_000 }))).toBe('TOO_LARGE');
    const cut = await open().fetch(url, { maxBytes: 100_000, tooLarge: 'cut' });
    expect(cut.body.byteLength).toBe(100_000);
  });

  it('of exactly the limit is taken', async () => {
    const { url } = await serve((_, response) => response.end(Buffer.alloc(1_000)));
    expect((await open().fetch(url, { maxBytes: 1_000 })).body.byteLength).toBe(1_000);
  });

  it('that does not come, or drips, is waited for so long and no longer', async () => {
    const silent = await serve(() => undefined);
    expect(await codeOf(open().fetch(silent.url, { timeoutMs: 100 }))).toBe('TIMEOUT');
    const dripping = await serve((_, response) => {
      response.writeHead(200).write('a');
      const timer = setInterval(() => response.write('a'), 10);
      response.on('close', () => clearInterval(timer));
    });
    expect(await codeOf(open().fetch(dripping.url, { timeoutMs: 300 }))).toBe('TIMEOUT');
  });

  it('is not waited for when the name server is silent', async () => {
    const outbound = open(undefined, { resolve: () => new Promise(() => undefined) });
    expect(await codeOf(outbound.fetch('http://slow.example/', { timeoutMs: 100 }))).toBe('TIMEOUT');
  });

  it('is given up when the caller gives it up', async () => {
    const stop = new AbortController();
    const { url } = await serve(() => stop.abort());
    expect(await codeOf(open().fetch(url, { signal: stop.signal }))).toBe('TIMEOUT');
    expect(await codeOf(open().fetch(url, { signal: stop.signal }))).toBe('TIMEOUT');
  });

  it.each([
    ['that is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['with headers without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
    ['that breaks off', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'],
    ['that changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ])('%s is none', async (_kind, bytes) => {
    const url = await serveRaw((socket) => socket.end(bytes));
    expect(await codeOf(open().fetch(url))).toBe('UNREACHABLE');
  });

  it('does not come from where nobody listens', async () => {
    const { url, port } = await serve((_, response) => response.end());
    for (const close of closers.splice(0)) close();
    expect(await codeOf(open().fetch(url))).toBe('UNREACHABLE');
    expect(await codeOf(open().fetch(`https://127.0.0.1:${port}/`))).toBe('UNREACHABLE');
  });

  it('without TLS does not answer https', async () => {
    const { port } = await serve((_, response) => response.end());
    expect(await codeOf(open().fetch(`https://127.0.0.1:${port}/`))).toBe('UNREACHABLE');
  });
});
