import { EventEmitter } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMedia, type Media, type MediaRoom } from '../../../src/media/index.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { testConfig, testLog, waitFor } from '../../support/index.js';
import { cameraParameters, capabilitiesWith, dtlsParameters, microphoneParameters, screenParameters } from '../../unit/media/parameters.js';
import { Page } from './page.js';
import { WorkerView } from './worker-view.js';

const nothing = { transports: 0, producers: 0, consumers: 0 };
const hiddenMs = 150;
const large = { width: 1280, height: 720 };
const small = { width: 320, height: 180 };

let view: WorkerView;
let media: Media;
let room: MediaRoom;

beforeAll(async () => {
  view = new WorkerView();
  media = await createMedia({
    config: testConfig({ MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN }),
    log: testLog(),
    metrics: createMetrics(),
    policy: { hiddenMs },
  });
});
afterAll(async () => {
  await media.close();
  view.stop();
});
beforeEach(async () => {
  room = await media.openRoom('room');
});
afterEach(async () => {
  room.close();
  await waitFor(async () => (await view.counts()).transports === 0, 'the worker is empty');
});

const join = (id: string, capabilities = media.rtpCapabilities) => new Page(room, id, capabilities).join();

describe('addPeer', () => {
  test('gives two transports on the one port of the worker, over UDP and TCP', async () => {
    const anna = await join('anna');
    const port = media.describe().workers[0]?.port;
    for (const transport of [anna.sendTransport, anna.offer.receive]) {
      expect(transport.iceCandidates.map(({ protocol, address }) => [protocol, address])).toEqual([
        ['udp', '127.0.0.1'],
        ['tcp', '127.0.0.1'],
      ]);
      expect(transport.iceCandidates.every((candidate) => candidate.port === port)).toBe(true);
      expect(transport.dtlsParameters.fingerprints.some(({ algorithm }) => algorithm === 'sha-256')).toBe(true);
    }
    expect(await view.counts()).toEqual({ ...nothing, transports: 2 });
  });

  test('answers with the first consumers, paused, and sends no event for them', async () => {
    const anna = await join('anna');
    const microphone = await anna.send('microphone');
    const camera = await anna.send('camera');
    const ben = await join('ben');
    expect([...ben.consumers.keys()]).toEqual([microphone, camera]);
    expect(ben.announced).toEqual([]);
    expect(ben.offer.consumers[0]).toMatchObject({ producerPeerId: 'anna', source: 'microphone', kind: 'audio', producerPaused: false });
    for (const { id } of ben.offer.consumers) expect(view.consumer(id).paused).toBe(true);
  });

  test('replaces a peer that is there, with all that it had', async () => {
    const anna = await join('anna');
    const ben = await join('ben');
    const microphone = await anna.send('microphone');
    await ben.receives(microphone);
    await anna.join();
    await waitFor(() => ben.consumers.size === 0, 'the microphone is taken away');
    await anna.send('microphone');
    expect(await view.counts()).toMatchObject({ transports: 4, producers: 1 });
  });

  test('lets the last of two at the same time win, and leaves nothing of the other', async () => {
    const results = await Promise.allSettled([room.addPeer('anna', media.rtpCapabilities), room.addPeer('anna', media.rtpCapabilities)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await view.counts()).toEqual({ ...nothing, transports: 2 });
  });

  test('is refused when the peer leaves meanwhile, and leaves nothing', async () => {
    const joining = room.addPeer('anna', media.rtpCapabilities);
    room.removePeer('anna');
    await expect(joining).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' });
    expect(await view.counts()).toEqual(nothing);
  });

  test('refuses capabilities that mediasoup cannot read, and leaves nothing', async () => {
    const codec = { kind: 'video' as const, mimeType: 'nonsense', preferredPayloadType: 96, clockRate: 90_000 };
    await expect(room.addPeer('anna', { codecs: [codec] })).rejects.toMatchObject({ code: 'MEDIA_BAD_CAPABILITIES' });
    expect(await view.counts()).toEqual(nothing);
  });
});

describe('consumers', () => {
  test('a new producer is offered once to everybody else', async () => {
    const [anna, ben, cleo] = [await join('anna'), await join('ben'), await join('cleo')];
    const camera = await anna.send('camera');
    await Promise.all([ben.receives(camera), cleo.receives(camera)]);
    expect(await view.counts()).toEqual({ transports: 6, producers: 1, consumers: 2 });
    expect([anna, ben, cleo].flatMap(({ faults }) => faults)).toEqual([]);
    expect(anna.consumers.size).toBe(0);
  });

  test('end with their producer, and when its peer leaves', async () => {
    const [anna, ben] = [await join('anna'), await join('ben')];
    const [microphone, camera] = [await anna.send('microphone'), await anna.send('camera')];
    await ben.receives(camera);
    room.closeProducer('anna', camera);
    await waitFor(() => !ben.consumers.has(camera), 'the camera is taken away');
    expect([...ben.consumers.keys()]).toEqual([microphone]);
    anna.leave();
    await waitFor(() => ben.consumers.size === 0, 'the microphone is taken away');
    expect(await view.counts()).toEqual({ ...nothing, transports: 2 });
  });

  test('are never made for a picture that the page cannot decode, and its sender is told so once', async () => {
    const undecodable: string[] = [];
    room.on('undecodable', (peerId, producerId) => undecodable.push(`${peerId} ${producerId}`));
    const anna = await join('anna');
    const screen = await anna.send('screen', screenParameters('VP9'));
    const microphone = await anna.send('microphone');
    const ben = await join('ben', capabilitiesWith(media.rtpCapabilities, 'audio/opus', 'video/VP8', 'video/rtx'));
    expect([...ben.consumers.keys()]).toEqual([microphone]);
    await room.setView('ben', [{ producerId: screen, ...large }]);
    expect(undecodable).toEqual([`anna ${screen}`]);
  });

  test('say that their producer is paused', async () => {
    const [anna, ben] = [await join('anna'), await join('ben')];
    const offer = await ben.receives(await anna.send('microphone', microphoneParameters(), true));
    expect(offer.producerPaused).toBe(true);
    await room.setProducerPaused('anna', offer.producerId, false);
    await waitFor(() => !view.consumer(offer.id).producerPaused, 'the worker says that it goes on');
  });

  test('start only when the page has confirmed them', async () => {
    const [anna, ben] = [await join('anna'), await join('ben')];
    const camera = await ben.receives(await anna.send('camera'));
    await room.setView('ben', [{ producerId: camera.producerId, ...large }]);
    expect(view.consumer(camera.id).paused).toBe(true);
    await room.resumeConsumers('ben', ['gone', camera.id]);
    expect(view.consumer(camera.id).paused).toBe(false);
  });
});

describe('setView', () => {
  test('pauses the pictures that are not shown, and never sound', async () => {
    const [anna, ben] = [await join('anna'), await join('ben')];
    const sources = ['microphone', 'camera', 'screen'] as const;
    const offers = await Promise.all(sources.map(async (source) => ben.receives(await anna.send(source))));
    await ben.resumeAll();
    const paused = () => offers.map(({ id }) => view.consumer(id).paused);
    expect(paused()).toEqual([false, false, false]);
    await room.setView('ben', [{ producerId: offers[2]?.producerId ?? '', ...large }]);
    expect(paused()).toEqual([false, true, false]);
    // A later change needs no further confirmation.
    await room.setView('ben', [{ producerId: offers[1]?.producerId ?? '', ...large }]);
    expect(paused()).toEqual([false, false, true]);
  });

  test('chooses the layer by the size shown', async () => {
    const [anna, ben] = [await join('anna'), await join('ben')];
    const { id, producerId } = await ben.receives(await anna.send('camera'));
    await ben.resumeAll();
    await room.setView('ben', [{ producerId, ...large }]);
    // Nothing of the upper layers has arrived yet: the lowest comes first.
    expect(view.consumer(id).preferredLayers).toEqual({ spatialLayer: 0, temporalLayer: 2 });
    await waitFor(() => view.consumer(id).preferredLayers?.spatialLayer === 2, 'the layer that suits the size');
    await room.setView('ben', [{ producerId, ...small }]);
    expect(view.consumer(id).preferredLayers).toEqual({ spatialLayer: 0, temporalLayer: 2 });
    await room.setView('ben', [{ producerId, ...large }]);
    expect(view.consumer(id).preferredLayers).toEqual({ spatialLayer: 2, temporalLayer: 2 });
  });

  test('closes a picture that was not shown for a while, and opens it again when it is', async () => {
    const [anna, ben] = [await join('anna'), await join('ben')];
    const { producerId } = await ben.receives(await anna.send('camera'));
    await room.setView('ben', []);
    await waitFor(() => ben.consumers.size === 0, 'the picture is given back');
    expect((await view.counts()).consumers).toBe(0);
    await room.setView('ben', [{ producerId, ...small }]);
    await ben.receives(producerId);
    expect(ben.faults).toEqual([]);
  });

  test('is harmless for a peer that is gone', async () => {
    await room.setView('nobody', []);
    await room.resumeConsumers('nobody', ['x']);
    room.closeProducer('nobody', 'x');
    room.removePeer('nobody');
    expect(await room.scores('nobody')).toEqual({ send: null, receive: null });
  });
});

describe('refusals leave nothing on the worker', () => {
  const refused = async (act: Promise<unknown>, code: string) => expect(act).rejects.toMatchObject({ code });

  test('a thousand at once: one is taken, the others are refused by a code and leave nothing', async () => {
    const anna = await join('anna');
    const before = await view.counts();
    const results = await Promise.allSettled(Array.from({ length: 1_000 }, () => anna.send('camera')));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(refused).toEqual(Array.from({ length: 999 }, () => 'MEDIA_SOURCE_TAKEN'));
    expect(await view.counts()).toEqual({ ...before, producers: before.producers + 1 });
  });

  test('the same source twice at once: one is taken', async () => {
    const anna = await join('anna');
    const results = await Promise.allSettled([anna.send('camera'), anna.send('camera')]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'MEDIA_SOURCE_TAKEN' } });
    expect(await view.counts()).toEqual({ transports: 2, producers: 1, consumers: 0 });
  });

  test('a source can be sent again after a refusal, and after it was closed', async () => {
    const anna = await join('anna');
    await refused(anna.send('camera', microphoneParameters()), 'MEDIA_BAD_PARAMETERS');
    const camera = await anna.send('camera');
    room.closeProducer('anna', camera);
    await anna.send('camera');
    expect((await view.counts()).producers).toBe(1);
  });

  test('parameters that the worker refuses', async () => {
    const anna = await join('anna');
    const microphone = microphoneParameters();
    await anna.send('microphone', microphone);
    const camera = cameraParameters();
    const bad = [
      { ...camera, encodings: microphone.encodings ?? [] },
      { ...camera, encodings: [{}, {}] },
      { ...camera, encodings: [{ ssrc: 7, codecPayloadType: 44 }] },
      { ...camera, codecs: [...camera.codecs, ...camera.codecs] },
      { ...camera, codecs: camera.codecs.map((codec) => ({ ...codec, mimeType: 'video/unknown' })) },
    ];
    for (const parameters of bad) await refused(anna.send('camera', parameters), 'MEDIA_BAD_PARAMETERS');
    expect(await view.counts()).toEqual({ transports: 2, producers: 1, consumers: 0 });
    await anna.send('camera', camera);
  });

  test('a transport, producer or peer that is not there, or is of somebody else', async () => {
    const [anna, ben] = [await join('anna'), await join('ben')];
    const microphone = await anna.send('microphone');
    const options = { source: 'camera', rtpParameters: cameraParameters(), paused: false } as const;
    await refused(room.produce('ben', { ...options, transportId: anna.sendTransport.id }), 'MEDIA_NOT_FOUND');
    await refused(room.produce('ben', { ...options, transportId: ben.offer.receive.id }), 'MEDIA_NOT_FOUND');
    await refused(room.produce('nobody', { ...options, transportId: anna.sendTransport.id }), 'MEDIA_NOT_FOUND');
    await refused(room.setProducerPaused('ben', microphone, true), 'MEDIA_NOT_FOUND');
    await refused(room.connectTransport('ben', anna.sendTransport.id, dtlsParameters()), 'MEDIA_NOT_FOUND');
    await refused(room.restartIce('ben', anna.sendTransport.id), 'MEDIA_NOT_FOUND');
    room.closeProducer('ben', microphone);
    expect((await view.counts()).producers).toBe(1);
  });

  test('connecting twice', async () => {
    const anna = await join('anna');
    await room.connectTransport('anna', anna.sendTransport.id, dtlsParameters());
    await refused(room.connectTransport('anna', anna.sendTransport.id, dtlsParameters()), 'MEDIA_BAD_PARAMETERS');
  });

  test('sending while leaving', async () => {
    const anna = await join('anna');
    const sending = anna.send('camera');
    room.removePeer('anna');
    await refused(sending, 'MEDIA_NOT_FOUND');
    expect(await view.counts()).toEqual(nothing);
    const ben = await join('ben');
    expect(ben.consumers.size).toBe(0);
  });

  test('anything in a room that is closed', async () => {
    const anna = await join('anna');
    room.close();
    room.close();
    await refused(anna.send('camera'), 'MEDIA_NOT_FOUND');
    await refused(room.addPeer('ben', media.rtpCapabilities), 'MEDIA_UNAVAILABLE');
    expect(await view.counts()).toEqual(nothing);
  });
});

test('restartIce gives fresh credentials', async () => {
  const anna = await join('anna');
  const fresh = await room.restartIce('anna', anna.sendTransport.id);
  expect(fresh.usernameFragment).not.toBe(anna.sendTransport.iceParameters.usernameFragment);
});

test('a transport that the page closes by DTLS takes its producers with it, and says so', async () => {
  const [anna, ben] = [await join('anna'), await join('ben')];
  const microphone = await anna.send('microphone');
  await ben.receives(microphone);
  const closed: string[] = [];
  room.on('producerclosed', (peerId, producerId) => closed.push(`${peerId} ${producerId}`));
  const transport = view.transports.get(anna.sendTransport.id);
  if (!transport) throw new Error('no transport');
  // As mediasoup does when the page's DTLS alert arrives.
  EventEmitter.prototype.emit.call(transport, 'dtlsstatechange', 'closed');
  await waitFor(() => ben.consumers.size === 0, 'the microphone is taken away');
  expect(closed).toEqual([`anna ${microphone}`]);
});
