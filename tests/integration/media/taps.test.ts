/** Taps of a room whose peers send real RTP: what comes by them, and that nothing does after they were taken away. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Attendee } from '../../../load-tests/media/attendee.js';
import { Pacer } from '../../../load-tests/media/pacer.js';
import { Tally } from '../../../load-tests/media/tally.js';
import type { VideoSettings } from '../../../load-tests/media/video-source.js';
import { makeCertificate } from '../../../load-tests/media/wire/certificate.js';
import { RoomEntrance } from '../../../load-tests/recording/room-entrance.js';
import { createMedia, type Media, type MediaRoom, type SenderReport, type TapWish } from '../../../src/media/index.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { testConfig, testLog, waitFor } from '../../support/index.js';
import { type Heard, Sink } from './tap-sink.js';
import { WorkerView } from './worker-view.js';

const certificate = makeCertificate();
const layer = (height: number, bitsPerSecond: number) => ({ width: (height * 16) / 9, height, bitsPerSecond });
const simulcast: VideoSettings = { framesPerSecond: 15, layers: [layer(180, 100_000), layer(360, 300_000), layer(720, 600_000)] };
const single: VideoSettings = { framesPerSecond: 15, layers: [layer(360, 300_000)] };
const voice = { frameMs: 20, bitsPerSecond: 32_000, speaking: true };

let view: WorkerView;
let media: Media;
let room: MediaRoom;
let capture: Sink;
let captions: Sink;
let pacer: Pacer;
let people: Attendee[];

beforeAll(async () => {
  view = new WorkerView();
  capture = new Sink();
  captions = new Sink();
  media = await createMedia({
    config: testConfig({ MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN }),
    log: testLog(),
    metrics: createMetrics(),
    taps: { capture, captions },
  });
});
afterAll(async () => {
  await media.close();
  for (const sink of [capture, captions]) sink.close();
  view.stop();
});
beforeEach(async () => {
  room = await media.openRoom('room');
  pacer = new Pacer();
  people = [];
  for (const sink of [capture, captions]) sink.heard.length = 0;
});
afterEach(async () => {
  await Promise.all(people.map((person) => person.close()));
  pacer.close();
  room.close();
  await waitFor(async () => (await view.counts()).transports === 0, 'the worker is empty');
});

let number = 0;
/** Somebody who sends; gives the ids of his producers. */
async function join(peerId: string, sends: { camera?: VideoSettings; microphone?: typeof voice; picture?: 'camera' | 'screen' }) {
  number += 1;
  const { picture, ...settings } = sends;
  const person = new Attendee(
    { number, ...settings },
    {
      entrance: new RoomEntrance({ room, peerId, ...(picture && { picture }) }),
      certificate,
      clips: [],
      tally: new Tally(),
      pacer,
      onVoice: () => undefined,
      onTrouble: (reason) => {
        throw reason;
      },
    },
  );
  people.push(person);
  const { cameraId = '', microphoneId = '' } = await person.join();
  return { cameraId, microphoneId, person };
}

const wish = (producerId: string, purpose: TapWish['purpose'] = 'capture', context: TapWish['context'] = { whose: 'anna' }): TapWish => ({
  producerId,
  purpose,
  context,
});
/** The room's call goes by one turn of promises to the part: before anything else can come in. */
async function take(...wishes: readonly TapWish[]): Promise<void> {
  room.setTaps(wishes);
  await Promise.resolve();
}
const only = (sink: Sink): Promise<Heard> => waitFor(() => sink.heard[0], 'a tap has begun');
const flows = (heard: Heard, packets = 20): Promise<true> => {
  const before = heard.packets.length;
  return waitFor(() => heard.packets.length >= before + packets, 'packets come');
};
/** Of a VP8 key frame's first packet: what it says it is high (RFC 6386 section 9.1). */
function heightIn(packet: Buffer): number | null {
  const payload = packet.subarray(12 + (packet.readUInt8(0) & 0x10 ? 4 + packet.readUInt16BE(14) * 4 : 0));
  const isStart = (payload.readUInt8(0) & 0x10) !== 0;
  const frame = payload.subarray(6);
  if (!isStart || frame.length < 10 || (frame.readUInt8(0) & 1) !== 0) return null;
  return frame.readUInt16LE(8) & 0x3fff;
}

describe('A tap', () => {
  test('brings the packets of a microphone, and tells beforehand what they are', async () => {
    const { microphoneId } = await join('anna', { microphone: voice });
    room.setTaps([wish(microphoneId)]);
    const heard = await only(capture);
    await flows(heard);
    const { stream } = heard;
    expect(stream).toMatchObject({
      roomId: 'room',
      producerId: microphoneId,
      peerId: 'anna',
      source: 'microphone',
      kind: 'audio',
      mimeType: 'audio/opus',
      clockRate: 48_000,
      channels: 2,
      context: { whose: 'anna' },
    });
    expect(heard.packets.every((packet) => (packet.readUInt8(1) & 0x7f) === stream.payloadType)).toBe(true);
    expect(captions.heard).toEqual([]);
  });

  test('tells the sender reports of the publisher, whose clock the packets have', async () => {
    const { microphoneId } = await join('anna', { microphone: voice });
    room.setTaps([wish(microphoneId)]);
    const heard = await only(capture);
    const report = await waitFor(() => heard.reports[0], 'a report comes');
    await flows(heard, 1);
    const seconds = Number(report.ntp >> 32n) - 2_208_988_800;
    expect(Math.abs(seconds * 1_000 - Date.now())).toBeLessThan(60_000);
    const apart = (heard.packets.at(-1)?.readUInt32BE(4) ?? 0) - report.rtp;
    expect(Math.abs(apart) / 48_000).toBeLessThan(30);
  });

  test('may be there for each purpose, and ends for one alone', async () => {
    const { microphoneId } = await join('anna', { microphone: voice });
    room.setTaps([wish(microphoneId), wish(microphoneId, 'captions')]);
    const [captured, captioned] = [await only(capture), await only(captions)];
    await Promise.all([flows(captured), flows(captioned)]);
    await take(wish(microphoneId, 'captions'));
    expect([captured.endedAt === null, captioned.endedAt === null]).toEqual([false, true]);
    await flows(captioned, 50);
    expect(captured.late).toBe(0);
  });

  test('ends within the call that takes it away, and no packet of it leaves the worker any more', async () => {
    const { microphoneId, cameraId } = await join('anna', { microphone: voice, camera: single });
    room.setTaps([wish(microphoneId), wish(cameraId)]);
    await waitFor(() => capture.heard.length === 2, 'both have begun');
    await Promise.all(capture.heard.map((heard) => flows(heard)));
    await take();
    expect(capture.heard.map(({ endedAt }) => endedAt !== null)).toEqual([true, true]);
    await waitFor(() => performance.now() - (capture.heard[0]?.endedAt ?? 0) > 1_500, 'more would have come');
    expect(capture.heard.map(({ late }) => late)).toEqual([0, 0]);
    expect((await view.counts()).consumers).toBe(0);
  });

  test('that is taken away while it is being opened is ended too', async () => {
    const { microphoneId } = await join('anna', { microphone: voice });
    room.setTaps([wish(microphoneId)]);
    room.setTaps([]);
    await waitFor(async () => (await view.counts()).transports === 2, 'its transport is closed');
    expect(capture.heard.every(({ endedAt }) => endedAt !== null)).toBe(true);
  });

  test('with another context is another tap; the same list again changes nothing', async () => {
    const { microphoneId } = await join('anna', { microphone: voice });
    room.setTaps([wish(microphoneId, 'capture', { a: '1', b: '2' })]);
    const heard = await only(capture);
    await flows(heard);
    await take(wish(microphoneId, 'capture', { b: '2', a: '1' }));
    expect(heard.endedAt).toBeNull();
    await take(wish(microphoneId, 'capture', { a: '1', b: '3' }));
    expect(heard.endedAt).not.toBeNull();
    const next = await waitFor(() => capture.heard[1], 'the other has begun');
    expect(next.stream.id).not.toBe(heard.stream.id);
    await flows(next);
  });

  test('says that its publisher is muted', async () => {
    const { microphoneId } = await join('anna', { microphone: voice });
    await room.setProducerPaused('anna', microphoneId, true);
    room.setTaps([wish(microphoneId)]);
    const heard = await only(capture);
    await waitFor(() => heard.paused.length === 1, 'it begins muted');
    await room.setProducerPaused('anna', microphoneId, false);
    await flows(heard);
    await room.setProducerPaused('anna', microphoneId, true);
    expect(heard.paused).toEqual([true, false, true]);
  });

  test('ends with its producer, and with its peer', async () => {
    const { microphoneId, cameraId, person } = await join('anna', { microphone: voice, camera: single });
    room.setTaps([wish(microphoneId), wish(cameraId)]);
    await waitFor(() => capture.heard.length === 2, 'both have begun');
    const of = (id: string) => capture.heard.find(({ stream }) => stream.producerId === id);
    room.closeProducer('anna', microphoneId);
    expect(of(microphoneId)?.endedAt).not.toBeNull();
    expect(of(cameraId)?.endedAt).toBeNull();
    await person.close();
    expect(of(cameraId)?.endedAt).not.toBeNull();
  });

  test('of a producer that is not there is passed over, and opened when that comes with the next list', async () => {
    room.setTaps([wish('nobody')]);
    const { microphoneId } = await join('anna', { microphone: voice });
    expect(capture.heard).toEqual([]);
    room.setTaps([wish('nobody'), wish(microphoneId)]);
    await flows(await only(capture));
  });

  test('is tried again when the process that takes it is not there', async () => {
    capture.refuses = 2;
    const { microphoneId } = await join('anna', { microphone: voice });
    room.setTaps([wish(microphoneId)]);
    await flows(await only(capture));
    expect(capture.refuses).toBe(0);
  });

  test('is opened anew when that process was lost and is back', async () => {
    const { microphoneId } = await join('anna', { microphone: voice });
    room.setTaps([wish(microphoneId), wish(microphoneId, 'captions')]);
    const [first, captioned] = [await only(capture), await only(captions)];
    await flows(first);
    capture.restart();
    expect(first.endedAt).not.toBeNull();
    expect(captioned.endedAt).toBeNull();
    await flows(await waitFor(() => capture.heard[1], 'another has begun'));
  });

  test('gives key frames on demand', async () => {
    const { cameraId } = await join('cleo', { camera: single });
    room.setTaps([wish(cameraId)]);
    const heard = await only(capture);
    const keys = () => heard.packets.filter((packet) => heightIn(packet) !== null).length;
    await waitFor(() => keys() > 0, 'it begins with one');
    expect(heightIn(heard.packets[0] ?? Buffer.alloc(0))).toBe(360);
    const before = keys();
    await waitFor(() => {
      heard.stream.requestKeyFrame();
      return keys() > before;
    }, 'another one');
  });
});

describe('A picture in several layers', () => {
  test('is taken in the middle one, which stays, and which nobody but the tap wants', async () => {
    const { cameraId, person } = await join('cleo', { camera: simulcast });
    const wanted: number[] = [];
    room.on('demand', (_peerId, producerId, highest) => producerId === cameraId && wanted.push(highest));
    // Nobody shows it: but for the tap its publisher would be told to send the lowest layer alone.
    await waitFor(() => wanted.at(-1) === 0, 'only the lowest layer is wanted');
    room.setTaps([wish(cameraId)]);
    await waitFor(() => wanted.at(-1) === 1, 'the middle layer is wanted');
    const heard = await only(capture);
    const heights = () => heard.packets.flatMap((packet) => heightIn(packet) ?? []);
    await waitFor(() => heights().includes(360), 'the middle layer comes');
    const since = heard.packets.length;
    // It would fall back or climb when something were estimated.
    person.obey(false);
    await flows(heard, 300);
    const consumer = [...view.consumers.values()].find(({ producerId, closed }) => producerId === cameraId && !closed);
    expect(consumer?.currentLayers).toMatchObject({ spatialLayer: 1 });
    heard.stream.requestKeyFrame();
    const before = heights().length;
    await waitFor(() => heights().length > before, 'a key frame of what comes now');
    expect(new Set(heard.packets.slice(since).flatMap((packet) => heightIn(packet) ?? []))).toEqual(new Set([360]));
    room.setTaps([]);
    await waitFor(() => wanted.at(-1) === 0, 'the layer is not wanted any more');
  });

  test('keeps one clock through a change of layers: that of one of the reports', async () => {
    const { cameraId } = await join('cleo', { camera: simulcast });
    room.setTaps([wish(cameraId)]);
    const heard = await only(capture);
    await waitFor(() => new Set(heard.reports.map(({ ssrc }) => ssrc)).size >= 2, 'reports of two layers');
    await flows(heard, 60);
    const last = heard.packets.at(-1)?.readUInt32BE(4) ?? 0;
    const near = (report: SenderReport) => Math.abs(((last - report.rtp + 2 ** 31 + 2 ** 32) % 2 ** 32) - 2 ** 31) / 90_000 < 30;
    const fitting = new Set(heard.reports.filter(near).map(({ ssrc }) => ssrc));
    expect(fitting.size).toBe(1);
    let before = heard.packets[0]?.readUInt32BE(4) ?? 0;
    for (const packet of heard.packets) {
      const step = ((packet.readUInt32BE(4) - before + 2 ** 31 + 2 ** 32) % 2 ** 32) - 2 ** 31;
      expect(Math.abs(step)).toBeLessThan(90_000 * 2);
      before = packet.readUInt32BE(4);
    }
  });

  test('of a screen is taken whole', async () => {
    const { cameraId } = await join('cleo', { camera: simulcast, picture: 'screen' });
    room.setTaps([wish(cameraId)]);
    const heard = await only(capture);
    expect(heard.stream.source).toBe('screen');
    await waitFor(() => heard.packets.some((packet) => heightIn(packet) === 720), 'the highest layer comes');
  });
});

describe('What leaves the worker', () => {
  test('has no orientation, and nobody is offered to send it', async () => {
    const uris = [...(media.rtpCapabilities.headerExtensions ?? [])].map(({ uri }) => uri);
    expect(uris).not.toContain('urn:3gpp:video-orientation');
    const { cameraId } = await join('cleo', { camera: single });
    room.setTaps([wish(cameraId)]);
    await flows(await only(capture), 1);
    const consumer = [...view.consumers.values()].find(({ producerId, closed }) => producerId === cameraId && !closed);
    expect(consumer?.rtpParameters.headerExtensions).toEqual([]);
    expect(consumer?.rtpParameters.codecs.map(({ mimeType }) => mimeType)).toEqual(['video/VP8']);
    expect(consumer?.rtpParameters.codecs[0]?.rtcpFeedback).toContainEqual({ type: 'nack', parameter: '' });
  });
});

test('When the worker dies taps end at once, and others can be had of what is sent then', async () => {
  const { microphoneId } = await join('anna', { microphone: voice });
  const moved = once(room, 'moved');
  room.setTaps([wish(microphoneId)]);
  const heard = await only(capture);
  await flows(heard);
  process.kill(media.describe().workers[0]?.pid ?? 0, 'SIGKILL');
  await moved;
  expect(heard.endedAt).not.toBeNull();
  const again = await join('anna', { microphone: voice });
  room.setTaps([wish(again.microphoneId)]);
  await flows(await waitFor(() => capture.heard[1], 'another has begun'));
});

test('A room that is closed ends its taps', async () => {
  const { microphoneId } = await join('anna', { microphone: voice });
  room.setTaps([wish(microphoneId)]);
  const heard = await only(capture);
  room.close();
  await waitFor(() => heard.endedAt !== null, 'it has ended');
});
