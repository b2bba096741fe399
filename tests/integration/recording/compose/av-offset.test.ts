/** A clip that beeps and flashes at once must do so in the file, whatever the clocks of the publisher did. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { Captured, type Coming } from './captured.js';
import { makeMedia } from './rtp-media.js';
import { flashes, onsets, samples } from './seen.js';

const atMostSeconds = 0.045;
/** Beeps and flashes come every so often, seconds of true time. */
const every = 2.4;

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

/** `pace`: true seconds in which the device's clock counts one. */
async function offsets({
  seconds,
  sound,
  picture,
}: {
  seconds: number;
  sound: Coming & { pace: number };
  picture: Coming & { pace: number };
}) {
  const captured = await Captured.open(folder.path, seconds + 4, database);
  const beep = `if(lt(mod(t+${every / sound.pace / 2},${every / sound.pace}),0.1),0.8*sin(2*PI*1000*t),0)`;
  // Pictures come every 40 ms: half of that earlier, a flash that is not just then is as often early as late.
  const early = picture.pace === 1 ? 0.001 : 0.02;
  const flash = `if(lt(mod(T+${every / picture.pace / 2 + early},${every / picture.pace}),0.2),235,16)`;
  const heard = await makeMedia({ codec: 'opus', source: `aevalsrc='${beep}':s=48000:d=${seconds / sound.pace}` });
  const seen = await makeMedia({
    codec: 'vp8',
    source: `color=c=black:s=160x90:r=25:d=${seconds / picture.pace},geq=lum='${flash}':cb=128:cr=128`,
  });
  await captured.track({ name: 'Ada', participant: 'a', source: 'microphone' }, heard, sound);
  await captured.track({ name: 'Ada', participant: 'a', source: 'camera' }, seen, picture);
  await captured.compose({ COMPOSE_HEIGHT: 180 });
  const file = captured.file('meeting.mp4');
  const beeps = onsets(await samples(file), 0.2);
  const lights = await flashes(file, { x: 0.4, y: 0.4, width: 0.2, height: 0.2 });
  return { beeps, lights, offsets: beeps.map((at) => Math.min(...lights.map((light) => Math.abs(light - at)))) };
}

describe('a beep and a flash at the same moment', () => {
  it('stay together when sound comes later and with jitter, on a clock that is hours off', async () => {
    const result = await offsets({
      seconds: 20,
      sound: { from: 1, pace: 1, delay: 0.35, jitter: 0.08, clockAhead: 7_200 },
      picture: { from: 1, pace: 1, delay: 0.02, jitter: 0.02, clockAhead: 7_200 },
    });
    expect(result.beeps.length).toBeGreaterThanOrEqual(7);
    expect(Math.max(...result.offsets)).toBeLessThan(atMostSeconds);
    // And when it was, on the recording's clock: what came fastest came in 20 ms.
    expect(result.lights[0]).toBeCloseTo(1 + every / 2, 0);
  });

  it('stay together while the sound card runs 0.4 % slow and the camera 0.2 % fast', async () => {
    const result = await offsets({
      seconds: 100,
      sound: { from: 1, pace: 1.004, jitter: 0.03 },
      picture: { from: 1, pace: 0.998, jitter: 0.03 },
    });
    expect(result.beeps.length).toBeGreaterThanOrEqual(38);
    expect(Math.max(...result.offsets)).toBeLessThan(atMostSeconds);
  });

  it('stay together without sender reports when both come as fast', async () => {
    const result = await offsets({
      seconds: 20,
      sound: { from: 1, pace: 1, jitter: 0.02, reports: 0 },
      picture: { from: 1, pace: 1, jitter: 0.02, reports: 0 },
    });
    expect(Math.max(...result.offsets)).toBeLessThan(atMostSeconds);
  });
});
