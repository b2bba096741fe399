/** Each codec once, page to page through a real server: the layer that is sent follows the size in which the picture is shown. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { openBrowser, type TestBrowser } from '../../support/browser.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Person, patienceMs } from '../person.js';

/** The picture that a page decodes. */
interface Incoming {
  readonly codec: string;
  readonly height: number;
  readonly framesPerSecond: number;
}

declare global {
  interface Window {
    causewayIncoming(): Promise<Incoming[]>;
  }
}

const large = { width: 1280, height: 720 };
/** The tile is less than 120 lines high, where half the frames are enough. */
const thumbnail = { width: 360, height: 300 };

let server: TestServer;
let browser: TestBrowser;
let link: string;
let people: Person[] = [];

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  ({ link } = await server.createMeeting(await server.setUpOwner(), { lobby: 'off' }));
});
afterEach(async () => {
  for (const { visitor } of people) await visitor.close();
  people = [];
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Two guests; Ben prefers the codec. */
async function meet(codec: string): Promise<Person> {
  const [ann, ben] = await Promise.all([Person.at(browser, `Ann ${codec}`), Person.at(browser, `Ben ${codec}`)]);
  people = [ann, ben];
  await ann.visitor.context.addInitScript(watchIncoming);
  await ben.visitor.context.addInitScript((value) => localStorage.setItem('causeway.devices', JSON.stringify({ codec: value })), codec);
  for (const one of people) {
    await one.openMeeting(link);
    await one.clickJoin('a guest');
    await one.isIn();
  }
  await ann.sees(ben.name);
  return ann;
}

const incoming = async (ann: Person) => (await ann.page.evaluate(() => window.causewayIncoming())).filter(({ height }) => height > 0);
const becomes = (ann: Person, what: (picture: Incoming) => boolean, name: string) =>
  expect.poll(async () => (await incoming(ann)).some(what), { timeout: patienceMs, message: name }).toBe(true);

describe('layers follow the size shown', () => {
  it.each([
    ['vp8', 'video/VP8'],
    ['h264', 'video/H264'],
    ['vp9', 'video/VP9'],
  ])('in %s', async (codec, mimeType) => {
    onTestFailed(({ task }) => browser.screenshots(task.name));
    const ann = await meet(codec);
    await becomes(ann, ({ codec: used, height }) => used === mimeType && height === 360, 'the large layer');
    await ann.page.setViewportSize(thumbnail);
    await becomes(ann, ({ height }) => height === 180, 'the small layer');
    await ann.page.setViewportSize(large);
    await becomes(ann, ({ height }) => height === 360, 'the large layer again');
  });

  it('in av1, in frames: it has one size', async () => {
    onTestFailed(({ task }) => browser.screenshots(task.name));
    const ann = await meet('av1');
    await becomes(
      ann,
      ({ codec, height, framesPerSecond }) => codec === 'video/AV1' && height === 360 && framesPerSecond > 10,
      'all frames',
    );
    await ann.page.setViewportSize(thumbnail);
    await becomes(ann, ({ framesPerSecond }) => framesPerSecond > 0 && framesPerSecond < 10, 'half the frames');
    await ann.page.setViewportSize(large);
    await becomes(ann, ({ framesPerSecond }) => framesPerSecond > 10, 'all frames again');
  });
});

/** Runs in the page, before its own scripts. */
function watchIncoming(): void {
  const connections = new Set<RTCPeerConnection>();
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.add(this);
    }
  };
  window.causewayIncoming = async () => {
    const pictures: Incoming[] = [];
    for (const connection of connections) {
      const report = await connection.getStats();
      for (const stats of report.values()) {
        if (stats.type !== 'inbound-rtp' || stats.kind !== 'video') continue;
        pictures.push({
          codec: report.get(stats.codecId)?.mimeType ?? '',
          height: stats.frameHeight ?? 0,
          framesPerSecond: stats.framesPerSecond ?? 0,
        });
      }
    }
    return pictures;
  };
}
