/** A clip that beeps and flashes at once must do so in the file, whatever the clocks of the publisher did. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTestDatabase, type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { beepEvery, composeBeepFlash } from './beep-flash.js';
import { Captured } from './captured.js';

// FFmpeg at low priority, on machines that others use too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const atMostSeconds = 0.045;

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let folder: TemporaryFolder;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

describe('a beep and a flash at the same moment', () => {
  it('stay together when sound comes later and with jitter, on a clock that is hours off', async () => {
    const result = await composeBeepFlash(await Captured.open(folder.path, 20 + 4, database), {
      seconds: 20,
      sound: { from: 1, pace: 1, delay: 0.35, jitter: 0.08, clockAhead: 7_200 },
      picture: { from: 1, pace: 1, delay: 0.02, jitter: 0.02, clockAhead: 7_200 },
    });
    expect(result.beeps.length).toBeGreaterThanOrEqual(7);
    expect(Math.max(...result.offsets)).toBeLessThan(atMostSeconds);
    // And when it was, on the recording's clock: what came fastest came in 20 ms.
    expect(result.lights[0]).toBeCloseTo(1 + beepEvery / 2, 0);
  });

  it('stay together while the sound card runs 0.4 % slow and the camera 0.2 % fast', async () => {
    const result = await composeBeepFlash(await Captured.open(folder.path, 100 + 4, database), {
      seconds: 100,
      sound: { from: 1, pace: 1.004, jitter: 0.03 },
      picture: { from: 1, pace: 0.998, jitter: 0.03 },
    });
    expect(result.beeps.length).toBeGreaterThanOrEqual(38);
    expect(Math.max(...result.offsets)).toBeLessThan(atMostSeconds);
  });

  it('stay together without sender reports when both come as fast', async () => {
    const result = await composeBeepFlash(await Captured.open(folder.path, 20 + 4, database), {
      seconds: 20,
      sound: { from: 1, pace: 1, jitter: 0.02, reports: 0 },
      picture: { from: 1, pace: 1, jitter: 0.02, reports: 0 },
    });
    expect(Math.max(...result.offsets)).toBeLessThan(atMostSeconds);
  });
});
