/** Packets over a pipe between two nodes: SRTP, retransmission, mute. */
import { setInterval } from 'node:timers/promises';
import type { types as mediasoup } from 'mediasoup';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routerCapabilities } from '../../../src/media/codecs.js';
import { distantFeed, type Feed, faceOf, ownFeed } from '../../../src/media/feed.js';
import { Floor } from '../../../src/media/floor.js';
import { MediaWorker } from '../../../src/media/media-worker.js';
import { NodePipes } from '../../../src/media/node-pipes.js';
import { type Bus, openBus } from '../../../src/platform/bus/index.js';
import { type Cluster, openCluster } from '../../../src/platform/cluster/index.js';
import { type RedisServer, startRedis, testConfig, testLog, waitFor } from '../../support/index.js';
import { microphoneParameters } from '../../unit/media/parameters.js';
import { Microphone } from './microphone.js';

interface Node {
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly worker: MediaWorker;
  readonly floor: Floor;
  readonly pipes: NodePipes;
  readonly feeds: Map<string, Feed>;
}

let redis: RedisServer;
const nodes: Node[] = [];

beforeAll(async () => {
  redis = await startRedis();
  nodes.push(await openNode(), await openNode());
  await waitFor(() => nodes[0]?.cluster.nodes.length === 2, 'the nodes know each other');
});
afterAll(async () => {
  for (const { worker, cluster, bus } of nodes) {
    await worker.close();
    await cluster.close();
    await bus.close();
  }
  await redis.stop();
});

async function openNode(): Promise<Node> {
  const config = testConfig({ REDIS_URL: redis.url });
  const bus = await openBus(config, testLog());
  const cluster = await openCluster({ bus, config, log: testLog(), face: () => ({ mediaLoad: 0, gatewayUrl: '', draining: false }) });
  const worker = await MediaWorker.start({
    listenIp: '127.0.0.1',
    announcedAddress: undefined,
    port: 0,
    workerBin: process.env.MEDIASOUP_WORKER_BIN,
    joinsPerSecond: 100,
  });
  const floor = await openFloor(worker);
  const feeds = new Map<string, Feed>();
  const pipes = new NodePipes({ ip: '127.0.0.1', ports: { min: 50_000, max: 59_999 } }, { cluster, feed: (_, id) => feeds.get(id) });
  return { bus, cluster, worker, floor, pipes, feeds };
}

function openFloor(worker: MediaWorker): Promise<Floor> {
  return Floor.open({
    worker,
    initialOutgoingBitrate: 1_000_000,
    maxIncomingBitrate: 1_000_000,
    onVolumes: () => undefined,
    onDominant: () => undefined,
    onDied: () => undefined,
  });
}

const pair = (): [Node, Node] => {
  const [one, two] = nodes;
  if (!one || !two) throw new Error('two nodes are needed');
  return [one, two];
};

async function aMicrophone({ floor, feeds }: Node, name: string): Promise<{ microphone: Microphone; feed: Feed }> {
  const transport = await floor.router.createDirectTransport();
  const producer = await transport.produce({ kind: 'audio', rtpParameters: microphoneParameters() });
  const made = { id: producer.id, peerId: name, source: 'microphone' as const, kind: 'audio' as const, slot: 0, producer };
  const feed = ownFeed({ ...made, layered: { type: 'simple', encodings: [] } }, floor);
  feeds.set(feed.id, feed);
  return { microphone: new Microphone(producer, name), feed };
}

/** The feed as the other node knows it. */
function asSeenFrom(feed: Feed, node: Node): Feed {
  const face = faceOf(feed, node.cluster.nodeId);
  if (!face) throw new Error('not its own');
  return distantFeed(face);
}

async function listen(floor: Floor, producerId: string): Promise<{ heard: number[]; consumer: mediasoup.Consumer }> {
  const transport = await floor.router.createDirectTransport();
  const consumer = await transport.consume({ producerId, rtpCapabilities: routerCapabilities() });
  const heard: number[] = [];
  consumer.on('rtp', (packet) => heard.push(packet.readUInt32BE(4) / 960));
  return { heard, consumer };
}

test('every packet of two producers arrives at the other node, through one pair of ends', async () => {
  const [one, two] = pair();
  const [anna, ben] = [await aMicrophone(one, 'anna'), await aMicrophone(one, 'ben')];
  const brought = await Promise.all([anna, ben].map(({ feed }) => two.pipes.bring('room', asSeenFrom(feed, one), two.floor)));
  expect(brought.map(({ producer }) => producer.id)).toEqual([anna.feed.id, ben.feed.id]);
  expect([one.pipes.size, two.pipes.size]).toEqual([1, 1]);
  const far = await Promise.all([anna, ben].map(({ feed }) => listen(two.floor, feed.id)));

  const packets = 100;
  for await (const _ of setInterval(5)) {
    anna.microphone.send();
    ben.microphone.send();
    if (anna.microphone.sent === packets) break;
  }
  await waitFor(() => far.every(({ heard }) => heard.length === packets), 'all packets are there');
  expect(far.map(({ heard }) => heard)).toEqual([anna, ben].map(() => Array.from({ length: packets }, (_, n) => n)));
  for (const { close } of brought) close();
});

test('what the other node does not want any more is no longer sent there', async () => {
  const [one, two] = pair();
  const { feed } = await aMicrophone(one, 'anna');
  const { close } = await two.pipes.bring('room', asSeenFrom(feed, one), two.floor);
  const consumersOf = async () => {
    const { mapProducerIdConsumerIds } = await one.floor.router.dump();
    return mapProducerIdConsumerIds.find(({ key }) => key === feed.id)?.values ?? [];
  };
  expect(await consumersOf()).toHaveLength(1);
  close();
  await waitFor(async () => (await consumersOf()).length === 0, 'the pipe gives it back');
});

test('a producer that is gone is refused, and nothing stays open', async () => {
  const [one, two] = pair();
  const { feed } = await aMicrophone(one, 'anna');
  const seen = asSeenFrom(feed, one);
  one.feeds.delete(feed.id);
  feed.origin?.producer.close();
  await expect(
    two.pipes.bring('other room', { ...seen, distant: { node: one.cluster.nodeId, floor: 'no floor' } }, two.floor),
  ).rejects.toThrow();
  expect(two.pipes.size).toBe(1);
});

test('the end at the other node goes with the one here', async () => {
  const [one, two] = pair();
  const { feed } = await aMicrophone(one, 'anna');
  const before = one.pipes.size;
  const floor = await openFloor(two.worker);
  await two.pipes.bring('room', asSeenFrom(feed, one), floor);
  expect(one.pipes.size).toBe(before + 1);
  floor.close();
  await waitFor(() => one.pipes.size === before, 'its port is free again');
});
