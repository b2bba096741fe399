/** Forty-nine cameras in one page, and what is left of them on a narrow path. Times are printed, not judged. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConsumer, type ReceivedMedia } from '../../../src/media/consumer.js';
import { Downlink } from '../../../src/media/downlink.js';
import type { Size } from '../../../src/media/layers.js';
import type { RoomProducer } from '../../../src/media/producer.js';
import { openBrowser, type TestBrowser } from '../../support/browser.js';
import { waitFor } from '../../support/wait-for.js';
import type { Tile } from './gallery-page.js';
import { consumersJson, GalleryWorld, type Receiver } from './gallery-world.js';

const tile: Size = { width: 182, height: 102 };
const watchMs = 3_000;
/** The deadline only ends a test that would hang: on a busy machine 49 pictures take long to begin. */
const patience = { deadlineMs: 60_000 };
/** As configured by default. */
const initialOutgoingBitrate = 1_000_000;

let browser: TestBrowser;
let world: GalleryWorld;
let cameras: RoomProducer[];

beforeAll(async () => {
  browser = await openBrowser();
  world = await GalleryWorld.open(browser);
  await world.publish({ pictures: 2, width: 640, height: 360, frameRate: 15, sound: true });
  await waitFor(() => world.arriving, 'every layer arrives', patience);
  cameras = await world.cameras(49);
  await waitFor(() => cameras.every(({ producer }) => producer.score.some(({ score }) => score > 0)), 'every camera arrives', patience);
});
afterAll(async () => {
  await world?.close();
  await browser?.close();
});

interface Watching {
  readonly receiver: Receiver;
  readonly media: readonly ReceivedMedia[];
  readonly starved: () => readonly string[];
  close(): Promise<void>;
}

/** Does what a peer of a room does when its page says what it shows. */
async function watch(name: string, pictures: readonly { camera: RoomProducer; size: Size }[], kbps: number | null): Promise<Watching> {
  const receiver = await world.receiver(name, { initialOutgoingBitrate });
  const { transport, rtpCapabilities, page, relay } = receiver;
  relay.set({ kbps, queueMs: 300, delayMs: 20 });
  let starved: readonly string[] = [];
  const media: ReceivedMedia[] = [];
  const downlink = new Downlink(transport, {
    received: () => media,
    onStarved: (ids) => {
      starved = ids;
    },
    clock: { now: () => Date.now() },
  });
  const opening = pictures.map(({ camera: producer, size }) =>
    openConsumer(transport, { producer, rtpCapabilities, size, onClosed: () => undefined, onChange: () => downlink.look() }),
  );
  media.push(...(await Promise.all(opening)));
  const sound = await transport.consume({ producerId: world.microphone.id, rtpCapabilities, paused: true, enableRtx: true });
  await page.evaluate((json) => window.gallery.show(json), consumersJson([sound, ...media.map(({ consumer }) => consumer)]));
  await sound.resume();
  await Promise.all(
    media.map(async (one, at) => {
      one.confirmed = true;
      await one.apply(true, pictures[at]?.size);
    }),
  );
  return {
    receiver,
    media,
    starved: () => starved,
    close: async () => {
      downlink.close();
      await receiver.visitor.close();
      transport.close();
    },
  };
}

const tilesOf = ({ receiver }: Watching): Promise<Tile[]> => receiver.page.evaluate(() => window.gallery.tiles());

/** By camera: pictures in a while. */
async function moved(watching: Watching): Promise<Map<string, number>> {
  const before = new Map((await tilesOf(watching)).map(({ producerId, frames }) => [producerId, frames]));
  await delay(watchMs);
  return new Map((await tilesOf(watching)).map(({ producerId, frames }) => [producerId, frames - (before.get(producerId) ?? 0)]));
}

describe('a page that shows 49 cameras', () => {
  it.each([
    ['a fast network', null],
    ['20 Mbit/s', 20_000],
    ['5 Mbit/s', 5_000],
  ])('sees all of them move on %s', async (name, kbps) => {
    const watching = await watch(
      name,
      cameras.map((camera) => ({ camera, size: tile })),
      kbps,
    );
    const all = await waitFor(
      async () => {
        const tiles = await tilesOf(watching);
        return tiles.every(({ firstFrameMs }) => firstFrameMs !== null) && tiles;
      },
      'every tile has a picture',
      patience,
    );
    const firsts = all.map(({ firstFrameMs }) => Math.round(firstFrameMs ?? 0)).sort((a, b) => a - b);
    console.info(`49 tiles on ${name}: the first picture after ${firsts[0]} ms, half after ${firsts[24]} ms, all after ${firsts[48]} ms`);
    // A busy machine delays packets as a bad network does; what it makes of the estimate must not last.
    const frames = await waitFor(
      async () => {
        const counts = [...(await moved(watching)).values()].sort((a, b) => a - b);
        return (counts[0] ?? 0) > 0 && watching.starved().length === 0 && counts;
      },
      'all 49 move, and none starves',
      patience,
    );
    console.info(`49 tiles on ${name}: ${frames[0]} to ${frames[48]} pictures each in ${watchMs / 1_000} s, median ${frames[24]}`);
    expect(frames).toHaveLength(49);
    await watching.close();
  });
});

describe('a page on 300 kbit/s', () => {
  it('keeps sound and the one large picture of ten, and is told which others starve', async () => {
    const [first, ...others] = cameras.slice(0, 10);
    if (!first) throw new Error('no cameras');
    const large = { width: 640, height: 360 };
    // The large one last: it is not its place in the list that brings it to the front.
    const watching = await watch('narrow', [...others.map((camera) => ({ camera, size: tile })), { camera: first, size: large }], 300);
    await waitFor(() => watching.starved().length > 0, 'the page is told that pictures starve', patience);
    const largest = watching.media.find(({ producer }) => producer.id === first.id);
    const hears = () => watching.receiver.page.evaluate(() => window.gallery.sound());
    // Here as well a busy machine may spoil the estimate for a while.
    const { before, frames, after } = await waitFor(
      async () => {
        const before = await hears();
        const frames = await moved(watching);
        const after = await hears();
        const starved = watching.starved();
        const large = (frames.get(first.id) ?? 0) > 0 && !starved.includes(largest?.consumer.id ?? '');
        return large && after.packets > before.packets && starved.length > 0 && { before, frames, after };
      },
      'the large picture moves, sound comes, and others starve',
      patience,
    );
    const concealed = (after.concealed - before.concealed) / (after.samples - before.samples);
    console.info(
      `300 kbit/s: ${[...frames.values()].filter((count) => count > 0).length} of 10 pictures move, the large one ${frames.get(first.id)} times in ` +
        `${watchMs / 1_000} s; ${watching.starved().length} starve; ${(concealed * 100).toFixed(1)} % of the sound concealed`,
    );
    expect(frames.get(first.id)).toBeGreaterThan(0);
    await watching.close();
  });
});
