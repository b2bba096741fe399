/** Slots with real microphones in them, and peers of whom the test says when they hear no more. */
import { setInterval } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { routerCapabilities } from '../../../src/media/codecs.js';
import { type Feed, ownFeed } from '../../../src/media/feed.js';
import { Floor } from '../../../src/media/floor.js';
import { MediaWorker } from '../../../src/media/media-worker.js';
import { VoicePart } from '../../../src/media/voice-part.js';
import { testLog, waitFor } from '../../support/index.js';
import { microphoneParameters } from '../../unit/media/parameters.js';
import { Microphone } from './microphone.js';

let worker: MediaWorker;
let floor: Floor;
let part: VoicePart;
let feeds: Map<string, Feed>;
let stop: AbortController;
/** Who must not hear himself any more, or may again; each with what says that it is done. */
let asked: { peerIds: string[]; done: () => void }[];
let microphones: Map<string, Microphone>;

beforeEach(async () => {
  stop = new AbortController();
  [feeds, microphones, asked] = [new Map(), new Map(), []];
  worker = await MediaWorker.start({
    listenIp: '127.0.0.1',
    announcedAddress: undefined,
    port: 0,
    workerBin: process.env.MEDIASOUP_WORKER_BIN,
    joinsPerSecond: 100,
  });
  floor = await Floor.open({
    worker,
    initialOutgoingBitrate: 1_000_000,
    maxIncomingBitrate: 1_000_000,
    onVolumes: () => undefined,
    onDominant: () => undefined,
    onDied: () => undefined,
  });
  part = open(60_000);
  for (const name of ['anna', 'ben']) await begin(name);
  part.set({ mode: 'slots', slots: [null], warm: [] });
  await waitFor(() => part.scene.slots.length === 1, 'the slot');
});
afterEach(async () => {
  stop.abort();
  part.close();
  floor.close();
  await worker.close();
});

function open(patienceMs: number): VoicePart {
  return new VoicePart({
    slots: 1,
    log: testLog(),
    scene: { pictures: new Map(), microphones: feeds, programSounds: new Map() },
    feed: (id) => feeds.get(id),
    floor: () => floor,
    hold: async ({ origin }) => {
      if (!origin) throw new Error('not here');
      return { producer: origin.producer, release: () => undefined };
    },
    onVoice: () => undefined,
    onSounds: () => undefined,
    onOccupants: (peerIds) => new Promise((done) => asked.push({ peerIds: [...peerIds], done })),
    patienceMs,
  });
}

/** Sends every 20 ms until the test ends. */
async function begin(name: string): Promise<void> {
  const senders = await floor.router.createDirectTransport();
  const producer = await senders.produce({ kind: 'audio', rtpParameters: microphoneParameters() });
  const microphone = new Microphone(producer, name);
  microphones.set(name, microphone);
  const sending = async () => {
    for await (const _ of setInterval(20, undefined, { signal: stop.signal })) microphone.send();
  };
  sending().catch(() => undefined);
  const made = { id: name, peerId: name, source: 'microphone' as const, kind: 'audio' as const, slot: 0, producer };
  feeds.set(name, ownFeed({ ...made, layered: { type: 'simple', encodings: [] } }, floor));
}

async function listen(): Promise<string[]> {
  const transport = await floor.router.createDirectTransport();
  const producerId = part.scene.slots[0]?.producer.id ?? '';
  const consumer = await transport.consume({ producerId, rtpCapabilities: routerCapabilities() });
  const heard: string[] = [];
  consumer.on('rtp', (packet) => heard.push(Microphone.nameIn(packet)));
  return heard;
}

const occupants = () => part.scene.slots[0]?.occupants;
const inSlot = (...slots: string[]) => part.set({ mode: 'slots', slots, warm: [] });

describe('one who comes into a slot', () => {
  test('is not switched in before he hears it no longer, whatever else changes meanwhile', async () => {
    const heard = await listen();
    inSlot('anna');
    part.set({ mode: 'slots', slots: ['anna'], warm: ['ben'] });
    const sent = microphones.get('anna')?.sent ?? 0;
    await waitFor(() => (microphones.get('anna')?.sent ?? 0) > sent + 20, 'anna goes on talking');
    expect(heard).toEqual([]);
    expect(asked.map(({ peerIds }) => peerIds)).toEqual([['anna']]);
    asked[0]?.done();
    await waitFor(() => heard.at(-1) === 'anna', 'anna is heard');
  });

  test('is switched in after a while when what he receives is slow to come', async () => {
    part.close();
    part = open(10);
    inSlot('anna');
    await waitFor(() => part.scene.slots.length === 1, 'the slot');
    const heard = await listen();
    await waitFor(() => heard.at(-1) === 'anna', 'anna is heard');
  });
});

describe('one who leaves a slot', () => {
  test('hears it again only when another is in it', async () => {
    const heard = await listen();
    inSlot('anna');
    asked[0]?.done();
    await waitFor(() => heard.at(-1) === 'anna', 'anna is heard');
    inSlot('ben');
    expect(occupants()).toEqual(['anna', 'ben']);
    expect(asked.map(({ peerIds }) => peerIds)).toEqual([['anna'], ['ben']]);
    asked[1]?.done();
    await waitFor(() => heard.at(-1) === 'ben', 'ben is heard');
    expect(occupants()).toEqual(['ben']);
    expect(asked.at(-1)?.peerIds).toEqual(['anna']);
  });
});
