/** The relay decides whether the tests of bad networks say anything, so it is tested itself. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UdpRelay } from '../../support/udp-relay.js';
import { waitFor } from '../../support/wait-for.js';

interface Got {
  readonly text: string;
  readonly from: RemoteInfo;
}

let server: Socket;
let client: Socket;
let relay: UdpRelay;
const atServer: Got[] = [];
const atClient: Got[] = [];

beforeEach(async () => {
  atServer.length = 0;
  atClient.length = 0;
  [server, client] = await Promise.all([bound(), bound()]);
  server.on('message', (data, from) => atServer.push({ text: String(data), from }));
  client.on('message', (data, from) => atClient.push({ text: String(data), from }));
  relay = await UdpRelay.open({ port: server.address().port, seed: 7 });
});
afterEach(() => {
  relay.close();
  server.close();
  client.close();
});

const send = (text: string) => client.send(text, relay.port, '127.0.0.1');
const came = (where: readonly Got[], count: number) => waitFor(() => where.length >= count, `${count} packets`);

describe('UdpRelay', () => {
  test('carries packets both ways, in their order', async () => {
    for (let number = 0; number < 20; number += 1) send(String(number));
    await came(atServer, 20);
    expect(atServer.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, number) => String(number)));
    server.send('answer', atServer[0]!.from.port, atServer[0]!.from.address);
    await came(atClient, 1);
    expect(atClient[0]).toMatchObject({ text: 'answer', from: { port: relay.port } });
  });

  test('lets nothing through while it is blocked, and goes on after', async () => {
    relay.set({ blocked: true });
    send('lost');
    await waitFor(() => relay.up.passed.dropped === 1, 'the packet is lost');
    relay.set({ blocked: false });
    send('carried');
    await came(atServer, 1);
    expect(atServer.map(({ text }) => text)).toEqual(['carried']);
  });

  test('loses the share that it is told to', async () => {
    relay.set({ dropRatio: 0.3 });
    for (let number = 0; number < 1_000; number += 1) {
      send(String(number));
      // Not faster than the kernel's buffers.
      if (number % 50 === 49) await waitFor(() => relay.up.passed.packets + relay.up.passed.dropped > number, 'the packets are there');
    }
    await came(atServer, relay.up.passed.packets);
    expect(relay.up.passed.dropped).toBeGreaterThan(250);
    expect(relay.up.passed.dropped).toBeLessThan(350);
  });

  test('keeps packets for the time of the delay, in their order', async () => {
    send('first');
    await came(atServer, 1);
    relay.set({ delayMs: 100 });
    const begun = performance.now();
    send('a');
    send('b');
    await came(atServer, 3);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(99);
    expect(atServer.map(({ text }) => text)).toEqual(['first', 'a', 'b']);
  });

  test('carries no more than the limit, and loses what finds the queue full', async () => {
    // 1,250 bytes are 100 ms of 100 kbit/s: of ten packets one goes at once, two wait, and the rest finds 200 ms of queue.
    relay.set({ kbps: 100, queueMs: 250 });
    const begun = performance.now();
    for (let number = 0; number < 10; number += 1) send('x'.repeat(1_250 - 28));
    await waitFor(() => relay.up.passed.packets + relay.up.passed.dropped === 10, 'all packets have come to the line');
    await came(atServer, relay.up.passed.packets);
    expect(performance.now() - begun).toBeGreaterThanOrEqual((relay.up.passed.packets - 1) * 100);
    expect(relay.up.passed.dropped).toBeGreaterThan(0);
  });

  test('gives the client another address, at which answers arrive', async () => {
    send('from the old address');
    await came(atServer, 1);
    relay.moveSource('127.0.0.2');
    send('from the new address');
    await came(atServer, 2);
    const [before, after] = atServer;
    expect(before?.from.address).toBe('127.0.0.1');
    expect(after?.from.address).toBe('127.0.0.2');
    server.send('to the old address', before!.from.port, before!.from.address);
    server.send('to the new address', after!.from.port, after!.from.address);
    await came(atClient, 1);
    expect(atClient.map(({ text }) => text)).toEqual(['to the new address']);
  });
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
