/** Minutes on a network that gets narrow, is gone, and comes back. Times are printed, not judged. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framesBetween, heardBetween, longestGap, longestSilence } from './record.js';
import { TwoOnALine } from './two-on-a-line.js';

const wide = { kbps: 4_000, queueMs: 300, delayMs: 20 };
const squeezeMs = 15_000;
const goneMs = 10_000;
/** The estimate of the path settles. */
const calmMs = 10_000;

let two: TwoOnALine;

beforeAll(async () => {
  two = await TwoOnALine.meet();
  two.relay.set(wide);
  await two.topLayer();
});
afterAll(async () => {
  await two?.close();
});

describe('a network that changes', () => {
  it.each([1, 2, 3])('carries sound while 4 Mbit/s become 150 kbit/s, and the largest layer after it (%i)', async (round) => {
    await delay(calmMs);
    // The relay runs in this process: what delays it, and what delays the page, is no silence of the network.
    const stalls = monitorEventLoopDelay();
    stalls.enable();
    const squeezed = Date.now();
    two.relay.set({ kbps: 150 });
    await delay(squeezeMs);
    const ended = Date.now();
    two.relay.set(wide);
    const took = await two.topLayer();
    const samples = await two.samples();
    stalls.disable();
    const heard = heardBetween(samples, squeezed, ended);
    const silence = longestSilence(samples, squeezed, Date.now());
    console.info(
      `squeeze ${round}: the largest layer was back ${took} ms after its end; meanwhile ${framesBetween(samples, squeezed, ended)} pictures in ${squeezeMs / 1_000} s, ` +
        `${((heard.concealed / heard.samples) * 100).toFixed(1)} % of the sound concealed, longest time without a packet of sound ${silence} ms`,
    );
    expect(silence).toBeLessThan(2_000 + stalls.max / 1e6 + longestGap(samples, squeezed, Date.now()));
    expect(heard.packets).toBeGreaterThan(100);
  });

  it('comes back by itself after 10 s without any UDP', async () => {
    const loadedAt = await two.ann.loadedAt();
    await delay(calmMs);
    two.relay.set({ blocked: true });
    await delay(goneMs);
    two.relay.set({ blocked: false });
    const took = await two.soundIsBack();
    console.info(`10 s without UDP: sound was back ${took} ms after its end`);
    await two.ann.seesAndHears('Ben');
    await two.ben.seesAndHears('Ann');
    console.info(`10 s without UDP: the largest layer was back ${await two.topLayer()} ms after sound and picture`);
    expect(await two.ann.loadedAt()).toBe(loadedAt);
  });
});
