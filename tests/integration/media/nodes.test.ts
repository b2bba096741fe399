/** Rooms on several nodes, over a real Redis: two media cores with workers of their own. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMedia, type Media, type MediaRoom } from '../../../src/media/index.js';
import { type Bus, openBus } from '../../../src/platform/bus/index.js';
import { type Cluster, openCluster } from '../../../src/platform/cluster/index.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { type RedisServer, startRedis, testConfig, testLog, waitFor } from '../../support/index.js';
import { Page } from './page.js';
import { WorkerView } from './worker-view.js';

interface Node {
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly media: Media;
}

let redis: RedisServer;
let view: WorkerView;
let one: Node;
let two: Node;
let room: MediaRoom;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  view = new WorkerView();
  [one, two] = [await openNode('one'), await openNode('two')];
  await waitFor(() => one.cluster.nodes.length === 2, 'the nodes know each other');
  room = await one.media.openRoom('room');
});
afterEach(async () => {
  for (const node of [one, two]) await closeNode(node);
  view.stop();
});

async function openNode(name: string): Promise<Node> {
  const config = testConfig({
    REDIS_URL: redis.url,
    CLUSTER_LEASE_MS: 1_000,
    NODE_NAME: name,
    MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
    MEDIA_WORKERS: 1,
  });
  const bus = await openBus(config, testLog());
  const cluster = await openCluster({ bus, config, log: testLog(), face: () => ({ mediaLoad: 0, gatewayUrl: name, draining: false }) });
  return { bus, cluster, media: await createMedia({ config, log: testLog(), metrics: createMetrics(), cluster }) };
}

async function closeNode({ bus, cluster, media }: Node): Promise<void> {
  await media.close();
  await cluster.close();
  await bus.close();
}

const joinAt = (node: Node, id: string, at = room) => new Page(at, id, node.media.rtpCapabilities).join({ node: node.cluster.nodeId });
const portsOf = ({ media }: Node) => media.describe().workers.map(({ port }) => port);

describe('a room on two nodes', () => {
  test('has each peer on the workers of his node', async () => {
    const [anna, ben] = [await joinAt(one, 'anna'), await joinAt(two, 'ben')];
    expect(portsOf(one)).toContain(anna.sendTransport.iceCandidates[0]?.port);
    expect(portsOf(two)).toContain(ben.sendTransport.iceCandidates[0]?.port);
  });

  test('offers what is sent on one node to those on the other, in both directions, also to those who come later', async () => {
    const [anna, ben] = [await joinAt(one, 'anna'), await joinAt(two, 'ben')];
    const [camera, microphone] = [await anna.send('camera'), await ben.send('microphone')];
    await Promise.all([ben.receives(camera), anna.receives(microphone)]);
    const late = await joinAt(two, 'late');
    await Promise.all([late.receives(camera), late.receives(microphone)]);
    expect([anna, ben, late].flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('carries mute, layers wished for and the end of a producer across', async () => {
    const [anna, ben] = [await joinAt(one, 'anna'), await joinAt(two, 'ben')];
    const camera = await anna.send('camera');
    const { id } = await ben.receives(camera);
    await ben.resumeAll();
    await waitFor(() => !view.consumer(id).paused, 'it is resumed from the other node');
    await room.setProducerPaused('anna', camera, true);
    await waitFor(() => view.consumer(id).producerPaused, 'it is muted');
    await room.setView('ben', []);
    await waitFor(() => view.consumer(id).paused, 'it is not shown any more');
    room.closeProducer('anna', camera);
    await waitFor(() => !ben.consumers.has(camera), 'it is gone');
  });

  test('hears the voices of both nodes through slots of its own on each', async () => {
    const pages = await Promise.all(Array.from({ length: 12 }, (_, n) => joinAt(n % 2 === 0 ? one : two, `p${n}`)));
    for (const page of pages) await page.send('microphone');
    const slotsOf = (page: Page) => [...page.consumers.values()].filter(({ slot }) => slot > 0);
    await waitFor(() => pages.every((page) => slotsOf(page).length === 5), 'everybody has five slots');
    const idsOf = (page: Page | undefined) => (page ? slotsOf(page).map(({ producerId }) => producerId) : []);
    expect(idsOf(pages[0])).toEqual(idsOf(pages[2]));
    expect(idsOf(pages[0])).not.toEqual(idsOf(pages[1]));
  });

  test('goes on when another node takes it over from one that is lost, with all that was there', async () => {
    const [anna, ben, cleo] = [await joinAt(one, 'anna'), await joinAt(two, 'ben'), await joinAt(two, 'cleo')];
    const [lost, kept] = [await anna.send('camera'), await ben.send('camera')];
    await Promise.all([ben.receives(lost), cleo.receives(kept)]);
    const { id } = await cleo.receives(kept);
    await closeNode(one);
    await waitFor(() => two.cluster.nodes.length === 1, 'the node is gone');

    const after = await two.media.openRoom('room');
    expect(after.peerIds.toSorted()).toEqual(['ben', 'cleo']);
    expect(view.consumer(id).closed).toBe(false);
    const removed: string[] = [];
    after.on('consumers', (peerId, change) => peerId === 'ben' && removed.push(...change.removed));
    await waitFor(() => [...view.consumers.values()].filter(({ closed }) => !closed).length === 1, 'what came from there is closed');

    const dora = await joinAt(two, 'dora', after);
    await dora.receives(kept);
    const next = await dora.send('camera');
    const offered: string[] = [];
    after.on('consumers', (peerId, change) => peerId === 'ben' && offered.push(...change.added.map(({ producerId }) => producerId)));
    await waitFor(
      () => offered.includes(next) || [...view.consumers.values()].some(({ producerId }) => producerId === next),
      'ben is offered the newcomer',
    );
    await after.setProducerPaused('ben', kept, true);
    await waitFor(() => view.consumer(id).producerPaused, 'the new director mutes');
    after.close();
  });

  test('loses the other node: those who were there are named, and what they sent is taken away', async () => {
    const [anna, ben] = [await joinAt(one, 'anna'), await joinAt(two, 'ben')];
    const camera = await ben.send('camera');
    await anna.receives(camera);
    const moved: string[] = [];
    room.on('moved', (peerIds) => moved.push(...peerIds));
    await closeNode(two);
    await waitFor(() => !anna.consumers.has(camera), 'it is gone');
    expect(moved).toEqual(['ben']);
    expect(anna.faults).toEqual([]);
  });

  test('is left to another director without a word to its peers', async () => {
    const ben = await joinAt(two, 'ben');
    const camera = await ben.send('camera');
    room.abandon();
    room = await two.media.openRoom('room');
    expect(room.peerIds).toEqual(['ben']);
    const anna = await joinAt(one, 'anna');
    await anna.receives(camera);
  });

  test('refuses a peer on a node that is gone, and leaves nothing', async () => {
    const gone = two.cluster.nodeId;
    await closeNode(two);
    await expect(room.addPeer('ben', one.media.rtpCapabilities, { node: gone })).rejects.toMatchObject({ code: 'CLUSTER_NODE_GONE' });
    expect(room.peerIds).toEqual([]);
  });
});
