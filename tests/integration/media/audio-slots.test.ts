import { setInterval } from 'node:timers/promises';
import type { types as mediasoup } from 'mediasoup';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AudioSlots } from '../../../src/media/audio-slots.js';
import { routerCapabilities } from '../../../src/media/codecs.js';
import { type Feed, ownFeed } from '../../../src/media/feed.js';
import { Floor } from '../../../src/media/floor.js';
import { MediaWorker } from '../../../src/media/media-worker.js';
import { testLog, waitFor } from '../../support/index.js';
import { microphoneParameters } from '../../unit/media/parameters.js';
import { Microphone } from './microphone.js';

interface Heard {
  readonly sequence: number;
  readonly timestamp: number;
  readonly voice: string;
}

let worker: MediaWorker;
let floor: Floor;
let slots: AudioSlots;
let senders: mediasoup.DirectTransport;
let voices: string[];
/** So many more microphones can't be brought to the slots. */
let brokenPipes: number;
let stop: AbortController;

beforeAll(async () => {
  worker = await MediaWorker.start({
    listenIp: '127.0.0.1',
    announcedAddress: undefined,
    port: 0,
    workerBin: process.env.MEDIASOUP_WORKER_BIN,
    joinsPerSecond: 100,
  });
});
afterAll(() => worker.close());
beforeEach(async () => {
  stop = new AbortController();
  voices = [];
  brokenPipes = 0;
  floor = await Floor.open({
    worker,
    initialOutgoingBitrate: 1_000_000,
    maxIncomingBitrate: 1_000_000,
    onVolumes: () => undefined,
    onDominant: () => undefined,
    onDied: () => undefined,
  });
  senders = await floor.router.createDirectTransport();
  slots = await AudioSlots.open({
    count: 2,
    floor,
    log: testLog(),
    hold: async (feed) => {
      if (!feed.origin) throw new Error('not here');
      brokenPipes -= 1;
      if (brokenPipes >= 0) throw new Error('no pipe');
      return { producer: feed.origin.producer, release: () => undefined };
    },
    onVoice: (producerId) => voices.push(producerId),
  });
});
afterEach(() => {
  stop.abort();
  slots.close();
  floor.close();
});

/** A microphone whose packets carry its name, and that sends every 20 ms until the test ends. */
const aMicrophone = async (name: string): Promise<{ microphone: Microphone; feed: Feed }> => {
  const producer = await senders.produce({ kind: 'audio', rtpParameters: microphoneParameters() });
  const microphone = new Microphone(producer, name);
  const sending = async () => {
    for await (const _ of setInterval(20, undefined, { signal: stop.signal })) microphone.send();
  };
  sending().catch(() => undefined);
  const made = { id: producer.id, peerId: name, source: 'microphone' as const, kind: 'audio' as const, slot: 0, producer };
  return { microphone, feed: ownFeed({ ...made, layered: { type: 'simple', encodings: [] } }, floor) };
};

/** Listens to a slot as a peer would. */
const listenTo = async (index: number): Promise<Heard[]> => {
  const transport = await floor.router.createDirectTransport();
  const consumer = await transport.consume({ producerId: slots.producers[index]?.id ?? '', rtpCapabilities: routerCapabilities() });
  const heard: Heard[] = [];
  consumer.on('rtp', (packet) => {
    heard.push({ sequence: packet.readUInt16BE(2), timestamp: packet.readUInt32BE(4), voice: Microphone.nameIn(packet) });
  });
  return heard;
};
const last = (heard: readonly Heard[]) => heard.at(-1)?.voice;

describe('a slot', () => {
  test('carries the microphone that is in it, and then the next one, as a single stream without a gap', async () => {
    const [anna, ben] = [await aMicrophone('anna'), await aMicrophone('ben')];
    const heard = await listenTo(0);
    slots.set([anna.feed, null], [ben.feed]);
    await waitFor(() => heard.length > 10 && last(heard) === 'anna', 'anna is heard');
    slots.set([ben.feed, null], [anna.feed]);
    await waitFor(() => heard.filter(({ voice }) => voice === 'ben').length > 20, 'ben is heard');

    const first = heard.findIndex(({ voice }) => voice === 'ben');
    expect(heard.slice(0, first).every(({ voice }) => voice === 'anna')).toBe(true);
    expect(heard.slice(first).every(({ voice }) => voice === 'ben')).toBe(true);
    heard.forEach((packet, index) => {
      const before = heard[index - 1];
      if (!before) return;
      expect((packet.sequence - before.sequence + 0x1_0000) % 0x1_0000).toBe(1);
      expect((packet.timestamp - before.timestamp + 2 ** 32) % 2 ** 32).toBeGreaterThan(0);
      expect((packet.timestamp - before.timestamp + 2 ** 32) % 2 ** 32).toBeLessThan(48_000);
    });
  });

  test('begins with what a warm microphone sent just before, so that the first syllable is there', async () => {
    const [anna, ben] = [await aMicrophone('anna'), await aMicrophone('ben')];
    const heard = await listenTo(1);
    slots.set([anna.feed, null], [ben.feed]);
    ben.microphone.level = -20;
    await waitFor(() => voices.includes(ben.feed.id), 'the voice of a warm microphone is noticed');
    const sent = ben.microphone.sent;
    slots.set([anna.feed, ben.feed], []);
    await waitFor(() => last(heard) === 'ben', 'ben is heard');
    expect(heard[0]?.timestamp).toBeLessThan((sent - 1) * 960);
  });

  test('tells of a voice only when several packets in a row are loud', async () => {
    const anna = await aMicrophone('anna');
    const heard = await listenTo(0);
    slots.set([anna.feed, null], []);
    await waitFor(() => heard.length > 5, 'the silent microphone is tapped');
    anna.microphone.level = -20;
    anna.microphone.send();
    anna.microphone.level = -127;
    const at = heard.length;
    await waitFor(() => heard.length > at + 5, 'more was sent');
    expect(voices).toEqual([]);
  });

  test('is silent when nobody is in it, and lets go of the microphone', async () => {
    const anna = await aMicrophone('anna');
    const heard = await listenTo(0);
    slots.set([anna.feed, null], []);
    await waitFor(() => heard.length > 5, 'anna is heard');
    slots.set([null, null], []);
    await waitFor(async () => {
      const { mapProducerIdConsumerIds } = await floor.router.dump();
      return (mapProducerIdConsumerIds.find(({ key }) => key === anna.feed.id)?.values ?? []).length === 0;
    }, 'the tap is closed');
    const at = heard.length;
    await waitFor(() => anna.microphone.sent > at + 20, 'anna goes on talking');
    expect(heard.length).toBe(at);
  });

  test('goes on where it ended when a microphone comes back, whatever the worker counts its packets from now', async () => {
    const anna = await aMicrophone('anna');
    const heard = await listenTo(0);
    // The worker begins each tap at a number of its choice: some begin below the one before.
    for (let visit = 1; visit <= 4; visit += 1) {
      const before = heard.length;
      slots.set([anna.feed, null], []);
      await waitFor(() => heard.length > before + 2, `anna is heard the ${visit}. time`);
      slots.set([null, null], []);
    }
    heard.forEach((packet, index) => {
      const before = heard[index - 1];
      if (before) expect((packet.sequence - before.sequence + 0x1_0000) % 0x1_0000).toBe(1);
    });
  });

  test('tries again to bring a microphone that could not be brought', async () => {
    const anna = await aMicrophone('anna');
    const heard = await listenTo(0);
    brokenPipes = 1;
    slots.set([anna.feed, null], []);
    await waitFor(() => last(heard) === 'anna', 'anna is heard');
  });

  test('survives a microphone that ends while it is in it', async () => {
    const [anna, ben] = [await aMicrophone('anna'), await aMicrophone('ben')];
    const heard = await listenTo(0);
    slots.set([anna.feed, null], []);
    await waitFor(() => last(heard) === 'anna', 'anna is heard');
    anna.feed.origin?.producer.close();
    slots.set([ben.feed, null], []);
    await waitFor(() => last(heard) === 'ben', 'ben is heard');
  });
});
