/** Nodes over a real Redis: who is there, and calls between them. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config.js';
import { type Bus, openBus } from '../../../src/platform/bus/index.js';
import { type Cluster, openCluster } from '../../../src/platform/cluster/index.js';
import { CausewayError } from '../../../src/platform/errors.js';
import { type RedisServer, startRedis, testConfig, testLog, waitFor } from '../../support/index.js';

declare module '../../../src/platform/cluster/cluster.js' {
  interface Calls {
    'test.echo': { request: unknown; reply: unknown };
    'test.never': { request: null; reply: null };
  }
  interface Words {
    'test.say': unknown;
  }
}

let redis: RedisServer;
const opened: { bus: Bus; cluster: Cluster }[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const { cluster, bus } of opened.splice(0)) {
    await cluster.close();
    await bus.close();
  }
});
afterAll(() => redis?.stop());

async function openNode(name: string, over: Partial<Config> = {}): Promise<{ bus: Bus; cluster: Cluster }> {
  const config = testConfig({ REDIS_URL: redis.url, CLUSTER_LEASE_MS: 500, NODE_NAME: name, ...over });
  const bus = await openBus(config, testLog());
  const face = () => ({ mediaLoad: 0.5, gatewayUrl: `ws://${name}/socket`, draining: false });
  const node = { bus, cluster: await openCluster({ bus, config, log: testLog(), face }) };
  opened.push(node);
  return node;
}

const namesOf = (cluster: Cluster) => cluster.nodes.map(({ gatewayUrl }) => gatewayUrl);

describe('who is there', () => {
  it('is known to a node as soon as it is open, and of it to the others', async () => {
    const { cluster: one } = await openNode('one');
    const joined = once(one, 'joined');
    const { cluster: two } = await openNode('two');
    expect(namesOf(two)).toEqual(['ws://two/socket', 'ws://one/socket']);
    await joined;
    expect(namesOf(one)).toEqual(['ws://one/socket', 'ws://two/socket']);
    expect(two.nodes[1]).toEqual({ id: one.nodeId, mediaLoad: 0.5, gatewayUrl: 'ws://one/socket', draining: false });
  });

  it('changes at once when a node says goodbye', async () => {
    const { cluster: one } = await openNode('one', { CLUSTER_LEASE_MS: 60_000 });
    const { cluster: two } = await openNode('two', { CLUSTER_LEASE_MS: 60_000 });
    const gone = once(one, 'gone');
    await two.close();
    expect(await gone).toEqual([two.nodeId]);
    expect(namesOf(one)).toEqual(['ws://one/socket']);
  });

  it('changes once when a node is silent', async () => {
    const { cluster: one } = await openNode('one');
    const { cluster: two, bus } = await openNode('two');
    const gone: string[] = [];
    one.on('gone', (id) => gone.push(id));
    await bus.close();
    await waitFor(() => gone.length > 0, 'the silence to be noticed');
    expect(gone).toEqual([two.nodeId]);
  });

  it('is one node alone where the bus is not shared', async () => {
    const { cluster } = await openNode('one', { REDIS_URL: undefined });
    expect(namesOf(cluster)).toEqual(['ws://one/socket']);
    await expect(cluster.call('somebody', 'test.never', null)).rejects.toMatchObject({ code: 'CLUSTER_NODE_GONE' });
  });

  it('is the same after Redis was away', async () => {
    const own = await startRedis();
    // Nodes find Redis again up to two seconds apart; within the lease nobody is missed for that.
    const over = { REDIS_URL: own.url, CLUSTER_LEASE_MS: 6_000 };
    try {
      const nodes = [await openNode('one', over), await openNode('two', over)];
      const [one, two] = nodes.map(({ cluster }) => cluster);
      if (!one || !two) throw new Error('two nodes');
      await waitFor(() => one.nodes.length === 2, 'both to know each other');
      const gone: string[] = [];
      for (const cluster of [one, two]) cluster.on('gone', (id) => gone.push(id));
      two.answer('test.echo', async (request) => request);
      const said: unknown[] = [];
      two.hear('test.say', (word) => said.push(word));
      await own.kill();
      one.tell(two.nodeId, 'test.say', 'away 1');
      one.tell(two.nodeId, 'test.say', 'away 2');
      const [bus] = nodes.map((node) => node.bus);
      const lease = await bus?.acquireLease('x', 'y', 800).catch(() => null);
      expect(lease).toBeNull();
      await own.restart();
      await waitFor(
        async () => (await one.call(two.nodeId, 'test.echo', 'there?').catch(() => null)) === 'there?',
        'a call to be answered',
      );
      expect(gone).toEqual([]);
      expect(namesOf(one)).toHaveLength(2);
      // What was said while Redis was away is said afterwards, once and in its order.
      one.tell(two.nodeId, 'test.say', 'after');
      await waitFor(() => said.includes('after'), 'the word that was said last');
      expect(said).toEqual(['away 1', 'away 2', 'after']);
      for (const { cluster, bus: closing } of opened.splice(0)) {
        await cluster.close();
        await closing.close();
      }
    } finally {
      await own.stop();
    }
  });
});

describe('calls', () => {
  async function pair(): Promise<{ one: Cluster; two: Cluster; busOfTwo: Bus }> {
    const { cluster: one } = await openNode('one');
    const joined = once(one, 'joined');
    const { cluster: two, bus: busOfTwo } = await openNode('two');
    await joined;
    return { one, two, busOfTwo };
  }

  it('carry bytes, maps and what is not there, both ways', async () => {
    const { one, two } = await pair();
    two.answer('test.echo', async (request, from) => ({ request, from }));
    const request = { bytes: Uint8Array.of(0, 255), map: new Map([['a', undefined]]), list: [1, null] };
    expect(await one.call(two.nodeId, 'test.echo', request)).toEqual({ request, from: one.nodeId });
    one.answer('test.echo', async () => 'back');
    expect(await two.call(one.nodeId, 'test.echo', 1)).toBe('back');
  });

  it('reach the node itself, too', async () => {
    const { one } = await pair();
    one.answer('test.echo', async (request, from) => [request, from]);
    expect(await one.call(one.nodeId, 'test.echo', 'me')).toEqual(['me', one.nodeId]);
  });

  it('keep their order with words', async () => {
    const { one, two } = await pair();
    const came: unknown[] = [];
    two.answer('test.echo', async (request) => came.push(request));
    two.hear('test.say', (word) => came.push(word));
    const calls: Promise<unknown>[] = [];
    for (let i = 0; i < 200; i += 2) {
      one.tell(two.nodeId, 'test.say', i);
      calls.push(one.call(two.nodeId, 'test.echo', i + 1));
    }
    await Promise.all(calls);
    expect(came).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('fail with the code that the other node threw, and say nothing of other errors', async () => {
    const { one, two } = await pair();
    two.answer('test.echo', async (request) => {
      if (request === 'refuse') throw new CausewayError('REQUEST_INVALID', { field: 'name', fill: { detail: 'name' } });
      throw new Error('a secret');
    });
    const refused = await one.call(two.nodeId, 'test.echo', 'refuse').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'REQUEST_INVALID', field: 'name', message: 'Part of the input is not valid: name.' });
    const fault = await one.call(two.nodeId, 'test.echo', 'fail').catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'SERVER_FAULT' });
    expect(String(fault)).not.toContain('secret');
  });

  it('fail at once when the node is not there', async () => {
    const { one, two } = await pair();
    await two.close();
    await expect(one.call(two.nodeId, 'test.never', null)).rejects.toMatchObject({ code: 'CLUSTER_NODE_GONE' });
  });

  it('fail when the node goes before it has answered', async () => {
    const { one, two, busOfTwo } = await pair();
    const asked = new Promise<void>((resolve) => {
      two.answer('test.never', () => {
        resolve();
        return new Promise(() => undefined);
      });
    });
    const failure = one.call(two.nodeId, 'test.never', null).catch((error: unknown) => error);
    await asked;
    await busOfTwo.close();
    expect(await failure).toMatchObject({ code: 'CLUSTER_NODE_GONE' });
  });
});
