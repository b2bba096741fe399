/** The load generator against a whole server and against the bare script: what it counts must be what was sent. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bare, startBare } from '../../../load-tests/media/bare.js';
import { Crowd } from '../../../load-tests/media/crowd.js';
import type { Way } from '../../../load-tests/media/crowd-calls.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { waitFor } from '../../support/wait-for.js';

const microphone = { frameMs: 20, bitsPerSecond: 32_000, speaking: true };
const small = { width: 320, height: 180, bitsPerSecond: 150_000 };
const large = { width: 640, height: 360, bitsPerSecond: 600_000 };

let server: TestServer;
let bare: Bare;
let crowd: Crowd;
let meetingId: string;
let code: string;
let ownerToken: string;

beforeAll(async () => {
  [server, bare] = await Promise.all([startTestServer({ DATABASE_POOL: 4 }), startBare(2)]);
  const owner = await server.setUpOwner();
  ownerToken = owner.accessToken;
  ({ id: meetingId, code } = await server.createMeeting(owner, { lobby: 'off' }));
  crowd = new Crowd(1);
});
afterAll(async () => {
  crowd?.close();
  await bare?.close();
  await server?.close();
});

afterEach(() => crowd.leave(crowd.numbers));

async function host(): Promise<Way> {
  return { to: 'product', gatewayUrl: await server.gatewayUrl(), accessToken: ownerToken, meetingId };
}

async function guest(name: string): Promise<Way> {
  const { accessToken } = await server.guest(code, name);
  return { to: 'product', gatewayUrl: await server.gatewayUrl(), accessToken, meetingId };
}

/** Waits until every stream has had packets since the mark, and so many came in all. */
async function arrivals(packets: number) {
  await crowd.mark();
  return waitFor(async () => {
    const total = await crowd.read();
    return total.packets >= packets && total.silent === 0 && total;
  }, `${packets} packets`);
}

describe('Generated people', () => {
  it('get everything that two of them send, by way of the server, and nothing is lost', async () => {
    await crowd.open({ number: 1, microphone, camera: { framesPerSecond: 25, layers: [large] } }, await host());
    await crowd.open({ number: 2, microphone, camera: { framesPerSecond: 25, layers: [small, large] } }, await guest('Second'));
    for (let number = 3; number <= 7; number += 1) await crowd.open({ number }, await guest(`Receiver ${number}`));

    // Two streams of each of the two: to the five, and to one another.
    await waitFor(async () => (await crowd.read()).streams === 5 * 4 + 2 * 2, 'all have all streams');
    const total = await arrivals(2_000);
    expect(total).toMatchObject({ lost: 0, unknownPackets: 0, troubles: [], silent: 0 });
    const delays = total.delays();
    expect(delays.count).toBe(total.packets);
    // The clocks of the processes agree: nothing arrives before it was sent.
    expect(delays.percentile(0)).toBeGreaterThan(0);
  });

  it('send the layers that somebody wants, and no more', async () => {
    await crowd.open({ number: 1, microphone, camera: { framesPerSecond: 25, layers: [small, large] } }, await host());
    await crowd.open({ number: 2 }, await guest('Receiver'));
    const sent = async () => {
      await crowd.mark();
      await delay(500);
      return (await crowd.read()).sent;
    };
    // 50 packets of sound a second; 25 of the small picture and 75 of the large one.
    await waitFor(async () => {
      const { audio, video } = await sent();
      return audio > 0 && video > audio;
    }, 'the whole camera flows');
    await crowd.show(2, [], small);
    await waitFor(async () => {
      const { audio, video } = await sent();
      return video > 0 && video < audio;
    }, 'the small picture alone flows, ready to be looked at');
  });

  it('are served by the bare script on both of its workers', async () => {
    const sender = await crowd.open(
      { number: 1, microphone, camera: { framesPerSecond: 25, layers: [large] } },
      { to: 'bare', url: bare.url, sends: true, worker: 0 },
    );
    const ports = new Set<number>();
    for (let number = 2; number <= 5; number += 1) {
      const { port } = await crowd.open({ number }, { to: 'bare', url: bare.url, sends: false });
      ports.add(port);
    }
    expect([...ports]).toContain(sender.port);
    expect(ports.size).toBe(2);
    const total = await arrivals(400);
    expect(total).toMatchObject({ lost: 0, troubles: [], streams: 8 });
    for (const port of ports) expect(total.packetsByPort.get(port)).toBeGreaterThan(0);
  });

  it('say why they could not come in', async () => {
    const way: Way = { to: 'product', gatewayUrl: await server.gatewayUrl(), accessToken: 'nonsense', meetingId };
    await expect(crowd.open({ number: 1 }, way)).rejects.toThrow('AUTH_');
    expect(crowd.numbers).toEqual([]);
  });
});
