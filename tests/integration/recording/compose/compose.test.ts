/** A recording put together by real FFmpeg from real RTP, and looked at by decoding it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { Captured } from './captured.js';
import { type MediaPackets, makeMedia } from './rtp-media.js';
import { frameAt, pitch, probe, samples } from './seen.js';

describe('a meeting of three', () => {
  let folder: TemporaryFolder;
  let captured: Captured;
  let sound: Float32Array;
  const media = new Map<string, MediaPackets>();

  beforeAll(async () => {
    folder = await temporaryFolder();
    captured = await Captured.open(folder.path, 12);
    const red = await makeMedia({ codec: 'vp8', source: 'color=c=red:size=320x180:rate=25:duration=10' });
    const low = await makeMedia({ codec: 'opus', source: 'sine=frequency=440:duration=10' });
    const high = await makeMedia({ codec: 'opus', source: 'sine=frequency=1760:duration=4' });
    const green = await makeMedia({ codec: 'h264', source: 'color=c=lime:size=640x360:rate=15:duration=4' });
    media.set('red', red);
    await captured.track({ name: 'Ada Wong', participantId: 'a', source: 'camera' }, red, { from: 1, clockAhead: 37 });
    await captured.track({ name: 'Ada Wong', participantId: 'a', source: 'microphone' }, low, { from: 1, clockAhead: 37 });
    await captured.track({ name: '陳大文', participantId: 'b', source: 'microphone' }, high, { from: 4, clockAhead: -5 });
    await captured.track({ name: "O'Neil: 100% \\ ../../etc\n", participantId: 'c', source: 'screen' }, green, { from: 6, clockAhead: 1 });
    await captured.compose();
    sound = await samples(captured.file('meeting.mp4'));
  });
  afterAll(() => folder?.remove());

  it('is as long as the recording was, in H.264 and AAC', async () => {
    const { streams, seconds } = await probe(captured.file('meeting.mp4'));
    expect(seconds).toBeCloseTo(12, 1);
    expect(streams).toMatchObject([
      { codec: 'h264', width: 640, height: 360, frames: 300 },
      { codec: 'aac', width: 0, height: 0 },
    ]);
  });

  it('has every voice when it was heard, and at no other time', () => {
    expect(pitch(sound, 440, 0.1, 0.8)).toBeLessThan(0.001);
    expect(pitch(sound, 440, 1.2, 3.8)).toBeGreaterThan(0.08);
    expect(pitch(sound, 1760, 1.2, 3.8)).toBeLessThan(0.001);
    expect(pitch(sound, 1760, 4.2, 7.8)).toBeGreaterThan(0.08);
    expect(pitch(sound, 1760, 8.2, 10.8)).toBeLessThan(0.001);
    expect(pitch(sound, 440, 11.2, 11.9)).toBeLessThan(0.001);
  });

  it('shows the camera while it was on', async () => {
    const before = (await frameAt(captured.file('meeting.mp4'), 0.5)).color(0.45, 0.3, 0.1, 0.1);
    const on = (await frameAt(captured.file('meeting.mp4'), 2)).color(0.45, 0.3, 0.1, 0.1);
    expect(before.red).toBeLessThan(80);
    expect(on).toMatchObject({ red: expect.closeTo(252, -1.5), green: expect.closeTo(0, -1.5) });
  });

  it('shows a screen large, with people beside it', async () => {
    const frame = await frameAt(captured.file('meeting.mp4'), 8);
    expect(frame.color(0.3, 0.3, 0.2, 0.2).green).toBeGreaterThan(220);
    expect(frame.color(0.3, 0.3, 0.2, 0.2).red).toBeLessThan(40);
  });
});
