/** Two people talk while the network of one of them misbehaves. The page is never loaded anew. */
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { waitFor } from '../../support/wait-for.js';
import { framesBetween, heardBetween } from './record.js';
import { TwoOnALine } from './two-on-a-line.js';

let two: TwoOnALine;
let loadedAt: number;

beforeAll(async () => {
  two = await TwoOnALine.meet({ tcp: true });
  loadedAt = await two.ann.loadedAt();
});
afterAll(async () => {
  await two?.close();
});

const keepsPicturesOfFailures = (name: string) => onTestFailed(() => two.browser.screenshots(name));

describe('a bad network', () => {
  it('that loses 5 % of all packets is hardly heard, and pictures move', async ({ task }) => {
    keepsPicturesOfFailures(task.name);
    const begun = Date.now();
    two.relay.set({ dropRatio: 0.05, delayMs: 20 });
    const heard = await waitFor(
      async () => {
        const sum = heardBetween(await two.samples(), begun, Date.now());
        // Ten seconds of sound.
        return sum.samples > 480_000 && sum;
      },
      'ten seconds of sound',
      { deadlineMs: 60_000 },
    );
    const frames = framesBetween(await two.samples(), begun, Date.now());
    two.relay.set({ dropRatio: 0 });
    console.info(
      `5 % loss: ${((heard.concealed / heard.samples) * 100).toFixed(2)} % of the sound was concealed, ${frames} pictures in 10 s`,
    );
    expect(two.relay.down.passed.dropped).toBeGreaterThan(10);
    expect(heard.concealed / heard.samples).toBeLessThan(0.05);
    expect(frames).toBeGreaterThan(30);
  });

  it('that gives the page another address is followed', async ({ task }) => {
    keepsPicturesOfFailures(task.name);
    const before = two.relay.up.passed.packets;
    two.relay.moveSource('127.0.0.2');
    const took = await two.soundIsBack();
    console.info(`new source address: sound was back after ${took} ms`);
    await two.ben.seesAndHears('Ann');
    expect(two.relay.up.passed.packets).toBeGreaterThan(before);
    expect((await two.samples()).at(-1)?.protocols).toEqual(['udp']);
  });

  it('that lets no UDP through any more is left for TCP', async ({ task }) => {
    keepsPicturesOfFailures(task.name);
    two.relay.set({ blocked: true });
    const took = await two.soundIsBack();
    await waitFor(async () => (await two.samples()).at(-1)?.protocols.join() === 'tcp', 'all media goes over TCP', { deadlineMs: 60_000 });
    console.info(`UDP blocked: sound was back over TCP after ${took} ms`);
    await two.ann.seesAndHears('Ben');
    await two.ben.seesAndHears('Ann');
  });

  it('never made the page load anew', async () => {
    expect(await two.ann.loadedAt()).toBe(loadedAt);
  });
});
