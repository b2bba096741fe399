import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { encodeClientFrame } from '../../../src/platform/gateway/frames.js';
import { SocketClient, waitFor } from '../../support/index.js';
import { libraries, principal, start, startWorld, type World } from './world.js';

describe.each(libraries)('saying hello over %s', (library) => {
  let world: World;
  afterEach(() => world.close());

  const open = async (over: Parameters<typeof startWorld>[0] = {}) => {
    world = await startWorld({ GATEWAY_LIBRARY: library, ...over });
    return world;
  };
  const nothingLeft = () => waitFor(() => world.gateway.socketCount === 0 && world.gateway.sessionCount === 0, 'no socket and no session');

  it('welcomes a client whose token is good', async () => {
    const { connect, gateway } = await open();
    const client = await connect('token of ada');
    expect(client.welcome).toMatchObject({ resumed: false, resumeWindowMs: 60_000, serverTimeMs: start });
    expect(client.welcome.resumeSecret.length).toBeGreaterThan(40);
    expect([gateway.socketCount, gateway.sessionCount]).toEqual([1, 1]);
  });

  it('serves the paths / and /socket, and no other', async () => {
    const { port } = await open();
    (await SocketClient.open(port, { path: '/' })).drop();
    (await SocketClient.open(port, { path: '/socket' })).drop();
    await expect(SocketClient.open(port, { path: '/elsewhere' })).rejects.toThrow('403');
  });

  it.each([
    ['no origin, as programs do', {}, true],
    ['a page of the same host on another port', { Origin: 'http://127.0.0.1:3000' }, true],
    ['the public address', { Origin: 'https://meet.example.hk' }, true],
    ['an allowed origin', { Origin: 'https://intranet.example.hk:8443' }, true],
    ['the allowed host on another port', { Origin: 'https://intranet.example.hk' }, false],
    ['a page of elsewhere', { Origin: 'https://evil.example' }, false],
    ['an origin that is hidden', { Origin: 'null' }, false],
    ['a host that only begins alike', { Origin: 'http://127.0.0.1.evil.example' }, false],
  ])('decides on a handshake with %s', async (_, headers, accepted) => {
    const { port, figure } = await open({
      PUBLIC_URL: 'https://meet.example.hk/',
      ALLOWED_ORIGINS: 'https://intranet.example.hk:8443, nonsense',
    });
    const opening = SocketClient.open(port, { headers });
    if (accepted) (await opening).drop();
    else await expect(opening).rejects.toThrow('403');
    expect(await figure('causeway_gateway_handshakes_refused_total', { code: 'REQUEST_ORIGIN' })).toBe(accepted ? 0 : 1);
  });

  it('refuses a token that nobody knows with AUTH_REQUIRED and 4003', async () => {
    const { port } = await open();
    const client = await SocketClient.open(port);
    await expect(client.hello({ accessToken: 'wrong' })).rejects.toMatchObject({ code: 'AUTH_REQUIRED' });
    expect(await client.closed).toEqual({ code: 4003, reason: 'AUTH_REQUIRED', goodbye: 'AUTH_REQUIRED' });
    await nothingLeft();
  });

  it('refuses an empty token without asking anybody', async () => {
    const { port } = await open();
    world.beforeAuthentication = async () => {
      throw new Error('asked');
    };
    await expect(SocketClient.connect(port, '')).rejects.toMatchObject({ code: 'AUTH_REQUIRED' });
  });

  it('refuses a token that has ended with AUTH_EXPIRED', async () => {
    const { people, port } = await open();
    people.set('old', principal('ada', { expiresAt: start }));
    await expect(SocketClient.connect(port, 'old')).rejects.toMatchObject({ code: 'AUTH_EXPIRED' });
  });

  it('speaks the language of the hello', async () => {
    const { port } = await open();
    await expect(SocketClient.connect(port, 'wrong', { language: 'zh-HK' })).rejects.toThrow('請先登入');
  });

  it('answers a fault while authenticating with SERVER_FAULT and keeps it to itself', async () => {
    const { port } = await open();
    world.beforeAuthentication = async () => {
      throw new Error('password of the database: hunter2');
    };
    const client = await SocketClient.open(port);
    await expect(client.hello({ accessToken: 'token of ada' })).rejects.toMatchObject({ code: 'SERVER_FAULT', retryable: true });
    expect(JSON.stringify(client.frames)).not.toContain('hunter2');
    expect((await client.closed).code).toBe(4500);
  });

  it('closes a socket that says nothing with 4001', async () => {
    const { port } = await open({ SOCKET_HELLO_MS: 100 });
    const client = await SocketClient.open(port);
    expect(await client.closed).toEqual({ code: 4001, reason: 'SOCKET_HELLO_EXPECTED', goodbye: 'SOCKET_HELLO_EXPECTED' });
    await nothingLeft();
  });

  it('closes a socket whose token is looked at too long, as a fault of the server', async () => {
    const { port } = await open({ SOCKET_HELLO_MS: 100 });
    let goOn = () => {};
    world.beforeAuthentication = () =>
      new Promise((resolve) => {
        goOn = resolve;
      });
    const client = await SocketClient.open(port);
    await expect(client.hello({ accessToken: 'token of ada' })).rejects.toMatchObject({ code: 'SERVER_FAULT' });
    await client.closed;
    goOn();
    await nothingLeft();
  });

  it('closes a socket whose first frame is a request with 4001', async () => {
    const { port } = await open();
    const client = await SocketClient.open(port);
    client.send({ request: { id: 1, method: 'SessionService.Ping' } });
    expect((await client.closed).code).toBe(4001);
  });

  it('closes a socket that says hello twice with 4002', async () => {
    const { connect } = await open();
    const client = await connect('token of ada');
    client.send({ hello: { accessToken: 'token of ada' } });
    expect(await client.closed).toEqual({ code: 4002, reason: 'SOCKET_FRAME_INVALID', goodbye: 'SOCKET_FRAME_INVALID' });
  });

  it('closes a socket whose first frame is too large with 4001, and one beyond the limit of all frames with 1009', async () => {
    const { port } = await open({ SOCKET_HELLO_BYTES: 1_024, SOCKET_FRAME_BYTES: 4_096 });
    const large = await SocketClient.open(port);
    large.send({ hello: { accessToken: 'x'.repeat(2_000) } });
    expect((await large.closed).code).toBe(4001);
    const larger = await SocketClient.open(port);
    larger.sendBytes(new Uint8Array(5_000));
    expect((await larger.closed).code).toBe(1009);
  });

  it('keeps requests that come behind the hello until it is answered', async () => {
    const { port } = await open();
    const client = await SocketClient.open(port);
    let goOn = () => {};
    world.beforeAuthentication = () =>
      new Promise((resolve) => {
        goOn = resolve;
      });
    const welcomed = client.hello({ accessToken: 'token of ada' });
    const pings = Promise.all(Array.from({ length: 8 }, () => client.session.ping({})));
    await waitFor(async () => (await world.figure('causeway_gateway_frames_in_total')) === 9, 'nine frames');
    goOn();
    await welcomed;
    expect((await pings).length).toBe(8);
    expect(client.frames[0]?.body).toBe('welcome');
  });

  it('closes a socket that sends more than eight frames before its welcome', async () => {
    const { port } = await open();
    const client = await SocketClient.open(port);
    world.beforeAuthentication = () => new Promise(() => {});
    client.send({ hello: { accessToken: 'token of ada' } });
    for (let id = 1; id <= 9; id += 1) client.send({ request: { id, method: 'SessionService.Ping' } });
    expect((await client.closed).code).toBe(4001);
    await nothingLeft();
  });

  it('leaves nothing of a client that goes while its token is looked at', async () => {
    const { port } = await open();
    const client = await SocketClient.open(port);
    let goOn = () => {};
    world.beforeAuthentication = () =>
      new Promise((resolve) => {
        goOn = resolve;
      });
    client.send({ hello: { accessToken: 'token of ada' } });
    await waitFor(async () => (await world.figure('causeway_gateway_frames_in_total')) === 1, 'the hello');
    client.drop();
    await waitFor(() => world.gateway.socketCount === 0, 'no socket');
    goOn();
    await nothingLeft();
  });

  it('refuses a client that is signed out while its token is looked at', async () => {
    const { port, gateway } = await open();
    const client = await SocketClient.open(port);
    let goOn = () => {};
    world.beforeAuthentication = () =>
      new Promise((resolve) => {
        goOn = resolve;
      });
    const welcomed = client.hello({ accessToken: 'token of ada' });
    const refused = expect(welcomed).rejects.toMatchObject({ code: 'AUTH_SIGNED_OUT' });
    await waitFor(async () => (await world.figure('causeway_gateway_frames_in_total')) === 1, 'the hello');
    gateway.endSessions(({ personId }) => personId === 'ada', 'AUTH_SIGNED_OUT');
    goOn();
    await refused;
    expect((await client.closed).code).toBe(4005);
    await nothingLeft();
  });

  it('limits the sessions of one person, of which those that are away make room', async () => {
    const { connect, gateway } = await open({ SOCKET_SESSIONS_PER_PERSON: 2 });
    const [first, second] = [await connect('token of ada'), await connect('token of ada')];
    await expect(connect('token of ada')).rejects.toMatchObject({ code: 'SOCKET_SESSIONS', retryable: true });
    await connect('token of bo');
    expect(gateway.sessionCount).toBe(3);
    first.drop();
    await waitFor(async () => (await world.figure('causeway_gateway_sockets')) === 2, 'the socket to be gone');
    const third = await connect('token of ada');
    expect(gateway.sessionCount).toBe(3);
    expect((await first.resume().catch(String)).toString()).toContain('SOCKET_SESSIONS');
    await second.close();
    await waitFor(() => gateway.sessionCount === 2, 'one less');
    await connect('token of ada');
    expect(third.isOpen).toBe(true);
  });

  it('limits sockets without hello from one address, and counts those no more that were welcomed or left', async () => {
    const { port, connect, figure } = await open({ SOCKET_PER_ADDRESS: 3 });
    const welcomed = await connect('token of ada');
    const waiting = [await SocketClient.open(port), await SocketClient.open(port), await SocketClient.open(port)];
    await expect(SocketClient.open(port)).rejects.toThrow('403');
    expect(await figure('causeway_gateway_handshakes_refused_total', { code: 'REQUEST_RATE' })).toBe(1);
    waiting[0]?.drop();
    await waitFor(() => world.gateway.socketCount === 3, 'one less');
    await connect('token of bo');
    expect(welcomed.isOpen).toBe(true);
    expect(await figure('causeway_gateway_sockets_waiting')).toBe(2);
    for (const client of waiting) client.drop();
  });

  it('limits sockets without hello from all addresses together', async () => {
    const { port } = await open({ SOCKET_UNAUTHENTICATED: 2, TRUST_PROXY: true });
    const from = (address: string) => SocketClient.open(port, { headers: { 'X-Forwarded-For': address } });
    const waiting = [await from('192.0.2.1'), await from('192.0.2.2')];
    await expect(from('192.0.2.3')).rejects.toThrow('403');
    for (const client of waiting) client.drop();
  });

  it('counts a /64 of IPv6 as one address', async () => {
    const { port } = await open({ SOCKET_PER_ADDRESS: 1, TRUST_PROXY: true });
    const from = (address: string) => SocketClient.open(port, { headers: { 'X-Forwarded-For': address } });
    const waiting = [await from('2001:db8:1:2::1'), await from('2001:db8:1:3::1')];
    await expect(from('2001:db8:1:2:ffff::2')).rejects.toThrow('403');
    for (const client of waiting) client.drop();
  });

  it('stands a flood of sockets that never say hello, and serves others after it', async () => {
    const { port, connect } = await open({ SOCKET_PER_ADDRESS: 50, SOCKET_HELLO_MS: 60_000 });
    const flood = await Promise.allSettled(Array.from({ length: 200 }, () => SocketClient.open(port)));
    const inside = flood.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(inside.length).toBe(50);
    expect(await world.figure('causeway_gateway_handshakes_refused_total', { code: 'REQUEST_RATE' })).toBe(150);
    for (const client of inside) client.drop();
    await nothingLeft();
    await connect('token of ada');
  });

  it('closes sockets that send rubbish with 4002 and leaves nothing of them', async () => {
    const { port, connect } = await open();
    const rubbish: Uint8Array[] = [
      new Uint8Array(),
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0x0a, 0x7f, 0x01),
      encodeClientFrame({}),
      encodeClientFrame({ request: { id: 0, method: 'SessionService.Ping' } }),
      encodeClientFrame({ request: { id: 1, method: '' } }),
      encodeClientFrame({ request: { id: 1, method: 'x'.repeat(65) } }),
      encodeClientFrame({ hello: { accessToken: 'x'.repeat(9_000) } }),
    ];
    for (const bytes of rubbish) {
      const fresh = await SocketClient.open(port);
      fresh.sendBytes(bytes);
      expect(await fresh.closed).toMatchObject({ code: 4002, goodbye: 'SOCKET_FRAME_INVALID' });
      const welcomed = await connect('token of ada');
      welcomed.sendBytes(bytes);
      expect(await welcomed.closed).toMatchObject({ code: 4002, goodbye: 'SOCKET_FRAME_INVALID' });
    }
    expect(await world.figure('causeway_gateway_closes_total', { code: '4002' })).toBe(2 * rubbish.length);
    world.gateway.endSessions(() => true, 'AUTH_SIGNED_OUT');
    await nothingLeft();
  });

  it('closes a socket that sends text with 4002', async () => {
    const { port, connect } = await open();
    const fresh = await SocketClient.open(port);
    fresh.sendText('{"hello":true}');
    expect((await fresh.closed).code).toBe(4002);
    const welcomed = await connect('token of ada');
    welcomed.sendText('hello');
    expect((await welcomed.closed).code).toBe(4002);
  });

  it('takes no subprotocol in place of a token', async () => {
    const { port } = await open();
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, ['token-of-ada']);
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('subprotocol');
  });
});
