/** Taps of a room on two nodes, over a real Redis: each node taps what its own peers send. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMedia, type Media, type MediaRoom, type TapWish } from '../../../src/media/index.js';
import { type Bus, openBus } from '../../../src/platform/bus/index.js';
import { type Cluster, openCluster } from '../../../src/platform/cluster/index.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { type RedisServer, startRedis, testConfig, testLog, waitFor } from '../../support/index.js';
import { Page } from './page.js';
import { Sink } from './tap-sink.js';

interface Node {
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly media: Media;
  readonly sink: Sink;
}

let redis: RedisServer;
let one: Node;
let two: Node;
let room: MediaRoom;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  [one, two] = [await openNode('one'), await openNode('two')];
  await waitFor(() => one.cluster.nodes.length === 2, 'the nodes know each other');
  room = await one.media.openRoom('room');
});
afterEach(async () => {
  for (const node of [one, two]) await closeNode(node);
});

async function openNode(name: string): Promise<Node> {
  const config = testConfig({
    REDIS_URL: redis.url,
    CLUSTER_LEASE_MS: 1_000,
    NODE_NAME: name,
    MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
  });
  const bus = await openBus(config, testLog());
  const cluster = await openCluster({ bus, config, log: testLog(), face: () => ({ mediaLoad: 0, gatewayUrl: name, draining: false }) });
  const sink = new Sink();
  const media = await createMedia({ config, log: testLog(), metrics: createMetrics(), cluster, taps: { capture: sink } });
  return { bus, cluster, media, sink };
}

async function closeNode({ bus, cluster, media, sink }: Node): Promise<void> {
  await media.close();
  await cluster.close();
  await bus.close();
  sink.close();
}

const joinAt = (node: Node, id: string) => new Page(room, id, node.media.rtpCapabilities).join({ node: node.cluster.nodeId });
const wish = (producerId: string): TapWish => ({ producerId, purpose: 'capture', context: {} });

test('A tap is opened by the node where its producer is, and closed there', async () => {
  const [anna, ben] = [await joinAt(one, 'anna'), await joinAt(two, 'ben')];
  const [hers, his] = [await anna.send('microphone'), await ben.send('microphone')];
  // Each is piped to the other node too.
  await Promise.all([anna.receives(his), ben.receives(hers)]);
  room.setTaps([wish(hers), wish(his)]);
  const tapped = async ({ sink }: Node) => waitFor(() => sink.heard[0], 'a tap has begun');
  const [atOne, atTwo] = [await tapped(one), await tapped(two)];
  expect([atOne.stream.producerId, atTwo.stream.producerId]).toEqual([hers, his]);
  room.setTaps([wish(hers)]);
  await waitFor(() => atTwo.endedAt !== null, 'his tap is closed');
  expect(atOne.endedAt).toBeNull();
  expect([one.sink.heard.length, two.sink.heard.length]).toEqual([1, 1]);
});

test('The list of a new director counts, once it has given one', async () => {
  const [, ben] = [await joinAt(one, 'anna'), await joinAt(two, 'ben')];
  const [voice, camera] = [await ben.send('microphone'), await ben.send('camera')];
  room.setTaps([wish(voice), wish(camera)]);
  await waitFor(() => two.sink.heard.length === 2, 'both have begun');
  await closeNode(one);
  await waitFor(() => two.cluster.nodes.length === 1, 'the node is gone');
  const after = await two.media.openRoom('room');
  expect(two.sink.heard.every(({ endedAt }) => endedAt === null)).toBe(true);
  after.setTaps([wish(voice)]);
  const of = (id: string) => two.sink.heard.find(({ stream }) => stream.producerId === id);
  await waitFor(() => of(camera)?.endedAt !== null, 'the camera is not tapped any more');
  expect(of(voice)?.endedAt).toBeNull();
});
