import { once } from 'node:events';
import { connect, createServer, type Socket as TcpSocket } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openSocketServer } from '../../../src/platform/gateway/open-socket-server.js';
import type { Handshake, Socket, SocketServer, SocketServerOptions } from '../../../src/platform/gateway/socket-server.js';

const libraries = ['uws', 'ws'] as const;
/** uWebSockets.js has no binary for every Node; where it doesn't load, `ws` is what runs. */
const loads = await import('uWebSockets.js').then(
  () => true,
  () => false,
);

interface Seen {
  readonly messages: Uint8Array[];
  readonly sockets: Socket[];
  readonly handshakes: Handshake[];
  texts: number;
  readonly closed: Promise<{ code: number; slow: boolean }>;
  closes: number;
}

describe.each(libraries)('a socket server over %s', (library) => {
  const teardown: (() => unknown)[] = [];
  afterEach(async () => {
    for (const undo of teardown.splice(0).reverse()) await undo();
  });

  const start = async (
    options: Partial<Omit<SocketServerOptions, 'open'>> = {},
    onMessage?: (socket: Socket, message: Uint8Array) => void,
  ) => {
    let resolve: (close: { code: number; slow: boolean }) => void = () => {};
    const closed = new Promise<{ code: number; slow: boolean }>((told) => {
      resolve = told;
    });
    const seen: Seen = { messages: [], sockets: [], handshakes: [], texts: 0, closed, closes: 0 };
    const server = await openSocketServer(
      library,
      {
        maxMessageBytes: 4_096,
        maxBufferBytes: 256 * 1_024,
        idleMs: 60_000,
        trustProxy: false,
        accept: () => null,
        ...options,
        open: (socket) => {
          seen.sockets.push(socket);
          return {
            message: (message) => {
              seen.messages.push(message);
              onMessage?.(socket, message);
            },
            text: () => {
              seen.texts += 1;
              socket.close(4002, 'text');
            },
            closed: (close) => {
              seen.closes += 1;
              resolve(close);
            },
          };
        },
      },
      pino({ level: 'silent' }),
    );
    teardown.push(() => server.close(1001, 'test over'));
    const { port } = await server.listen('127.0.0.1', 0);
    return { server, seen, port };
  };

  const dial = async (port: number, options: { path?: string; headers?: Record<string, string> } = {}) => {
    const client = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/'}`, { headers: options.headers ?? {} });
    teardown.push(() => client.terminate());
    await once(client, 'open');
    return client;
  };

  const nextMessage = async (client: WebSocket): Promise<Buffer> => {
    const [data] = await once(client, 'message');
    return data;
  };

  const closeOf = async (client: WebSocket): Promise<{ code: number; reason: string }> => {
    const [code, reason] = await once(client, 'close');
    return { code, reason: String(reason) };
  };

  describe.skipIf(library === 'uws' && !loads)('that is loaded', () => {
    it('gives a message to the handler and sends the answer', async () => {
      const { port } = await start({}, (socket, message) => socket.send(message));
      const client = await dial(port);
      client.send(Buffer.from([1, 2, 3]));
      expect([...(await nextMessage(client))]).toEqual([1, 2, 3]);
    });

    it('leaves the bytes of a message to the handler', async () => {
      const { port, seen } = await start({}, (socket) => socket.send(Buffer.from('got it')));
      const client = await dial(port);
      client.send(Buffer.from('first'));
      await nextMessage(client);
      client.send(Buffer.from('other'));
      await nextMessage(client);
      expect(seen.messages.map((message) => Buffer.from(message).toString())).toEqual(['first', 'other']);
    });

    it('joins a message that comes in fragments', async () => {
      const { port } = await start({}, (socket, message) => socket.send(message));
      const client = await dial(port);
      client.send(Buffer.from('one '), { fin: false });
      client.send(Buffer.from('message'), { fin: true });
      expect((await nextMessage(client)).toString()).toBe('one message');
    });

    it('publishes to the subscribers of a topic and to nobody else', async () => {
      const { port, server } = await start({}, (socket, message) => {
        socket.subscribe(Buffer.from(message).toString());
        socket.send(Buffer.from('subscribed'));
      });
      const [one, two, other] = [await dial(port), await dial(port), await dial(port)];
      for (const [client, topic] of [
        [one, 'a'],
        [two, 'a'],
        [other, 'b'],
      ] as const) {
        client.send(Buffer.from(topic));
        await nextMessage(client);
      }
      const heard = Promise.all([nextMessage(one), nextMessage(two), nextMessage(other)]);
      server.publish('a', Buffer.from('to a'));
      server.publish('b', Buffer.from('to b'));
      expect((await heard).map(String)).toEqual(['to a', 'to a', 'to b']);
    });

    it('keeps the order of sends and publishes', async () => {
      const { port, server } = await start({}, (socket) => {
        socket.subscribe('t');
        for (let number = 0; number < 50; number += 2) {
          socket.send(Buffer.from([number]));
          server.publish('t', Buffer.from([number + 1]));
        }
      });
      const client = await dial(port);
      const got: number[] = [];
      const all = new Promise<void>((resolve) => {
        client.on('message', (data: Buffer) => {
          got.push(data[0] ?? -1);
          if (got.length === 50) resolve();
        });
      });
      client.send(Buffer.from('go'));
      await all;
      expect(got).toEqual(Array.from({ length: 50 }, (_, number) => number));
    });

    it('sends what was published before a subscription to nobody who subscribed after', async () => {
      const { port, server } = await start({}, (socket) => {
        server.publish('t', Buffer.from('before'));
        socket.subscribe('t');
        server.publish('t', Buffer.from('after'));
      });
      const client = await dial(port);
      client.send(Buffer.from('go'));
      expect((await nextMessage(client)).toString()).toBe('after');
    });

    it('sends what was published before unsubscribing, and nothing after', async () => {
      const { port, server } = await start({}, (socket) => {
        socket.subscribe('t');
        server.publish('t', Buffer.from('before'));
        socket.unsubscribe('t');
        server.publish('t', Buffer.from('after'));
        socket.send(Buffer.from('end'));
      });
      const client = await dial(port);
      const got: string[] = [];
      const ended = new Promise<void>((resolve) => {
        client.on('message', (data: Buffer) => {
          got.push(data.toString());
          if (data.toString() === 'end') resolve();
        });
      });
      client.send(Buffer.from('go'));
      await ended;
      expect(got).toEqual(['before', 'end']);
    });

    it('closes a socket whose message is too big with 1009', async () => {
      const { port, seen } = await start();
      const client = await dial(port);
      client.send(Buffer.alloc(4_097));
      expect((await closeOf(client)).code).toBe(1009);
      expect(await seen.closed).toEqual({ code: 1009, slow: false });
      expect(seen.messages).toEqual([]);
    });

    it('says 1009 to the handler however big the message is', async () => {
      const { port, seen } = await start();
      const client = await dial(port);
      client.on('error', () => {});
      client.send(Buffer.alloc(1_000_000));
      expect((await seen.closed).code).toBe(1009);
    });

    it('takes a message of exactly the limit', async () => {
      const { port } = await start({}, (socket, message) => socket.send(Buffer.from(String(message.length))));
      const client = await dial(port);
      client.send(Buffer.alloc(4_096));
      expect((await nextMessage(client)).toString()).toBe('4096');
    });

    it('tells the handler of a text message', async () => {
      const { port, seen } = await start();
      const client = await dial(port);
      client.send('hello');
      expect((await closeOf(client)).code).toBe(4002);
      expect(seen.texts).toBe(1);
      expect(seen.messages).toEqual([]);
    });

    it('refuses a handshake with 403 and the reason', async () => {
      const { port, seen } = await start({ accept: () => 'not from there' });
      const client = new WebSocket(`ws://127.0.0.1:${port}/`);
      client.on('error', () => {});
      const [, response] = await once(client, 'unexpected-response');
      expect(response.statusCode).toBe(403);
      expect(String(await response.toArray())).toBe('not from there');
      expect(seen.sockets).toEqual([]);
    });

    it('shows path, origin, host and address to the one who decides', async () => {
      const handshakes: Handshake[] = [];
      const { port } = await start({
        accept: (handshake) => {
          handshakes.push(handshake);
          return null;
        },
      });
      await dial(port, { path: '/socket?x=1', headers: { Origin: 'https://a.example', 'X-Forwarded-For': '203.0.113.9' } });
      expect(handshakes).toEqual([{ path: '/socket', origin: 'https://a.example', host: `127.0.0.1:${port}`, address: '127.0.0.1' }]);
    });

    it('takes the address from the trusted proxy, not from the client', async () => {
      const handshakes: Handshake[] = [];
      const { port, seen } = await start({
        trustProxy: true,
        accept: (handshake) => {
          handshakes.push(handshake);
          return null;
        },
      });
      await dial(port, { headers: { 'X-Forwarded-For': '198.51.100.1, 2001:DB8:0:0::7' } });
      expect(handshakes[0]?.address).toBe('2001:db8::7');
      expect(seen.sockets[0]?.address).toBe('2001:db8::7');
    });

    it('answers a plain HTTP request with 426', async () => {
      const { port } = await start();
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(426);
    });

    it('survives a handshake whose target is no path', async () => {
      const { port } = await start({}, (socket, message) => socket.send(message));
      const raw = await rawHandshake(port, '//');
      raw.destroy();
      const client = await dial(port);
      client.send(Buffer.from('still there'));
      expect((await nextMessage(client)).toString()).toBe('still there');
    });

    it('closes with the code and reason, after what was sent', async () => {
      const { port, seen } = await start({}, (socket) => {
        socket.send(Buffer.from('goodbye'));
        socket.close(4005, 'signed out');
        socket.close(4006, 'again');
      });
      const client = await dial(port);
      const last = nextMessage(client);
      client.send(Buffer.from('go'));
      expect((await last).toString()).toBe('goodbye');
      expect(await closeOf(client)).toEqual({ code: 4005, reason: 'signed out' });
      expect(await seen.closed).toEqual({ code: 4005, slow: false });
    });

    it('calls close once, before the call that closes returns', async () => {
      const order: string[] = [];
      const { port, seen } = await start({}, (socket) => {
        socket.close(4005, 'bye');
        order.push(`closes: ${seen.closes}`);
      });
      const client = await dial(port);
      client.send(Buffer.from('go'));
      await closeOf(client);
      expect(order).toEqual(['closes: 1']);
      expect(seen.closes).toBe(1);
    });

    it('does nothing on a closed socket', async () => {
      const { port, seen } = await start();
      const client = await dial(port);
      client.close(1000);
      expect((await seen.closed).code).toBe(1000);
      const [socket] = seen.sockets;
      expect(socket?.send(Buffer.from('x'))).toBe(false);
      expect(socket?.bufferedBytes).toBe(0);
      socket?.subscribe('t');
      socket?.unsubscribe('t');
      socket?.close(4000, 'late');
      expect(seen.closes).toBe(1);
    });

    it('notices a peer that vanishes', async () => {
      const { port, seen } = await start();
      const client = await dial(port);
      client.terminate();
      expect(await seen.closed).toEqual({ code: 1006, slow: false });
    });

    it('closes a slow receiver with 4008 after everything that was sent to it', async () => {
      const { port, seen } = await start();
      const client = await rawHandshake(port, '/');
      client.pause();
      const [socket] = seen.sockets;
      let sent = 0;
      while (socket?.send(numbered(sent, 60_000))) sent += 1;
      expect(await seen.closed).toEqual({ code: 4008, slow: true });
      const got = await readFrames(client);
      // The message that filled the buffer went out as well, then the close frame.
      expect(got.numbers).toEqual(Array.from({ length: sent + 1 }, (_, number) => number));
      expect(got.closeCode).toBe(4008);
    });

    it('closes a receiver that is too slow for a topic, skipping nothing before', async () => {
      const { port, seen, server } = await start();
      const client = await rawHandshake(port, '/');
      client.pause();
      seen.sockets[0]?.subscribe('t');
      let published = 0;
      while (seen.closes === 0) {
        server.publish('t', numbered(published, 30_000));
        published += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await seen.closed).toEqual({ code: 4008, slow: true });
      const { numbers, closeCode } = await readFrames(client);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, number) => number));
      expect(numbers.length).toBeLessThanOrEqual(published);
      expect(closeCode).toBe(4008);
    });

    it('cuts a receiver that is flooded in one turn, and lets nothing through after what it skipped', async () => {
      const { port, seen, server } = await start();
      const client = await rawHandshake(port, '/');
      client.pause();
      seen.sockets[0]?.subscribe('t');
      // More than the buffers of two kernels and ours can hold, before anybody could look.
      for (let number = 0; number < 600; number += 1) server.publish('t', numbered(number, 60_000));
      expect((await seen.closed).slow).toBe(true);
      expect(seen.closes).toBe(1);
      const { numbers } = await readFrames(client).catch(() => ({ numbers: [] }));
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, number) => number));
    });

    it('leaves other receivers alone when one is slow', async () => {
      const { port, seen, server } = await start();
      const slow = await rawHandshake(port, '/');
      slow.pause();
      const client = await dial(port);
      for (const socket of seen.sockets) socket.subscribe('t');
      const got: number[] = [];
      client.on('message', (data: Buffer) => got.push(data.readUInt32BE(0)));
      let published = 0;
      while (seen.closes === 0) {
        const heard = once(client, 'message');
        server.publish('t', numbered(published, 60_000));
        published += 1;
        await heard;
      }
      expect(got).toEqual(Array.from({ length: published }, (_, number) => number));
      expect(client.readyState).toBe(WebSocket.OPEN);
    });

    it('rejects with EADDRINUSE when the port is taken, by another program or by another gateway', async () => {
      const { port } = await start();
      const second = await openSocketServer(
        library,
        {
          maxMessageBytes: 1,
          maxBufferBytes: 1,
          idleMs: 60_000,
          trustProxy: false,
          accept: () => null,
          open: () => ({ message() {}, text() {}, closed() {} }),
        },
        pino({ level: 'silent' }),
      );
      teardown.push(() => second.close(1001, ''));
      await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      teardown.push(() => other.close());
      const address = other.address();
      const taken = typeof address === 'object' && address ? address.port : 0;
      await expect(second.listen('127.0.0.1', taken)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    });

    it('closes every socket with the code when it closes, and takes no more', async () => {
      const { port, server, seen } = await start();
      const clients = [await dial(port), await dial(port)];
      const closes = Promise.all(clients.map(closeOf));
      await server.close(4012, 'restart');
      await server.close(4012, 'restart');
      expect(await closes).toEqual([
        { code: 4012, reason: 'restart' },
        { code: 4012, reason: 'restart' },
      ]);
      expect(seen.closes).toBe(2);
      const late = new WebSocket(`ws://127.0.0.1:${port}/`);
      const [error] = await once(late, 'error');
      expect(error.code).toBe('ECONNREFUSED');
    });

    it('closes a socket that is silent, and leaves one that answers pings', async () => {
      // uWebSockets.js counts in steps of 4 s from 8 s up.
      const { port, seen } = await start({ idleMs: library === 'uws' ? 8_000 : 1_000 });
      const lively = await dial(port);
      let pings = 0;
      lively.on('ping', () => {
        pings += 1;
      });
      const silent = await rawHandshake(port, '/');
      silent.resume();
      expect(await seen.closed).toEqual({ code: 1006, slow: false });
      expect(pings).toBeGreaterThan(0);
      expect(seen.closes).toBe(1);
      expect(lively.readyState).toBe(WebSocket.OPEN);
    });
  });

  const rawHandshake = async (port: number, target: string): Promise<TcpSocket> => {
    const tcp = connect(port, '127.0.0.1');
    teardown.push(() => tcp.destroy());
    tcp.on('error', () => {});
    await once(tcp, 'connect');
    tcp.write(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    // Exactly the answer's head is taken; frames that follow stay in the stream.
    let head = '';
    while (!head.endsWith('\r\n\r\n')) {
      const byte: Buffer | null = tcp.read(1);
      if (byte) head += byte.toString('latin1');
      else await once(tcp, 'readable');
    }
    return tcp;
  };
});

it('falls back to ws where uWebSockets.js does not load, and says why', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  const server: SocketServer = await openSocketServer(
    'auto',
    {
      maxMessageBytes: 1,
      maxBufferBytes: 1,
      idleMs: 60_000,
      trustProxy: false,
      accept: () => null,
      open: () => ({ message() {}, text() {}, closed() {} }),
    },
    log,
  );
  await server.close(1001, '');
  expect(server.library).toBe(loads ? 'uWebSockets.js' : 'ws');
  expect(lines.length).toBe(loads ? 0 : 1);
});

function numbered(number: number, bytes: number): Buffer {
  const message = Buffer.alloc(bytes);
  message.writeUInt32BE(number, 0);
  return message;
}

/** Reads the server's frames up to its close frame, or to the end of the stream: the number in each binary message, and the close code. */
async function readFrames(tcp: TcpSocket): Promise<{ numbers: number[]; closeCode: number | null }> {
  const numbers: number[] = [];
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of tcp) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 2) {
      const opcode = bytes.readUInt8(0) & 0x0f;
      const short = bytes.readUInt8(1) & 0x7f;
      const header = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < header) break;
      const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      // A line that was cut may end within a message: the client discards that part.
      if (bytes.length < header + length) break;
      if (opcode === 8) return { numbers, closeCode: bytes.readUInt16BE(header) };
      if (opcode === 2) numbers.push(bytes.readUInt32BE(header));
      bytes = bytes.subarray(header + length);
    }
  }
  return { numbers, closeCode: null };
}
