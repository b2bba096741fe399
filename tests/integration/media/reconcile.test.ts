import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMedia, type Media, type Source } from '../../../src/media/index.js';
import { CausewayError } from '../../../src/platform/errors.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { testConfig, testLog, waitFor } from '../../support/index.js';
import { Page } from './page.js';
import { WorkerView } from './worker-view.js';

let view: WorkerView;
let media: Media;

beforeAll(async () => {
  view = new WorkerView();
  media = await createMedia({
    config: testConfig({ MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN, MEDIA_AUDIO_DIRECT: 100 }),
    log: testLog(),
    metrics: createMetrics(),
  });
});
afterAll(async () => {
  await media.close();
  view.stop();
});

/** Mulberry32: the same choices for the same seed. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const sources: readonly Source[] = ['microphone', 'camera', 'screen', 'screen-audio'];
const size = { width: 320, height: 180 };

interface Sent {
  readonly page: Page;
  readonly source: Source;
}

test.each([1, 2, 3])(
  'twenty peers that come, send, look around and leave at random end up with what the policy says (seed %i)',
  async (seed) => {
    const next = random(seed);
    const room = await media.openRoom(`room${seed}`);
    const sent = new Map<string, Sent>();
    const pages = Array.from({ length: 20 }, (_, i) => new Page(room, `peer${i}`, media.rtpCapabilities));
    const forget = (page: Page) => {
      for (const [id, entry] of [...sent]) if (entry.page === page) sent.delete(id);
    };
    const someVideo = (page: Page) =>
      [...sent]
        .filter(([, entry]) => entry.page !== page && !/microphone|audio/.test(entry.source) && next(3) > 0)
        .map(([producerId]) => ({ producerId, ...size }));

    const act = async (page: Page): Promise<void> => {
      const mine = [...sent].find(([, entry]) => entry.page === page)?.[0];
      switch (next(7)) {
        case 0:
          forget(page);
          page.leave();
          await page.join();
          return;
        case 1:
          if (mine === undefined) return;
          sent.delete(mine);
          return room.closeProducer(page.id, mine);
        case 2:
          return page.resumeAll();
        case 3:
          return room.setView(page.id, someVideo(page));
        default: {
          const source = sources[next(4)] ?? 'camera';
          sent.set(await page.send(source), { page, source });
        }
      }
    };

    await Promise.all(
      pages.map(async (page) => {
        await page.join();
        for (let turn = 0; turn < 15; turn += 1) {
          try {
            await act(page);
          } catch (error) {
            if (!(error instanceof CausewayError && error.code === 'MEDIA_SOURCE_TAKEN')) throw error;
          }
        }
      }),
    );

    const shown = new Map(pages.map((page) => [page, new Set(someVideo(page).map(({ producerId }) => producerId))]));
    await Promise.all(
      pages.map((page) =>
        room.setView(
          page.id,
          [...(shown.get(page) ?? [])].map((producerId) => ({ producerId, ...size })),
        ),
      ),
    );
    await waitFor(
      async () => (await view.counts()).consumers === pages.reduce((sum, page) => sum + page.consumers.size, 0),
      'pages and worker agree',
    );
    await Promise.all(pages.map((page) => page.resumeAll()));

    for (const page of pages) {
      expect(page.faults).toEqual([]);
      for (const [producerId, entry] of sent) {
        const offer = page.consumers.get(producerId);
        const active = entry.page !== page && (/microphone|audio/.test(entry.source) || shown.get(page)?.has(producerId) === true);
        if (active) expect(offer, `${page.id} has ${entry.source} of ${entry.page.id}`).toBeDefined();
        if (offer) expect(view.consumer(offer.id).paused, `${page.id}: ${entry.source} of ${entry.page.id} is paused`).toBe(!active);
      }
      expect([...page.consumers.keys()].every((producerId) => sent.has(producerId))).toBe(true);
    }
    expect(await view.counts()).toMatchObject({ transports: 40, producers: sent.size });
    expect(media.describe()).toMatchObject(await view.counts());
    room.close();
    await waitFor(async () => (await view.counts()).transports === 0, 'nothing is left');
  },
);

test.each([4, 5])(
  'whatever comes and goes around the number of voices that is too many, all end up with the slots alone (seed %i)',
  async (seed) => {
    const next = random(seed);
    const slots = 3;
    const crowded = await createMedia({
      config: testConfig({
        MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
        MEDIA_WORKERS: 2,
        MEDIA_AUDIO_DIRECT: 4,
        MEDIA_AUDIO_SLOTS: slots,
      }),
      log: testLog(),
      metrics: createMetrics(),
      growLoad: 10,
    });
    const room = await crowded.openRoom(`crowd${seed}`);
    const pages = Array.from({ length: 10 }, (_, i) => new Page(room, `peer${i}`, crowded.rtpCapabilities));
    const microphones = new Map<Page, string>();
    const toggle = async (page: Page): Promise<void> => {
      const id = microphones.get(page);
      microphones.delete(page);
      if (id === undefined) microphones.set(page, await page.send('microphone'));
      else room.closeProducer(page.id, id);
    };
    await Promise.all(
      pages.map(async (page) => {
        await page.join();
        for (let turn = 0; turn < 20; turn += 1) {
          const choice = next(5);
          if (choice < 2) await toggle(page);
          else if (choice === 2) await page.resumeAll();
          else if (choice === 3) room.speaking(page.id);
          else {
            microphones.delete(page);
            page.leave();
            await page.join();
          }
        }
      }),
    );
    for (const page of pages) if (!microphones.has(page)) await toggle(page);
    await waitFor(async () => {
      await Promise.all(pages.map((page) => page.resumeAll()));
      return pages.every((page) => page.consumers.size === slots && [...page.consumers.values()].every(({ slot }) => slot > 0));
    }, 'everybody has the slots and nothing else');
    expect(pages.flatMap(({ faults }) => faults)).toEqual([]);
    expect(crowded.describe()).toMatchObject({ transports: 20, producers: 10, consumers: 10 * slots });
    await crowded.close();
  },
);
