import { once } from 'node:events';
import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createMedia, type Media, type MediaDeps } from '../../../src/media/index.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { temporaryFolder, testConfig, testLog, waitFor } from '../../support/index.js';
import { Page } from './page.js';
import { WorkerView } from './worker-view.js';

const workerBin = process.env.MEDIASOUP_WORKER_BIN;
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function start(
  workers: number,
  over: Partial<MediaDeps> = {},
): Promise<{ media: Media; view: WorkerView; metrics: ReturnType<typeof createMetrics> }> {
  const view = new WorkerView();
  const metrics = createMetrics();
  const media = await createMedia({
    config: testConfig({ MEDIA_WORKERS: workers, MEDIASOUP_WORKER_BIN: workerBin }),
    log: testLog(),
    metrics,
    ...over,
  });
  open.push({ close: () => view.stop() }, media);
  return { media, view, metrics };
}

const kill = (pid: number | undefined) => pid !== undefined && process.kill(pid, 'SIGKILL');
const workerOfRooms = (media: Media) => media.describe().workers.find(({ rooms }) => rooms > 0);

describe('a worker that is killed', () => {
  test('has its rooms open again on another one, and all peers gone until they are added again', async () => {
    const { media, view } = await start(2);
    const room = await media.openRoom('room');
    const [anna, ben] = [
      await new Page(room, 'anna', media.rtpCapabilities).join(),
      await new Page(room, 'ben', media.rtpCapabilities).join(),
    ];
    await ben.receives(await anna.send('microphone'));
    const dead = workerOfRooms(media);
    kill(dead?.pid);
    await once(room, 'moved');
    expect(workerOfRooms(media)?.pid).not.toBe(dead?.pid);
    expect(media.describe()).toMatchObject({ transports: 0, producers: 0, consumers: 0 });
    await expect(anna.send('camera')).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' });

    await Promise.all([anna.join(), ben.join()]);
    await ben.receives(await anna.send('microphone'));
    expect(await view.counts()).toEqual({ transports: 4, producers: 1, consumers: 1 });
    expect([...anna.faults, ...ben.faults]).toEqual([]);
  });

  test('is replaced on the same port', async () => {
    const { media, metrics } = await start(1);
    const before = media.describe().workers[0];
    kill(before?.pid);
    const after = await waitFor(() => media.describe().workers.find(({ pid }) => pid !== before?.pid), 'a replacement');
    expect(after.port).toBe(before?.port);
    expect(await metrics.registry.metrics()).toMatch(/causeway_media_worker_deaths_total 1\n/);
  });

  test('and was the only one: the room moves to its replacement', async () => {
    const { media } = await start(1);
    const room = await media.openRoom('room');
    kill(workerOfRooms(media)?.pid);
    await once(room, 'moved');
    expect((await new Page(room, 'anna', media.rtpCapabilities).join()).offer.consumers).toEqual([]);
  });

  test('while a peer is being added: the peer is refused for now, or gets the new worker', async () => {
    const { media, view } = await start(1);
    const room = await media.openRoom('room');
    const moved = once(room, 'moved');
    const adding = Array.from({ length: 20 }, (_, i) => room.addPeer(`peer${i}`, media.rtpCapabilities));
    kill(workerOfRooms(media)?.pid);
    const results = await Promise.allSettled(adding);
    await moved;
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'MEDIA_UNAVAILABLE' });
    const { transports } = await view.counts();
    expect(transports).toBe(media.describe().transports);
    await new Page(room, 'late', media.rtpCapabilities).join();
  });

  test('while peers are being added on another one: they are not refused', async () => {
    const { media } = await start(2, { growLoad: 1 });
    const room = await media.openRoom('room');
    const adding = Array.from({ length: 80 }, (_, i) => room.addPeer(`peer${i}`, media.rtpCapabilities));
    await adding[4];
    kill(workerOfRooms(media)?.pid);
    const results = await Promise.allSettled(adding);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'MEDIA_UNAVAILABLE' });
  });

  test('with many rooms: they spread over the workers that are left', async () => {
    const { media } = await start(3);
    const rooms = await Promise.all(Array.from({ length: 12 }, (_, i) => media.openRoom(`room${i}`)));
    expect(media.describe().workers.map((worker) => worker.rooms)).toEqual([4, 4, 4]);
    const dead = workerOfRooms(media)?.pid;
    const moved: string[] = [];
    for (const room of rooms) room.on('moved', () => moved.push(room.id));
    kill(dead);
    await waitFor(() => moved.length === 4, 'four rooms have moved');
    const most = Math.max(...media.describe().workers.map((worker) => worker.rooms));
    expect(most).toBeLessThanOrEqual(6);
  });

  test('and cannot be replaced: its rooms are lost and closed, and new ones refused', async () => {
    const folder = await temporaryFolder();
    const copy = path.join(folder.path, 'mediasoup-worker');
    await copyFile(workerBin ?? '', copy);
    const { media } = await start(1, { config: testConfig({ MEDIASOUP_WORKER_BIN: copy }), reopenMs: 300 });
    const room = await media.openRoom('room');
    await rm(copy);
    kill(workerOfRooms(media)?.pid);
    await once(room, 'lost');
    await expect(room.addPeer('anna', media.rtpCapabilities)).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' });
    await expect(media.openRoom('another')).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' });
    await copyFile(workerBin ?? '', copy);
    await waitFor(() => media.describe().workers.length === 1, 'the worker starts again');
    await media.openRoom('later');
    await folder.remove();
  });
});

describe('ports', () => {
  test('workers count up from the first port', async () => {
    const { media: first } = await start(1);
    const base = first.describe().workers[0]?.port ?? 0;
    await first.close();
    const { media } = await start(2, { config: testConfig({ MEDIA_WORKERS: 2, MEDIA_PORT: base, MEDIASOUP_WORKER_BIN: workerBin }) });
    expect(media.describe().workers.map(({ port }) => port)).toEqual([base, base + 1]);
  });

  test('one that is taken refuses the start, and says by whom and what to set', async () => {
    const { media } = await start(1);
    const port = media.describe().workers[0]?.port ?? 0;
    const again = start(1, { config: testConfig({ MEDIA_PORT: port, MEDIASOUP_WORKER_BIN: workerBin }) });
    await expect(again).rejects.toThrow(new RegExp(`Media port ${port} is taken by mediasoup-worke \\(pid \\d+\\).*CAUSEWAY_MEDIA_PORT`));
  });

  test('a worker that is not there refuses the start', async () => {
    await expect(start(1, { config: testConfig({ MEDIASOUP_WORKER_BIN: '/nowhere/mediasoup-worker' }) })).rejects.toThrow(/nowhere/);
  });

  test('close is idempotent, ends all processes and frees their ports', async () => {
    const { media, view } = await start(2);
    const room = await media.openRoom('room');
    await Promise.all([media.close(), media.close()]);
    expect(view.workers.every(({ subprocessClosed }) => subprocessClosed)).toBe(true);
    await expect(room.addPeer('anna', media.rtpCapabilities)).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' });
    await expect(media.openRoom('another')).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' });
  });

  test('signals are left to the server, which drains before it closes workers', async () => {
    const before = process.listenerCount('SIGTERM');
    await start(1);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
