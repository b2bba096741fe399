/** Rooms on several workers of one node. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMedia, type Media, type MediaRoom } from '../../../src/media/index.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { testConfig, testLog, waitFor } from '../../support/index.js';
import { Page } from './page.js';
import { WorkerView } from './worker-view.js';

let view: WorkerView;
let media: Media;
let room: MediaRoom;
let moved: string[][];

beforeAll(async () => {
  view = new WorkerView();
  media = await createMedia({
    config: testConfig({ MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN, MEDIA_WORKERS: 2 }),
    log: testLog(),
    metrics: createMetrics(),
    // Every peer is enough to go on to the next worker.
    growLoad: 1,
  });
});
afterAll(async () => {
  await media.close();
  view.stop();
});
beforeEach(async () => {
  moved = [];
  room = await media.openRoom('room');
  room.on('moved', (peerIds) => moved.push([...peerIds].sort()));
});
afterEach(async () => {
  room.close();
  await waitFor(async () => (await view.counts()).transports === 0, 'the workers are empty');
});

const join = (id: string) => new Page(room, id, media.rtpCapabilities).join();
const portOf = (page: Page) => page.sendTransport.iceCandidates[0]?.port;
/** Two peers on two workers, the second with one more beside him. */
const three = async (): Promise<[Page, Page, Page]> => {
  const anna = await join('anna');
  const ben = await join('ben');
  expect(portOf(anna)).not.toBe(portOf(ben));
  const cleo = await join('cleo');
  return portOf(cleo) === portOf(ben) ? [anna, ben, cleo] : [ben, anna, cleo];
};
/** Producers in the workers' eyes: with every pipe there is one more. */
const copiesOf = async (producerId: string) => {
  const dumps = await Promise.all(view.routers.filter(({ closed }) => !closed).map((router) => router.dump()));
  return dumps.filter(({ mapProducerIdConsumerIds }) => mapProducerIdConsumerIds.some(({ key }) => key === producerId)).length;
};

describe('a room on two workers', () => {
  test('pipes a producer once to each worker where somebody wants it', async () => {
    const [anna, ben, cleo] = await three();
    const camera = await anna.send('camera');
    await Promise.all([ben.receives(camera), cleo.receives(camera)]);
    expect(await copiesOf(camera)).toBe(2);
    expect([anna, ben, cleo].flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('carries mute and the end of a producer through the pipe', async () => {
    const [anna, ben] = await three();
    const camera = await anna.send('camera');
    const { id } = await ben.receives(camera);
    await room.setProducerPaused(anna.id, camera, true);
    await waitFor(() => view.consumer(id).producerPaused, 'the far consumer knows that it is muted');
    await room.setProducerPaused(anna.id, camera, false);
    await waitFor(() => !view.consumer(id).producerPaused, 'and that it is not any more');
    room.closeProducer(anna.id, camera);
    await waitFor(() => !ben.consumers.has(camera), 'the far consumer is taken away');
    await waitFor(async () => (await copiesOf(camera)) === 0, 'nothing of it is left');
  });

  test('gives a pipe back when nobody uses it any more', async () => {
    const [anna, ben, cleo] = await three();
    const camera = await anna.send('camera');
    await Promise.all([ben.receives(camera), cleo.receives(camera)]);
    ben.leave();
    cleo.leave();
    await waitFor(async () => (await copiesOf(camera)) === 1, 'the pipe is closed');
  });

  test('loses one worker: only those who were there move, the others go on, and all find each other again', async () => {
    const [anna, ben, cleo] = await three();
    const [own, far] = [await cleo.send('camera'), await anna.send('camera')];
    await Promise.all([ben.receives(own), ben.receives(far), anna.receives(own)]);
    const worker = media.describe().workers.find(({ port }) => port === portOf(anna));
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await waitFor(() => moved.length === 1, 'those who were there are told');
    expect(moved).toEqual([[anna.id]]);
    await waitFor(() => !ben.consumers.has(far), 'what they sent is gone');
    expect(ben.consumers.has(own)).toBe(true);

    await anna.join();
    const again = await anna.send('camera');
    await Promise.all([ben.receives(again), anna.receives(own)]);
    expect([ben, cleo].flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('takes a viewer without a transport for sending, and refuses what he sends', async () => {
    const anna = await join('anna');
    const camera = await anna.send('camera');
    const offer = await room.addPeer('viewer', media.rtpCapabilities, { sends: false });
    expect(offer.send).toBeNull();
    expect(offer.consumers.map(({ producerId }) => producerId)).toEqual([camera]);
    const { codecs = [] } = media.rtpCapabilities;
    const produce = room.produce('viewer', {
      transportId: offer.receive.id,
      source: 'microphone',
      rtpParameters: { codecs: codecs.slice(0, 1).map(({ mimeType, clockRate }) => ({ mimeType, clockRate, payloadType: 100 })) },
      paused: false,
    });
    await expect(produce).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' });
  });
});

describe('voices in a large room', () => {
  const microphones = 14;
  const slotsOf = (page: Page) => [...page.consumers.values()].filter(({ slot }) => slot > 0);

  test('come through slots, K for each peer on every worker, and who is in one is told', async () => {
    const heard: (readonly (string | null)[])[] = [];
    room.on('heard', (peerIds) => heard.push(peerIds));
    const pages = await Promise.all(Array.from({ length: microphones }, (_, n) => join(`p${n}`)));
    for (const page of pages) await page.send('microphone');
    await waitFor(() => pages.every((page) => slotsOf(page).length === 5), 'everybody has five slots');
    await Promise.all(pages.map((page) => page.resumeAll()));
    await waitFor(() => pages.every((page) => page.consumers.size === 5), 'and nothing but the slots');
    for (const page of pages) expect(slotsOf(page).map(({ slot }) => slot)).toEqual([1, 2, 3, 4, 5]);

    room.speaking('p13');
    await waitFor(() => heard.at(-1)?.includes('p13'), 'the one who begins to speak is in a slot');
    const slot = (heard.at(-1)?.indexOf('p13') ?? -1) + 1;
    const own = pages[13] && slotsOf(pages[13]).find((offer) => offer.slot === slot);
    await waitFor(() => view.consumer(own?.id ?? '').paused, 'he does not hear himself');
    const other = pages[0] && slotsOf(pages[0]).find((offer) => offer.slot === slot);
    await waitFor(() => !view.consumer(other?.id ?? '').paused, 'another does');
    expect(pages.flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('are direct again when only few are left, without a moment in which a page has neither', async () => {
    const pages = await Promise.all(Array.from({ length: microphones }, (_, n) => join(`p${n}`)));
    for (const page of pages) await page.send('microphone');
    await waitFor(() => pages.every((page) => slotsOf(page).length === 5), 'the slots are there');
    await Promise.all(pages.map((page) => page.resumeAll()));
    await waitFor(() => pages.every((page) => page.consumers.size === 5), 'only slots');
    for (const page of pages.slice(4)) page.leave();
    const left = pages.slice(0, 4);
    await waitFor(() => left.every((page) => page.consumers.size === 8), 'the direct ones come beside the slots');
    await Promise.all(left.map((page) => page.resumeAll()));
    await waitFor(() => left.every((page) => page.consumers.size === 3), 'then the slots go');
    for (const page of left) for (const { id } of page.consumers.values()) await waitFor(() => !view.consumer(id).paused, 'they are heard');
    expect(left.flatMap(({ faults }) => faults)).toEqual([]);
  });
});

describe('the demand for pictures', () => {
  test('is told to the publisher: nobody shows it, then somebody shows it small, then large', async () => {
    const told: [string, number][] = [];
    room.on('demand', (_, producerId, layer) => told.push([producerId, layer]));
    const pages = await Promise.all(Array.from({ length: 12 }, (_, n) => join(`p${n}`)));
    const cameras: string[] = [];
    for (const page of pages) cameras.push(await page.send('camera'));
    for (const page of pages) await room.setView(page.id, []);
    const [camera = ''] = cameras;
    const lastTold = () => told.findLast(([id]) => id === camera)?.[1];
    await waitFor(() => lastTold() === -1, 'nobody wants it');
    await room.setView('p1', [{ producerId: camera, width: 160, height: 90 }]);
    await waitFor(() => lastTold() === 0, 'the lowest layer is wanted');
    await room.setView('p2', [{ producerId: camera, width: 1_280, height: 720 }]);
    await waitFor(() => lastTold() === 2, 'the highest layer is wanted');
  });
});
