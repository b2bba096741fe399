/** The sound of one track, as those read it who make words of it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type AudioFrame, openTrackAudio } from '../../../../src/recording/compose/index.js';
import { openTestDatabase, type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { Captured, type Coming } from './captured.js';
import { type MediaPackets, makeMedia } from './rtp-media.js';

// FFmpeg at low priority, on machines that others use too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let tone: MediaPackets;
let folder: TemporaryFolder;

beforeAll(async () => {
  database = await openTestDatabase();
  tone = await makeMedia({ codec: 'opus', source: 'sine=frequency=440:duration=6' });
});
afterAll(() => database?.close());
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

async function read(coming: Coming): Promise<AudioFrame[]> {
  const captured = await Captured.open(folder.path, 10, database);
  const track = await captured.track({ name: 'Ada', source: 'microphone' }, tone, coming);
  const audio = openTrackAudio({ rows: captured.recordings, blobs: captured.blobs });
  const frames: AudioFrame[] = [];
  for await (const frame of audio.frames(captured.recording, track, new AbortController().signal)) frames.push(frame);
  return frames;
}

it('comes in order, on the clock of the recording, whatever the publisher thinks of the time', async () => {
  const frames = await read({ from: 2.5, clockAhead: -400_000, jitter: 0.05, late: (index) => (index % 9 === 0 ? 0.3 : 0) });
  expect(frames).toHaveLength(tone.packets.length);
  for (const [index, { atMs, durationMs }] of frames.entries()) {
    expect(durationMs).toBe(20);
    expect(Math.abs(atMs - 2_500 - index * 20)).toBeLessThan(60);
    if (index > 0) expect(atMs - (frames[index - 1]?.atMs ?? 0)).toBeCloseTo(20, 0);
  }
});

it('has no frames of what was muted, and none of what never came', async () => {
  const marks = [
    { at: 1, mark: { what: 'muted' } as const },
    { at: 2, mark: { what: 'unmuted' } as const },
  ];
  const frames = await read({ from: 0, delay: 0, jitter: 0, marks, sent: (seconds, index) => index < 0 || seconds < 3 || seconds >= 4 });
  const within = (from: number, to: number) => frames.filter(({ atMs }) => atMs > from && atMs < to).length;
  expect(within(1_000, 2_000)).toBe(0);
  expect(within(3_000, 3_980)).toBe(0);
  expect(within(2_010, 3_000)).toBeGreaterThan(45);
});

it('is given up with the signal', async () => {
  const captured = await Captured.open(folder.path, 10, database);
  const track = await captured.track({ name: 'Ada', source: 'microphone' }, tone, { from: 0 });
  const audio = openTrackAudio({ rows: captured.recordings, blobs: captured.blobs });
  const frames = audio.frames(captured.recording, track, AbortSignal.abort(new Error('enough')))[Symbol.asyncIterator]();
  await expect(frames.next()).rejects.toThrow('enough');
});
