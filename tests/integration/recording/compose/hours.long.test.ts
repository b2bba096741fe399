/** Hours of a meeting: clocks that run off all the time, and silence that lasts. Takes a quarter of an hour. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { opusSilence } from '../../../../src/recording/compose/opus.js';
import { openTestDatabase, type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { composeBeepFlash } from './beep-flash.js';
import { Captured } from './captured.js';
import type { MediaPackets } from './rtp-media.js';
import { probe } from './seen.js';

const limit = 2 * 3_600_000;
const hour = 3_600;

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

it(
  'sound and picture of an hour stay together while both clocks run off',
  async () => {
    const captured = await Captured.open(folder.path, hour + 4, database);
    const { beeps, offsets } = await composeBeepFlash(captured, {
      seconds: hour,
      // Worse than any crystal: 0.36 s and 0.18 s off by the end.
      sound: { from: 1, pace: 1.0001, jitter: 0.03, reports: 5 },
      picture: { from: 1, pace: 0.99995, jitter: 0.03, reports: 5 },
    });
    expect(beeps.length).toBeGreaterThanOrEqual(1_490);
    expect(Math.max(...offsets)).toBeLessThan(0.045);
  },
  limit,
);

it(
  'four hours of a microphone that is never spoken into become a file of four hours',
  async () => {
    const captured = await Captured.open(folder.path, 4 * hour, database);
    await captured.track({ name: 'Ada', source: 'microphone' }, silence(4 * hour), { from: 0, reports: 5 });
    await captured.compose({ COMPOSE_HEIGHT: 360 });
    const { seconds, streams } = await probe(captured.file('meeting.mp4'));
    expect(seconds).toBeCloseTo(4 * hour, 0);
    expect(streams.find(({ codec }) => codec === 'h264')?.frames).toBe(4 * hour * 25);
    expect((await captured.files()).filter((name) => name.endsWith('.m4s'))).toHaveLength((4 * hour) / 6);
  },
  limit,
);

/** As an encoder with discontinuous transmission sends it: a packet every 400 ms (RFC 7587 section 3.1.3). */
function silence(seconds: number): MediaPackets {
  const packets = Array.from({ length: Math.floor(seconds / 0.4) }, (_, index) => {
    const head = Buffer.alloc(12);
    head[0] = 0x80;
    head[1] = 111;
    head.writeUInt32BE(99, 8);
    return { seconds: index * 0.4, ticks: index * 19_200, bytes: Buffer.concat([head, opusSilence]) };
  });
  return { mimeType: 'audio/opus', clockRate: 48_000, payloadType: 111, ssrc: 99, packets };
}
