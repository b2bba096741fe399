import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, openBus } from '../../../src/platform/bus/index.js';
import { freePort, type RedisServer, startRedis, testLog, waitFor } from '../../support/index.js';

let redis: RedisServer;
const opened: Bus[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((bus) => bus.close()));
});
afterAll(() => redis.stop());

async function open(config: { REDIS_URL: string | undefined }): Promise<Bus> {
  const bus = await openBus(config, testLog());
  opened.push(bus);
  return bus;
}

const text = (payload: Uint8Array) => Buffer.from(payload).toString();
const bytes = (said: string) => Buffer.from(said);

/** Subscribes, and gives what arrives. */
async function hear(bus: Bus, channel: string) {
  const heard: string[] = [];
  const stop = await bus.subscribe(channel, (payload) => heard.push(text(payload)));
  return { heard, stop };
}

describe.each([
  { name: 'the in-process bus', url: () => undefined },
  { name: 'the Redis bus', url: () => redis.url },
])('$name', ({ url }) => {
  const openOne = () => open({ REDIS_URL: url() });

  it('delivers to every subscriber of the channel and to no other', async () => {
    const bus = await openOne();
    const [one, two, other] = [await hear(bus, 'a'), await hear(bus, 'a'), await hear(bus, 'b')];
    await bus.publish('a', bytes('hello'));
    await bus.publish('b', bytes('end'));
    await waitFor(() => other.heard.length === 1, 'the message of the other channel');
    expect([one.heard, two.heard, other.heard]).toEqual([['hello'], ['hello'], ['end']]);
  });

  it('keeps the order of one publisher', async () => {
    const bus = await openOne();
    const { heard } = await hear(bus, 'a');
    await Promise.all(Array.from({ length: 500 }, (_, number) => bus.publish('a', bytes(String(number)))));
    await waitFor(() => heard.length === 500, '500 messages');
    expect(heard).toEqual(Array.from({ length: 500 }, (_, number) => String(number)));
  });

  it('carries any bytes as they are', async () => {
    const bus = await openOne();
    const heard: Uint8Array[] = [];
    await bus.subscribe('a', (payload) => heard.push(payload));
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await bus.publish('a', all);
    await bus.publish('a', new Uint8Array());
    await waitFor(() => heard.length === 2, 'both messages');
    expect(heard.map((payload) => [...payload])).toEqual([[...all], []]);
  });

  it('lets the publisher use its buffer again at once', async () => {
    const bus = await openOne();
    const { heard } = await hear(bus, 'a');
    const buffer = bytes('first');
    const sent = bus.publish('a', buffer);
    buffer.fill('x');
    await sent;
    await waitFor(() => heard.length === 1, 'the message');
    expect(heard).toEqual(['first']);
  });

  it('does not deliver within the call of the publisher', async () => {
    const bus = await openOne();
    const { heard } = await hear(bus, 'a');
    const sent = bus.publish('a', bytes('hello'));
    expect(heard).toEqual([]);
    await sent;
    await waitFor(() => heard.length === 1, 'the message');
  });

  it('stops to deliver after unsubscribe, also when that comes twice', async () => {
    const bus = await openOne();
    const [gone, stays] = [await hear(bus, 'a'), await hear(bus, 'a')];
    await gone.stop();
    await gone.stop();
    await bus.publish('a', bytes('hello'));
    await waitFor(() => stays.heard.length === 1, 'the message');
    expect(gone.heard).toEqual([]);
  });

  it('delivers again after the last subscriber left and another came', async () => {
    const bus = await openOne();
    const first = await hear(bus, 'a');
    const leaving = first.stop();
    const second = await hear(bus, 'a');
    await leaving;
    await bus.publish('a', bytes('hello'));
    await waitFor(() => second.heard.length === 1, 'the message');
    expect(first.heard).toEqual([]);
  });

  it('goes on when a listener throws', async () => {
    const bus = await openOne();
    await bus.subscribe('a', () => {
      throw new Error('bad listener');
    });
    const { heard } = await hear(bus, 'a');
    await bus.publish('a', bytes('one'));
    await bus.publish('a', bytes('two'));
    await waitFor(() => heard.length === 2, 'both messages');
  });

  it('gives a lease to one holder at a time', async () => {
    const bus = await openOne();
    const answers = await Promise.all(['n1', 'n2', 'n3'].map((holder) => bus.acquireLease('once', holder, 60_000)));
    expect(answers.filter((lease) => lease !== null)).toHaveLength(1);
  });

  it('says who has a lease, as long as it lasts', async () => {
    const bus = await openOne();
    expect(await bus.leaseHolder('asked')).toBeNull();
    const lease = await bus.acquireLease('asked', 'n1', 60_000);
    expect(await bus.leaseHolder('asked')).toBe('n1');
    await lease?.release();
    expect(await bus.leaseHolder('asked')).toBeNull();
  });

  it('says to how many nodes a message went', async () => {
    const bus = await openOne();
    expect(await bus.publish('unheard', bytes('hello'))).toBe(0);
    await Promise.all([hear(bus, 'heard'), hear(bus, 'heard')]);
    expect(await bus.publish('heard', bytes('hello'))).toBe(1);
  });

  it('gives a lease again to its holder', async () => {
    const bus = await openOne();
    await bus.acquireLease('again', 'n1', 60_000);
    expect(await bus.acquireLease('again', 'n1', 60_000)).toMatchObject({ name: 'again', holder: 'n1' });
  });

  it('gives a lease to another once it was released', async () => {
    const bus = await openOne();
    const lease = await bus.acquireLease('released', 'n1', 60_000);
    expect(await lease?.renew()).toBe(true);
    await lease?.release();
    expect(await bus.acquireLease('released', 'n2', 60_000)).not.toBeNull();
    expect(await lease?.renew()).toBe(false);
  });

  it('gives a lease to another once its time has passed, and tells the first when it renews', async () => {
    const bus = await openOne();
    const lost = await bus.acquireLease('expired', 'n1', 20);
    const taken = await waitFor(() => bus.acquireLease('expired', 'n2', 60_000), 'the lease to expire');
    expect(await lost?.renew()).toBe(false);
    await lost?.release();
    expect(await taken.renew()).toBe(true);
  });

  it('says that it is healthy until it is closed, and closes twice without harm', async () => {
    const bus = await openOne();
    expect(await bus.healthy()).toBe(true);
    await Promise.all([bus.close(), bus.close()]);
    expect(await bus.healthy()).toBe(false);
    await expect(bus.publish('a', bytes('late'))).rejects.toThrow('closed');
  });

  it('says whether others may listen', async () => {
    expect((await openOne()).shared).toBe(url() !== undefined);
  });
});

describe('over Redis', () => {
  it('nodes hear each other', async () => {
    const [one, other] = [await open({ REDIS_URL: redis.url }), await open({ REDIS_URL: redis.url })];
    const { heard } = await hear(other, 'a');
    await one.publish('a', bytes('hello'));
    await waitFor(() => heard.length === 1, 'the message from the other node');
    expect(await one.acquireLease('shared', 'n1', 60_000)).not.toBeNull();
    expect(await other.acquireLease('shared', 'n2', 60_000)).toBeNull();
  });

  it('installations on different database numbers do not hear each other', async () => {
    const [one, other] = [await open({ REDIS_URL: redis.url }), await open({ REDIS_URL: `${redis.url}/1` })];
    const [here, there] = [await hear(one, 'a'), await hear(other, 'a')];
    await one.publish('a', bytes('ours'));
    await other.publish('a', bytes('theirs'));
    await waitFor(() => here.heard.length > 0 && there.heard.length > 0, 'both messages');
    expect([here.heard, there.heard]).toEqual([['ours'], ['theirs']]);
  });

  it('subscriptions work again after Redis was killed and started', async () => {
    const own = await startRedis();
    try {
      const [one, other] = [await open({ REDIS_URL: own.url }), await open({ REDIS_URL: own.url })];
      const { heard } = await hear(other, 'a');
      const gone = await hear(other, 'gone');
      const lease = await one.acquireLease('kept', 'n1', 60_000);
      await own.kill();
      await waitFor(async () => !(await one.healthy()), 'the bus to notice');
      expect(await lease?.renew()).toBe(true);
      const leaving = gone.stop();
      const late = hear(other, 'late');
      await own.restart();
      const { heard: lateHeard } = await late;
      await leaving;
      await waitFor(async () => (await one.healthy()) && (await other.healthy()), 'both to be back');
      for (const channel of ['gone', 'a', 'late']) await one.publish(channel, bytes(channel));
      await waitFor(() => heard.length === 1 && lateHeard.length === 1, 'messages after the restart');
      expect([heard, lateHeard, gone.heard]).toEqual([['a'], ['late'], []]);
      // Redis came back empty: whoever acted on the lease learns that it is lost.
      expect(await lease?.renew()).toBe(false);
    } finally {
      await own.stop();
    }
  });

  it('a lease is lost by our own clock when Redis stays away', async () => {
    const own = await startRedis();
    const bus = await open({ REDIS_URL: own.url });
    const lease = await bus.acquireLease('away', 'n1', 300);
    await own.stop();
    await waitFor(async () => (await lease?.renew()) === false, 'the lease to be lost');
  });

  it('publishing fails while Redis is away, instead of waiting for ever', async () => {
    const own = await startRedis();
    const bus = await open({ REDIS_URL: own.url });
    await own.stop();
    await expect(bus.publish('a', bytes('lost'))).rejects.toThrow();
  });

  it('what was subscribed is let go of while Redis is away, instead of waiting for ever', async () => {
    const own = await startRedis();
    const bus = await open({ REDIS_URL: own.url });
    const [before, during] = [await hear(bus, 'before'), await hear(bus, 'during')];
    await own.stop();
    await before.stop();
    await waitFor(async () => !(await bus.healthy()), 'the bus to notice');
    await during.stop();
  });

  it('a wrong password is said in a sentence that does not repeat it', async () => {
    const own = await startRedis(['--requirepass', 'right']);
    try {
      const url = own.url.replace('redis://', 'redis://:wrong@');
      const failure = await open({ REDIS_URL: url }).catch((error: unknown) => error);
      expect(String(failure)).toMatch(/^BusError: Redis at 127\.0\.0\.1:\d+ can't be used: .*Check REDIS_URL\.$/);
      expect(String(failure)).not.toContain('wrong@');
      await open({ REDIS_URL: own.url.replace('redis://', 'redis://:right@') });
    } finally {
      await Promise.all(opened.splice(0).map((bus) => bus.close()));
      await own.stop();
    }
  });

  it('a Redis that comes up a little later is waited for', async () => {
    const port = await freePort();
    const opening = open({ REDIS_URL: `redis://127.0.0.1:${port}` });
    const late = await startRedis(['--port', String(port)]);
    try {
      expect(await (await opening).healthy()).toBe(true);
    } finally {
      await Promise.all(opened.splice(0).map((bus) => bus.close()));
      await late.stop();
    }
  });

  it('a Redis Cluster is refused with a sentence', async () => {
    const own = await startRedis(['--cluster-enabled', 'yes']);
    try {
      await expect(open({ REDIS_URL: own.url })).rejects.toThrow('leads to a Redis Cluster');
    } finally {
      await own.stop();
    }
  });
});
