import { afterEach, describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { CausewayError } from '../../../src/platform/errors.js';
import { encodeClientFrame } from '../../../src/platform/gateway/frames.js';
import type { Handlers } from '../../../src/platform/gateway/index.js';
import { waitFor } from '../../support/index.js';
import { libraries, principal, silentChat, start, startWorld, type World } from './world.js';

describe.each(libraries)('calls over %s', (library) => {
  let world: World;
  afterEach(() => world.close());

  const open = async (over: Parameters<typeof startWorld>[0] = {}, chat: Partial<Handlers<'ChatService'>> = {}) => {
    world = await startWorld({ GATEWAY_LIBRARY: library, ...over }, { chat });
    return world;
  };

  it('answers with the reply of the handler, which knows who calls', async () => {
    const { connect } = await open(
      {},
      {
        async fetch(session, { conversationId, after }) {
          return { latest: (after ?? 0) + 1, messages: [{ conversationId, body: `for ${session.principal.name}` }] };
        },
      },
    );
    const client = await connect('token of ada');
    const reply = await client.chat.fetch({ conversationId: 'c', after: 41 });
    expect(reply.latest).toBe(42);
    expect(reply.messages[0]).toMatchObject({ conversationId: 'c', body: 'for ada' });
  });

  it('tells the time to a ping', async () => {
    const { connect } = await open();
    expect((await (await connect('token of ada')).session.ping({})).serverTimeMs).toBe(start);
  });

  it('answers many calls at once, each with its own reply', async () => {
    const { connect } = await open(
      {},
      {
        async fetch(_, { after }) {
          // Later calls are answered sooner.
          for (let turn = after ?? 0; turn < 50; turn += 1) await Promise.resolve();
          return { latest: after ?? 0 };
        },
      },
    );
    const client = await connect('token of ada');
    const replies = await Promise.all(Array.from({ length: 50 }, (_, after) => client.chat.fetch({ after })));
    expect(replies.map(({ latest }) => latest)).toEqual(Array.from({ length: 50 }, (_, after) => after));
  });

  it('gives an error of the catalogue to the caller, in the language of the hello', async () => {
    const { connect } = await open(
      {},
      {
        async send() {
          throw new CausewayError('CHAT_TOO_LONG', { field: 'body', fill: { limit: 8_000 } });
        },
      },
    );
    const client = await connect('token of ada', { language: 'zh-Hans' });
    const failure = client.chat.send({});
    await expect(failure).rejects.toMatchObject({ code: 'CHAT_TOO_LONG', field: 'body', retryable: false });
    await expect(failure).rejects.toThrow('8000');
    await expect(failure).rejects.toThrow('消息太长');
  });

  it('says SERVER_FAULT for anything else that is thrown, and nothing about it', async () => {
    const { connect } = await open();
    const client = await connect('token of ada');
    await expect(client.chat.send({})).rejects.toMatchObject({ code: 'SERVER_FAULT', retryable: true });
    expect(JSON.stringify(client.frames)).not.toContain('fire');
    expect(await world.figure('causeway_gateway_request_errors_total', { code: 'SERVER_FAULT' })).toBe(1);
    await client.session.ping({});
  });

  it('answers METHOD_UNKNOWN to methods that do not exist, or have no handler', async () => {
    const { connect } = await open();
    const client = await connect('token of ada');
    for (const method of ['ChatService.Burn', 'ChatService.constructor', '__proto__', 'chatService.send', 'MeetingService.Join']) {
      await expect(client.call(method)).rejects.toMatchObject({ code: 'METHOD_UNKNOWN' });
    }
  });

  it('answers REQUEST_INVALID to a payload that is no such message', async () => {
    const { connect } = await open();
    const client = await connect('token of ada');
    const notUtf8 = Uint8Array.of(0x0a, 0x02, 0xc3, 0x28);
    for (const payload of [Uint8Array.of(0x0a, 0x7f), Uint8Array.of(0xff), notUtf8]) {
      await expect(client.call('ChatService.Fetch', payload)).rejects.toMatchObject({ code: 'REQUEST_INVALID', field: 'payload' });
    }
    await client.session.ping({});
  });

  it('lists what is registered, and names what is missing', async () => {
    const { gateway } = await open();
    expect(gateway.methods().slice(0, 5)).toEqual([
      'SessionService.Ping',
      'SessionService.Renew',
      'SessionService.Replay',
      'ChatService.Sync',
      'ChatService.Send',
    ]);
    expect(gateway.methods()).toHaveLength(3 + Object.keys(silentChat).length);
    expect(() => gateway.assertComplete()).toThrow('MeetingService.Join');
    expect(() => gateway.register('ChatService', silentChat)).toThrow('has a handler already');
  });

  it('refuses calls beyond the burst with REQUEST_RATE, and grants them again as time passes', async () => {
    const { connect, setTime } = await open({ SOCKET_REQUEST_BURST: 10, SOCKET_REQUESTS_PER_SECOND: 2 });
    const client = await connect('token of ada');
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => client.session.ping({})));
    expect(results.map(({ status }) => status)).toEqual([...Array(10).fill('fulfilled'), 'rejected', 'rejected']);
    expect(results[11]).toMatchObject({ reason: { code: 'REQUEST_RATE', retryable: true } });
    setTime(start + 2_000);
    await client.session.ping({});
  });

  it('closes a client that goes on far beyond the rate with 4029', async () => {
    const { connect } = await open({ SOCKET_REQUEST_BURST: 10, SOCKET_REQUESTS_PER_SECOND: 1 });
    const client = await connect('token of ada');
    for (let id = 1; id <= 40; id += 1) client.send({ request: { id, method: 'SessionService.Ping' } });
    expect(await client.closed).toEqual({ code: 4029, reason: 'REQUEST_RATE', goodbye: 'REQUEST_RATE' });
  });

  it('counts the rate of a session over all its sockets', async () => {
    const { connect } = await open({ SOCKET_REQUEST_BURST: 5, SOCKET_REQUESTS_PER_SECOND: 1 });
    const client = await connect('token of ada');
    for (let call = 0; call < 5; call += 1) await client.session.ping({});
    const again = await client.resume();
    await expect(again.session.ping({})).rejects.toMatchObject({ code: 'REQUEST_RATE' });
    again.drop();
  });

  it('caps calls that are unanswered', async () => {
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { connect } = await open(
      { SOCKET_IN_FLIGHT: 3 },
      {
        async fetch() {
          await gate;
          return {};
        },
      },
    );
    const client = await connect('token of ada');
    const held = [client.chat.fetch({}), client.chat.fetch({}), client.chat.fetch({})];
    await expect(client.session.ping({})).rejects.toMatchObject({ code: 'REQUEST_RATE' });
    goOn();
    await Promise.all(held);
    await client.session.ping({});
  });

  it('closes a client that uses one id for two calls at once with 4002', async () => {
    const { connect } = await open({}, { fetch: () => new Promise(() => {}) });
    const client = await connect('token of ada');
    client.send({ request: { id: 7, method: 'ChatService.Fetch' } });
    client.send({ request: { id: 7, method: 'ChatService.Fetch' } });
    expect((await client.closed).code).toBe(4002);
  });

  it('takes an id again once its call is answered', async () => {
    const { connect } = await open();
    const client = await connect('token of ada');
    for (let call = 0; call < 3; call += 1) {
      client.send({ request: { id: 4_294_967_295, method: 'SessionService.Ping' } });
      await waitFor(() => client.frames.filter(({ reply }) => reply?.id === 4_294_967_295).length === call + 1, 'the reply');
    }
  });

  it('drops the reply to a socket that is lost, and does the work all the same', async () => {
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let done = 0;
    const { connect, gateway } = await open(
      {},
      {
        async fetch() {
          await gate;
          done += 1;
          return {};
        },
      },
    );
    const client = await connect('token of ada');
    const lost = expect(client.chat.fetch({})).rejects.toThrow('closed before');
    await waitFor(async () => (await world.figure('causeway_gateway_frames_in_total')) === 2, 'the request');
    client.drop();
    await lost;
    await waitFor(() => gateway.socketCount === 0, 'the socket is gone');
    goOn();
    await waitFor(() => done === 1, 'the work');
    const again = await client.resume();
    await again.session.ping({});
    expect(again.frames.filter(({ reply }) => reply).length).toBe(1);
    again.drop();
  });

  it('survives any bytes in any order, and serves the next client', async () => {
    const { connect } = await open({ SOCKET_REQUEST_BURST: 10_000, SOCKET_FRAME_BYTES: 65_536 });
    const valid = encodeClientFrame({
      request: { id: 3, method: 'ChatService.Fetch', payload: causeway.FetchRequest.encode({ conversationId: 'c', after: 5 }).finish() },
    });
    for (let round = 0; round < 60; round += 1) {
      const client = await connect('token of ada');
      for (let at = 0; at < 5; at += 1) {
        const bytes = Uint8Array.from(valid);
        const place = (round * 5 + at) % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ (1 << (round % 8));
        client.sendBytes(at % 2 ? bytes : bytes.subarray(0, place));
      }
      await client.close(1000);
    }
    await (await connect('token of bo')).session.ping({});
    await waitFor(() => world.gateway.sessionCount <= 61, 'no more sessions than clients');
    world.gateway.endSessions(() => true, 'AUTH_SIGNED_OUT');
    await waitFor(() => world.gateway.socketCount === 0 && world.gateway.sessionCount === 0, 'nothing left');
  });

  it('measures how long each method takes', async () => {
    const { connect } = await open();
    const client = await connect('token of ada');
    await client.session.ping({});
    await client.session.ping({});
    expect(await world.figure('causeway_gateway_request_seconds', { method: 'SessionService.Ping', le: '+Inf' })).toBe(2);
  });

  describe('renewing the token', () => {
    it('lets the session go on beyond its first token', async () => {
      const { connect, people, setTime } = await open();
      const client = await connect('token of ada');
      people.set('second', principal('ada', { expiresAt: start + 1_200_000, name: 'Ada L.' }));
      await client.session.renew({ accessToken: 'second' });
      const session = await world.sessionOf(client);
      expect(session.principal.name).toBe('Ada L.');
      setTime(start + 700_000);
      // A sweep that would have ended it has passed when a session with the old token is ended.
      people.set('short', principal('bo', { expiresAt: start + 700_001 }));
      const other = await connect('short');
      setTime(start + 700_002);
      expect(await other.closed).toMatchObject({ code: 4004 });
      expect(client.isOpen).toBe(true);
    });

    it.each([
      ['another person', principal('bo')],
      ['another sign-in', principal('ada', { signInId: 'phone' })],
      ['another organisation', principal('ada', { orgId: 'other' })],
    ])('refuses the token of %s', async (_, other) => {
      const { connect, people } = await open();
      const client = await connect('token of ada');
      people.set('other', other);
      await expect(client.session.renew({ accessToken: 'other' })).rejects.toMatchObject({ code: 'AUTH_FORBIDDEN' });
      await expect(client.session.renew({ accessToken: 'nonsense' })).rejects.toMatchObject({ code: 'AUTH_REQUIRED' });
      expect((await world.sessionOf(client)).principal).toEqual(principal('ada'));
    });
  });

  it('ends a session with AUTH_EXPIRED when its token ends', async () => {
    const { connect, setTime } = await open();
    const client = await connect('token of ada');
    setTime(start + 600_000);
    expect(await client.closed).toEqual({ code: 4004, reason: 'AUTH_EXPIRED', goodbye: 'AUTH_EXPIRED' });
    expect(world.gateway.sessionCount).toBe(0);
  });

  it('cuts the sockets of who is signed out with 4005, and no others', async () => {
    const { connect, gateway, people } = await open();
    people.set('phone', principal('ada', { signInId: 'phone' }));
    const [laptop, phone, other] = [await connect('token of ada'), await connect('phone'), await connect('token of bo')];
    expect(gateway.endSessions(({ signInId }) => signInId === 'sign-in of ada', 'AUTH_SIGNED_OUT')).toBe(1);
    expect(await laptop.closed).toEqual({ code: 4005, reason: 'AUTH_SIGNED_OUT', goodbye: 'AUTH_SIGNED_OUT' });
    await phone.session.ping({});
    await other.session.ping({});
    await expect(laptop.resume()).resolves.toMatchObject({ welcome: { resumed: false } });
  });

  describe('closing the gateway', () => {
    it('lets running calls end, refuses new ones, and tells clients to come back', async () => {
      let goOn = () => {};
      const gate = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const { connect, gateway, port } = await open(
        { DRAIN_MS: 20_000 },
        {
          async fetch() {
            await gate;
            return { latest: 7 };
          },
        },
      );
      const client = await connect('token of ada');
      const running = client.chat.fetch({});
      await waitFor(async () => (await world.figure('causeway_gateway_frames_in_total')) === 2, 'the request');
      const closed = gateway.close();
      await expect(client.session.ping({})).rejects.toMatchObject({ code: 'SERVER_DRAINING', retryable: true });
      await expect(world.connect('token of bo')).rejects.toThrow('403');
      goOn();
      expect((await running).latest).toBe(7);
      expect(await client.closed).toEqual({ code: 4012, reason: 'SERVER_DRAINING', goodbye: 'SERVER_DRAINING' });
      await closed;
      expect([gateway.socketCount, gateway.sessionCount]).toEqual([0, 0]);
      await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
    });

    it('does not wait for calls that never end', async () => {
      const { connect, gateway } = await open({ DRAIN_MS: 50 }, { fetch: () => new Promise(() => {}) });
      const client = await connect('token of ada');
      client.send({ request: { id: 1, method: 'ChatService.Fetch' } });
      await waitFor(async () => (await world.figure('causeway_gateway_frames_in_total')) === 2, 'the request');
      await gateway.close();
      expect((await client.closed).code).toBe(4012);
    });

    it('says goodbye to sockets without hello as well', async () => {
      const { gateway, port } = await open();
      const { SocketClient } = await import('../../support/index.js');
      const client = await SocketClient.open(port);
      await gateway.close();
      expect((await client.closed).goodbye).toBe('SERVER_DRAINING');
    });
  });
});
