import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, openBus } from '../../../src/platform/bus/index.js';
import { encodeServerFrame } from '../../../src/platform/gateway/frames.js';
import { writeDropped, writeEvent } from '../../../src/platform/gateway/topic-messages.js';
import { newId } from '../../../src/platform/ids.js';
import { type RedisServer, type SocketClient, startRedis, testLog, waitFor } from '../../support/index.js';
import { libraries, startWorld, type World } from './world.js';

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const numbersOf = (client: SocketClient, topic: string) => client.eventsOf(topic).map(({ number }) => number);
const say = (body: string) => ({ chat: { message: { body } } });

describe.each(libraries)('topics on one node over %s', (library) => {
  let world: World;
  afterEach(() => world.close());

  it('reach every subscriber, encoded alike', async () => {
    world = await startWorld({ GATEWAY_LIBRARY: library });
    const clients = await Promise.all(Array.from({ length: 5 }, () => world.connect('token of ada')));
    for (const client of clients) (await world.sessionOf(client)).subscribe('t');
    world.gateway.topics.publish('t', 1, say('hello'));
    for (const client of clients) {
      const event = await client.waitForEvent(({ topic }) => topic === 't');
      expect(event.chat?.message?.body).toBe('hello');
    }
    expect(await world.figure('causeway_gateway_events_published_total')).toBe(1);
  });

  it('ignore a number that was published already', async () => {
    world = await startWorld({ GATEWAY_LIBRARY: library });
    const client = await world.connect('token of ada');
    (await world.sessionOf(client)).subscribe('t');
    for (const number of [4, 5, 5, 4, 6]) world.gateway.topics.publish('t', number, say(String(number)));
    await client.waitForEvent(({ number }) => number === 6);
    expect(numbersOf(client, 't')).toEqual([4, 5, 6]);
  });

  it('refuse a number that is none', async () => {
    world = await startWorld({ GATEWAY_LIBRARY: library });
    for (const number of [0, -1, 1.5, Number.NaN]) expect(() => world.gateway.topics.publish('t', number, say('x'))).toThrow(RangeError);
  });

  it("belong to nobody when they are the session's own", async () => {
    world = await startWorld({ GATEWAY_LIBRARY: library });
    const session = await world.sessionOf(await world.connect('token of ada'));
    expect(() => session.subscribe('session')).toThrow(RangeError);
  });

  it('are forgotten when they are dropped, after what was published', async () => {
    world = await startWorld({ GATEWAY_LIBRARY: library });
    const client = await world.connect('token of ada');
    const session = await world.sessionOf(client);
    session.subscribe('t');
    world.gateway.topics.publish('t', 1, { meeting: { ended: {} } });
    world.gateway.topics.drop('t');
    world.gateway.topics.drop('t');
    world.gateway.topics.publish('t', 2, say('nobody hears'));
    await client.session.ping({});
    expect(numbersOf(client, 't')).toEqual([1]);
    expect(await world.figure('causeway_gateway_topics')).toBe(0);
    await expect(client.session.replay({ topic: 't', after: 0 })).rejects.toMatchObject({ code: 'TOPIC_FORBIDDEN' });
  });

  it('keep their events while the only subscriber is away, and not after it left', async () => {
    world = await startWorld({ GATEWAY_LIBRARY: library });
    const client = await world.connect('token of ada');
    const session = await world.sessionOf(client);
    session.subscribe('t');
    client.drop();
    await waitFor(() => !session.connected, 'away');
    expect(await world.figure('causeway_gateway_topics')).toBe(1);
    session.unsubscribe('t');
    expect(await world.figure('causeway_gateway_topics')).toBe(0);
  });
});

describe('topics over several nodes', () => {
  let redis: RedisServer;
  let outside: Bus;
  const worlds: World[] = [];
  const buses: Bus[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    outside = await openBus({ REDIS_URL: redis.url }, testLog());
  });
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
    for (const bus of buses.splice(0)) await bus.close();
  });
  afterAll(async () => {
    await outside.close();
    await redis.stop();
  });

  const startNode = async (over: Parameters<typeof startWorld>[0] = {}) => {
    const bus = await openBus({ REDIS_URL: redis.url }, testLog());
    buses.push(bus);
    const world = await startWorld({ GATEWAY_LIBRARY: libraries[worlds.length % libraries.length] ?? 'auto', ...over }, { bus });
    worlds.push(world);
    return world;
  };
  const subscriber = async (world: World, topic: string) => {
    const client = await world.connect('token of ada');
    const session = await world.sessionOf(client);
    session.subscribe(topic);
    return client;
  };

  it('reach subscribers on every node once, in order', async () => {
    const [one, two] = [await startNode(), await startNode()];
    const clients = [await subscriber(one, 't'), await subscriber(two, 't')];
    for (const number of upTo(200)) one.gateway.topics.publish('t', number, say(String(number)));
    one.gateway.topics.publishVolatile('t', { meeting: { activeSpeaker: { participantId: 'p' } } });
    for (const client of clients) {
      await client.waitForEvent(({ number }) => number === 0);
      expect(numbersOf(client, 't')).toEqual([...upTo(200), 0]);
    }
  });

  it('come in order when two nodes publish to one topic', async () => {
    const [one, two] = [await startNode(), await startNode()];
    const clients = [await subscriber(one, 't'), await subscriber(two, 't')];
    // Each node is ahead of the other's events by the time that the bus takes.
    for (const number of upTo(100)) (number % 2 ? one : two).gateway.topics.publish('t', number, say(String(number)));
    for (const client of clients) {
      await client.waitForEvent(({ number }) => number === 100);
      const numbers = numbersOf(client, 't');
      // The very first number is unknown to a node that joins a topic, so it may begin with the second.
      expect(numbers).toEqual(upTo(100, numbers[0]));
      expect(numbers[0]).toBeLessThanOrEqual(2);
    }
  });

  it('are kept on the node of the one who is away', async () => {
    const [one, two] = [await startNode(), await startNode()];
    let client = await subscriber(two, 't');
    const got: number[] = [];
    let published = 0;
    for (let round = 0; round < 10; round += 1) {
      client.drop();
      for (let event = 0; event < 20; event += 1) {
        published += 1;
        one.gateway.topics.publish('t', published, say(String(published)));
      }
      got.push(...numbersOf(client, 't'));
      client = await client.resume();
      expect(client.welcome.resumed).toBe(true);
    }
    await waitFor(() => client.seen.find(({ topic }) => topic === 't')?.number === published, 'the last event');
    got.push(...numbersOf(client, 't'));
    expect(got).toEqual(upTo(published));
    client.drop();
  });

  it('end on every node', async () => {
    const [one, two] = [await startNode(), await startNode()];
    const client = await subscriber(two, 't');
    one.gateway.topics.publish('t', 1, { meeting: { ended: {} } });
    one.gateway.topics.drop('t');
    await client.waitForEvent(({ number }) => number === 1);
    await waitFor(async () => (await two.figure('causeway_gateway_topics')) === 0, 'the topic is gone');
  });

  it('wait for an event that was overtaken on the way', async () => {
    const node = await startNode();
    const client = await subscriber(node, 't');
    const origin = newId();
    for (const number of [1, 4, 3, 3, 2, 5])
      await outside.publish('topics', writeEvent(origin, encodeServerFrame({ event: { topic: 't', number, ...say('x') } })));
    await client.waitForEvent(({ number }) => number === 5);
    expect(numbersOf(client, 't')).toEqual([1, 2, 3, 4, 5]);
  });

  it('go on after an event that never came, and clients that ask for it take a snapshot', async () => {
    const node = await startNode();
    const client = await subscriber(node, 't');
    const origin = newId();
    for (const number of [1, 2, 4, 5, 8])
      await outside.publish('topics', writeEvent(origin, encodeServerFrame({ event: { topic: 't', number, ...say('x') } })));
    await client.waitForEvent(({ number }) => number === 8);
    expect(numbersOf(client, 't')).toEqual([1, 2, 4, 5, 8]);
    await expect(client.session.replay({ topic: 't', after: 2 })).rejects.toMatchObject({ code: 'TOPIC_RESET' });
    expect((await client.session.replay({ topic: 't', after: 7 })).latest).toBe(8);
  });

  it('are not disturbed by messages that nobody can read', async () => {
    const node = await startNode();
    const client = await subscriber(node, 't');
    const rubbish = [
      new Uint8Array(),
      Uint8Array.of(1),
      Buffer.from('x'.repeat(100)),
      writeEvent(newId(), Uint8Array.of(0xff, 0xff)),
      writeEvent(newId(), encodeServerFrame({ welcome: {} })),
    ];
    for (const bytes of [...rubbish, writeDropped(newId(), 'another topic')]) await outside.publish('topics', bytes);
    node.gateway.topics.publish('t', 1, say('still there'));
    await outside.publish('topics', writeEvent(newId(), encodeServerFrame({ event: { topic: 't', number: 2, ...say('and this') } })));
    await client.waitForEvent(({ number }) => number === 2);
    expect(numbersOf(client, 't')).toEqual([1, 2]);
  });
});
