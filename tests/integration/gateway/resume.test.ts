import { afterEach, describe, expect, it } from 'vitest';
import type { causeway } from '#proto';
import type { Session } from '../../../src/platform/gateway/index.js';
import { type SocketClient, waitFor } from '../../support/index.js';
import { libraries, principal, start, startWorld, type World } from './world.js';

const upTo = (last: number, first = 1) => Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
const numbersOf = (client: SocketClient, topic: string) => client.eventsOf(topic).map(({ number }) => number);

/** What a session tells its listeners, in order. */
function listen(session: Session): string[] {
  const told: string[] = [];
  session.watch({ away: () => told.push('away'), back: () => told.push('back'), ended: () => told.push('ended') });
  return told;
}

describe.each(libraries)('coming back to a session over %s', (library) => {
  let world: World;
  afterEach(() => world.close());

  const open = async (over: Parameters<typeof startWorld>[0] = {}) => {
    world = await startWorld({ GATEWAY_LIBRARY: library, ...over });
    return world;
  };
  const gone = () => waitFor(() => world.gateway.socketCount === 0, 'the socket is gone');
  const say = (body: string): { chat: causeway.IChatEvent } => ({ chat: { message: { body } } });

  it('goes on with the session: same id, same secret, listeners hear away and back', async () => {
    const { connect, sessionOf } = await open();
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    const told = listen(session);
    client.drop();
    await waitFor(() => told.length === 1, 'away');
    expect(session.connected).toBe(false);
    const again = await client.resume();
    expect(again.welcome).toMatchObject({ sessionId: client.welcome.sessionId, resumeSecret: client.welcome.resumeSecret, resumed: true });
    expect(session.connected).toBe(true);
    expect(told).toEqual(['away', 'back']);
    expect(await sessionOf(again)).toBe(session);
    again.drop();
  });

  it('sends missed events of every topic after the welcome, in order, and then what is new', async () => {
    const { connect, sessionOf, gateway } = await open();
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    session.subscribe('meeting/m');
    session.subscribe('conversation/c');
    gateway.topics.publish('meeting/m', 1, { meeting: { lockChanged: { locked: true } } });
    gateway.topics.publish('conversation/c', 8, say('eight'));
    session.send({ askedToUnmute: { byName: 'bo' } });
    await client.waitForEvent(({ topic }) => topic === 'session');
    client.drop();
    await gone();
    gateway.topics.publish('meeting/m', 2, { meeting: { lockChanged: { locked: false } } });
    session.send({ askedToUnmute: { byName: 'cy' } });
    gateway.topics.publish('conversation/c', 9, say('nine'));
    gateway.topics.publish('conversation/c', 10, say('ten'));
    gateway.topics.publishVolatile('meeting/m', { meeting: { activeSpeaker: { participantId: 'p' } } });
    const again = await client.resume();
    gateway.topics.publish('conversation/c', 11, say('eleven'));
    await again.waitForEvent(({ number }) => number === 11);
    expect(again.frames[0]?.body).toBe('welcome');
    expect(numbersOf(again, 'session')).toEqual([2]);
    expect(numbersOf(again, 'meeting/m')).toEqual([2]);
    expect(again.eventsOf('conversation/c').map(({ chat }) => chat?.message?.body)).toEqual(['nine', 'ten', 'eleven']);
    expect(await world.figure('causeway_gateway_resumes_total', { result: 'complete' })).toBe(1);
    expect(await world.figure('causeway_gateway_events_replayed_total')).toBe(4);
    again.drop();
  });

  it('sends everything since the subscription of a topic that the client never heard of', async () => {
    const { connect, sessionOf, gateway } = await open();
    const [client, other] = [await connect('token of ada'), await connect('token of bo')];
    (await sessionOf(other)).subscribe('t');
    gateway.topics.publish('t', 1, say('before'));
    gateway.topics.publish('t', 2, say('before'));
    (await sessionOf(client)).subscribe('t');
    client.drop();
    await waitFor(() => gateway.socketCount === 1, 'the socket is gone');
    gateway.topics.publish('t', 3, say('after'));
    const again = await client.resume({ seen: [] });
    await again.waitForEvent(({ number }) => number === 3);
    expect(numbersOf(again, 't')).toEqual([3]);
    again.drop();
  });

  it('sends all of a topic that began here with a number other than one, to a client that never heard of it', async () => {
    const { connect, sessionOf, gateway } = await open();
    const client = await connect('token of ada');
    (await sessionOf(client)).subscribe('t');
    client.drop();
    await gone();
    for (const number of [57, 58]) gateway.topics.publish('t', number, say('x'));
    const again = await client.resume();
    await again.waitForEvent(({ number }) => number === 58);
    expect(numbersOf(again, 't')).toEqual([57, 58]);
    expect(numbersOf(again, 'session')).toEqual([]);
    again.drop();
  });

  it('says topic_reset when the ring no longer reaches back, and goes on with what is new', async () => {
    const { connect, sessionOf, gateway } = await open({ TOPIC_KEEP_EVENTS: 16 });
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    session.subscribe('t');
    session.subscribe('u');
    gateway.topics.publish('t', 1, say('one'));
    await client.waitForEvent(({ number }) => number === 1);
    client.drop();
    await gone();
    for (const number of upTo(18, 2)) gateway.topics.publish('t', number, say('missed'));
    gateway.topics.publish('u', 1, say('kept'));
    const again = await client.resume();
    const reset = await again.waitForEvent(({ session: own }) => own?.topicReset);
    expect(reset.session?.topicReset?.topic).toBe('t');
    expect(reset.number).toBe(1);
    expect(numbersOf(again, 't')).toEqual([]);
    expect(numbersOf(again, 'u')).toEqual([1]);
    gateway.topics.publish('t', 19, say('new'));
    await again.waitForEvent(({ number }) => number === 19);
    expect(await world.figure('causeway_gateway_resumes_total', { result: 'reset' })).toBe(1);
    again.drop();
  });

  it('says topic_reset rather than send more than a receiver may have waiting', async () => {
    const { connect, sessionOf, gateway } = await open({ SOCKET_BUFFER_BYTES: 65_536 });
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    for (const topic of ['a', 'b', 'c']) session.subscribe(topic);
    client.drop();
    await gone();
    for (const topic of ['a', 'b', 'c']) gateway.topics.publish(topic, 1, say('x'.repeat(30_000)));
    const again = await client.resume();
    const reset = await again.waitForEvent(({ session: own }) => own?.topicReset);
    expect(reset.session?.topicReset?.topic).toBe('c');
    expect([numbersOf(again, 'a'), numbersOf(again, 'b'), numbersOf(again, 'c')]).toEqual([[1], [1], []]);
    again.drop();
  });

  it('begins a new session when events of the session itself are no longer kept, and ends the old one', async () => {
    const { connect, sessionOf } = await open({ TOPIC_KEEP_EVENTS: 16 });
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    const told = listen(session);
    client.drop();
    await gone();
    for (let event = 0; event < 17; event += 1) session.send({ askedToUnmute: { byName: 'bo' } });
    const again = await client.resume();
    expect(again.welcome.resumed).toBe(false);
    expect(again.welcome.sessionId).not.toBe(client.welcome.sessionId);
    expect(told).toEqual(['away', 'ended']);
    expect(again.events).toEqual([]);
    expect(world.gateway.sessionCount).toBe(1);
  });

  describe('when its own events are so old that they are forgotten', () => {
    /** A session with two events that are no longer kept. */
    const forgotten = async () => {
      const { connect, sessionOf, people, setTime } = await open({ SOCKET_IDLE_MS: 10_000, SESSION_RESUME_MS: 10_000 });
      people.set('short token of bo', principal('bo', { expiresAt: start + 15_000 }));
      const client = await connect('token of ada');
      const session = await sessionOf(client);
      const bo = await connect('short token of bo');
      session.send({ askedToUnmute: { byName: 'bo' } });
      session.send({ askedToUnmute: { byName: 'bo' } });
      await client.waitForEvent(({ number }) => number === 2);
      setTime(start + 30_000);
      // His token ends in the sweep that forgets hers.
      await bo.closed;
      client.drop();
      await gone();
      return { client, session };
    };

    it('goes on for a client that has seen them all, and counts on', async () => {
      const { client, session } = await forgotten();
      const again = await client.resume();
      expect(again.welcome.resumed).toBe(true);
      session.send({ askedToUnmute: { byName: 'bo' } });
      await again.waitForEvent(({ number }) => number === 3);
    });

    it('begins a new session for a client that has not', async () => {
      const { client } = await forgotten();
      const again = await client.resume({ seen: [{ topic: 'session', number: 1 }] });
      expect(again.welcome.resumed).toBe(false);
    });
  });

  it('begins a new session after the time to resume, and the old one has ended', async () => {
    const { connect, sessionOf } = await open({ SESSION_RESUME_MS: 50 });
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    session.subscribe('t');
    const told = listen(session);
    client.drop();
    await waitFor(() => told.includes('ended'), 'the session ends');
    expect(told).toEqual(['away', 'ended']);
    expect(session.ended).toBe(true);
    expect(world.gateway.sessionCount).toBe(0);
    expect(await world.figure('causeway_gateway_topics')).toBe(0);
    const again = await client.resume();
    expect(again.welcome.resumed).toBe(false);
    again.drop();
  });

  it('ends the session at once when the client closes with 1000', async () => {
    const { connect, sessionOf } = await open();
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    const told = listen(session);
    await client.close(1000);
    await waitFor(() => session.ended, 'the session ends');
    expect(told).toEqual(['ended']);
  });

  it.each([
    [
      'a wrong secret',
      (client: SocketClient) => client.resume({ resume: { sessionId: client.welcome.sessionId, secret: 'guess', seen: [] } }),
    ],
    [
      'an unknown session',
      (client: SocketClient) => client.resume({ resume: { sessionId: 'nonsense', secret: client.welcome.resumeSecret, seen: [] } }),
    ],
    ['another person', (client: SocketClient) => client.resume({ accessToken: 'token of bo' })],
    ['another sign-in of the person', (client: SocketClient) => client.resume({ accessToken: 'phone' })],
  ])('begins a new session for %s, and leaves the old one alone', async (_, resume) => {
    const { connect, people, sessionOf } = await open();
    people.set('phone', principal('ada', { signInId: 'phone' }));
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    session.subscribe('t');
    const intruder = await resume(client);
    expect(intruder.welcome.resumed).toBe(false);
    expect(intruder.welcome.sessionId).not.toBe(client.welcome.sessionId);
    expect(session.ended).toBe(false);
    await client.session.ping({});
    expect(await world.figure('causeway_gateway_resumes_total', { result: 'refused' })).toBe(1);
    intruder.drop();
  });

  it('takes the token and the language of the hello that resumes', async () => {
    const { connect, people, sessionOf } = await open();
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    people.set('newer', principal('ada', { expiresAt: start + 900_000 }));
    client.drop();
    const again = await client.resume({ accessToken: 'newer', language: 'zh-CN' });
    expect(session.principal.expiresAt).toBe(start + 900_000);
    expect(session.language).toBe('zh-Hans');
    again.drop();
  });

  it('closes the first socket with 4010 when a second takes up a session that is connected', async () => {
    const { connect, sessionOf, gateway } = await open();
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    session.subscribe('t');
    const told = listen(session);
    const second = await client.resume();
    expect(await client.closed).toEqual({ code: 4010, reason: 'SOCKET_REPLACED', goodbye: 'SOCKET_REPLACED' });
    expect(second.welcome.resumed).toBe(true);
    gateway.topics.publish('t', 1, say('one'));
    session.send({ askedToUnmute: { byName: 'bo' } });
    await second.waitForEvent(({ topic }) => topic === 't');
    await second.waitForEvent(({ topic }) => topic === 'session');
    expect(told).toEqual([]);
    expect([gateway.socketCount, gateway.sessionCount]).toEqual([1, 1]);
    second.drop();
  });

  it('leaves the socket of another session alone that subscribed to nothing', async () => {
    const { connect, sessionOf, gateway } = await open();
    const [ada, bo] = [await connect('token of ada'), await connect('token of bo')];
    (await sessionOf(ada)).subscribe('t');
    await sessionOf(bo);
    gateway.topics.publish('t', 1, say('one'));
    await ada.waitForEvent(({ number }) => number === 1);
    await bo.session.ping({});
    expect(bo.events).toEqual([]);
  });

  it('lets no watcher keep another from hearing', async () => {
    const { connect, sessionOf } = await open();
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    session.watch({
      away: () => {
        throw new Error('a watcher is broken');
      },
    });
    const told = listen(session);
    client.drop();
    await waitFor(() => told.length === 1, 'away');
  });

  it('does nothing on a session that has ended', async () => {
    const { connect, sessionOf } = await open();
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    session.end('AUTH_SIGNED_OUT');
    session.end('SERVER_DRAINING');
    session.send({ askedToUnmute: { byName: 'bo' } });
    session.subscribe('t');
    session.unsubscribe('t');
    expect(session.ended).toBe(true);
    expect((await client.closed).goodbye).toBe('AUTH_SIGNED_OUT');
    expect(await world.figure('causeway_gateway_topics')).toBe(0);
  });

  describe('asking for a replay', () => {
    it('sends the events again, in order, before the reply', async () => {
      const { connect, sessionOf, gateway } = await open();
      const client = await connect('token of ada');
      const session = await sessionOf(client);
      session.subscribe('t');
      for (const number of upTo(5)) gateway.topics.publish('t', number, say(String(number)));
      const { latest } = await client.session.replay({ topic: 't', after: 2 });
      expect(latest).toBe(5);
      expect(numbersOf(client, 't')).toEqual([1, 2, 3, 4, 5, 3, 4, 5]);
      session.send({ askedToUnmute: { byName: 'bo' } });
      expect((await client.session.replay({ topic: 'session', after: 0 })).latest).toBe(1);
      expect(numbersOf(client, 'session')).toEqual([1, 1]);
    });

    it('answers at once when there is nothing to send', async () => {
      const { connect, sessionOf } = await open();
      const client = await connect('token of ada');
      (await sessionOf(client)).subscribe('t');
      expect((await client.session.replay({ topic: 't', after: 7 })).latest).toBe(7);
    });

    it('refuses a topic that is not subscribed with TOPIC_FORBIDDEN', async () => {
      const { connect, sessionOf, gateway } = await open();
      const [ada, bo] = [await connect('token of ada'), await connect('token of bo')];
      (await sessionOf(ada)).subscribe('secret');
      gateway.topics.publish('secret', 1, say('whisper'));
      await expect(bo.session.replay({ topic: 'secret', after: 0 })).rejects.toMatchObject({ code: 'TOPIC_FORBIDDEN' });
      await expect(bo.session.replay({ topic: '', after: 0 })).rejects.toMatchObject({ code: 'TOPIC_FORBIDDEN' });
      (await sessionOf(ada)).unsubscribe('secret');
      await expect(ada.session.replay({ topic: 'secret', after: 0 })).rejects.toMatchObject({ code: 'TOPIC_FORBIDDEN' });
    });

    it('gives nothing from before the subscription, asked for or resumed', async () => {
      const { connect, sessionOf, gateway } = await open();
      const [member, late] = [await connect('token of ada'), await connect('token of bo')];
      (await sessionOf(member)).subscribe('t');
      gateway.topics.publish('t', 1, say('not for bo'));
      (await sessionOf(late)).subscribe('t');
      gateway.topics.publish('t', 2, say('for all'));
      await expect(late.session.replay({ topic: 't', after: 0 })).rejects.toMatchObject({ code: 'TOPIC_RESET' });
      expect((await late.session.replay({ topic: 't', after: 1 })).latest).toBe(2);
      late.drop();
      const again = await late.resume({ seen: [{ topic: 't', number: 0 }] });
      await again.waitForEvent(({ session }) => session?.topicReset?.topic === 't');
      expect(numbersOf(again, 't')).toEqual([]);
      again.drop();
    });

    it('answers TOPIC_RESET when the events are no longer kept', async () => {
      const { connect, sessionOf, gateway } = await open({ TOPIC_KEEP_EVENTS: 16 });
      const client = await connect('token of ada');
      (await sessionOf(client)).subscribe('t');
      for (const number of upTo(20)) gateway.topics.publish('t', number, say(String(number)));
      await expect(client.session.replay({ topic: 't', after: 3 })).rejects.toMatchObject({ code: 'TOPIC_RESET' });
      expect((await client.session.replay({ topic: 't', after: 4 })).latest).toBe(20);
    });
  });

  it('misses nothing and repeats nothing, however often the socket breaks while events are published', async () => {
    const { connect, sessionOf, gateway } = await open({ TOPIC_KEEP_EVENTS: 10_000 });
    const topics = ['meeting/m', 'conversation/c', 'conversation/d'];
    let client = await connect('token of ada');
    const session = await sessionOf(client);
    for (const topic of topics) session.subscribe(topic);
    const total = 3_000;
    let published = 0;
    const publishing = (async () => {
      while (published < total) {
        published += 1;
        for (const topic of topics) gateway.topics.publish(topic, published, say(String(published)));
        session.send({ askedToUnmute: { byName: String(published) } });
        if (published % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const clients = [client];
    for (let broken = 0; published < total || broken < 20; broken += 1) {
      // Now the network breaks, now a second socket takes over while the first still receives.
      if (broken % 2 === 0) client.drop();
      client = await client.resume();
      clients.push(client);
      expect(client.welcome.resumed).toBe(true);
    }
    await publishing;
    await waitFor(() => client.seen.length === 4 && client.seen.every(({ number }) => number === total), 'the last event of every topic');
    for (const topic of [...topics, 'session']) {
      // On each socket the numbers are dense, from the one after the last of the socket before.
      let last = 0;
      for (const one of clients) {
        const numbers = numbersOf(one, topic);
        if (numbers.length === 0) continue;
        const first = numbers[0] ?? 0;
        expect(numbers).toEqual(upTo(first + numbers.length - 1, first));
        // What came on the old socket after the new one asked was asked for as well.
        expect(first).toBeLessThanOrEqual(last + 1);
        last = Math.max(last, numbers.at(-1) ?? 0);
      }
      expect(last).toBe(total);
    }
    client.drop();
  });

  it('misses nothing when it subscribes while events are published', async () => {
    const { connect, sessionOf, gateway } = await open();
    const watcher = await sessionOf(await connect('token of bo'));
    watcher.subscribe('t');
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    let number = 0;
    const publish = () => {
      number += 1;
      gateway.topics.publish('t', number, say(String(number)));
    };
    for (let round = 0; round < 200; round += 1) {
      publish();
      const snapshot = number;
      session.subscribe('t');
      publish();
      publish();
      session.unsubscribe('t');
      publish();
      // What comes is what was published between subscribing and unsubscribing.
      await client.waitForEvent((event) => event.number === snapshot + 2);
      const came = numbersOf(client, 't').slice(-2);
      expect(came).toEqual([snapshot + 1, snapshot + 2]);
    }
    await client.session.ping({});
    expect(numbersOf(client, 't').length).toBe(400);
  });

  it('closes a slow reader with 4008, who comes back and has everything', async () => {
    const { connect, sessionOf, gateway } = await open({ SOCKET_BUFFER_BYTES: 1_048_576, TOPIC_KEEP_EVENTS: 1_024 });
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    session.subscribe('t');
    const told = listen(session);
    client.pause();
    let published = 0;
    while (told.length === 0) {
      published += 1;
      gateway.topics.publish('t', published, say('x'.repeat(16_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.unpause();
    expect(await client.closed).toEqual({ code: 4008, reason: 'SOCKET_TOO_SLOW', goodbye: null });
    const again = await client.resume();
    expect(again.welcome.resumed).toBe(true);
    published += 1;
    gateway.topics.publish('t', published, say('last'));
    await again.waitForEvent(({ number }) => number === published);
    expect([...numbersOf(client, 't'), ...numbersOf(again, 't')]).toEqual(upTo(published));
    expect(told).toEqual(['away', 'back']);
    again.drop();
  });

  it('closes a slow reader whose own events pile up, before any is lost', async () => {
    const { connect, sessionOf } = await open({ SOCKET_BUFFER_BYTES: 1_048_576 });
    const client = await connect('token of ada');
    const session = await sessionOf(client);
    client.pause();
    let sent = 0;
    while (session.connected) {
      sent += 1;
      session.send({ askedToUnmute: { byName: 'x'.repeat(16_000) } });
    }
    client.unpause();
    expect(await client.closed).toEqual({ code: 4008, reason: 'SOCKET_TOO_SLOW', goodbye: null });
    expect(await world.figure('causeway_gateway_closes_total', { code: '4008' })).toBe(1);
    session.send({ askedToUnmute: { byName: 'last' } });
    const again = await client.resume();
    await again.waitForEvent(({ session: own }) => own?.askedToUnmute?.byName === 'last');
    expect([...numbersOf(client, 'session'), ...numbersOf(again, 'session')]).toEqual(upTo(sent + 1));
    again.drop();
  });

  it('leaves no session, socket or topic behind after many clients', async () => {
    const { connect, sessionOf, gateway } = await open({ SESSION_RESUME_MS: 20 });
    for (let round = 0; round < 5; round += 1) {
      const clients = await Promise.all(Array.from({ length: 20 }, () => connect('token of ada')));
      const sessions = await Promise.all(clients.map(sessionOf));
      for (const session of sessions) session.subscribe(`t${round}`);
      gateway.topics.publish(`t${round}`, 1, say('x'));
      for (const [index, client] of clients.entries()) index % 2 ? client.drop() : void client.close(1000);
    }
    await waitFor(() => gateway.socketCount === 0 && gateway.sessionCount === 0, 'nothing left');
    expect(await world.figure('causeway_gateway_topics')).toBe(0);
    expect(await world.figure('causeway_gateway_sockets_waiting')).toBe(0);
  });
});
