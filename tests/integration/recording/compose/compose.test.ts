/** A recording put together by real FFmpeg from real RTP, and looked at by decoding it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chaptersOf } from '../../../../src/recording/chapters.js';
import { openTestDatabase, type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { Captured } from './captured.js';
import { makeMedia } from './rtp-media.js';
import { frameAt, pitch, probe, samples } from './seen.js';

// FFmpeg at low priority, on machines that others use too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describe('a meeting of three', () => {
  let folder: TemporaryFolder;
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let captured: Captured;
  let sound: Float32Array;

  beforeAll(async () => {
    folder = await temporaryFolder();
    database = await openTestDatabase();
    captured = await Captured.open(folder.path, 12, database);
    const red = await makeMedia({ codec: 'vp8', source: 'color=c=red:size=320x180:rate=25:duration=10' });
    const low = await makeMedia({ codec: 'opus', source: 'sine=frequency=440:duration=10' });
    const high = await makeMedia({ codec: 'opus', source: 'sine=frequency=1760:duration=4' });
    const green = await makeMedia({ codec: 'h264', source: 'color=c=lime:size=640x360:rate=15:duration=4' });
    await captured.track({ name: 'Ada Wong', participant: 'a', source: 'camera' }, red, { from: 1, clockAhead: 37 });
    await captured.track({ name: 'Ada Wong', participant: 'a', source: 'microphone' }, low, { from: 1, clockAhead: 37 });
    await captured.track({ name: '陳大文', participant: 'b', source: 'microphone' }, high, { from: 4, clockAhead: -5 });
    await captured.track({ name: "O'Neil: 100% \\ ../../etc\n", participant: 'c', source: 'screen' }, green, { from: 6, clockAhead: 1 });
    // Begun before the recording; then another one, and one that comes after it.
    await captured.turn('Minutes of last time', -30);
    await captured.turn('預算 2027', 8.5);
    await captured.turn('Too late', 12.5);
    await captured.compose();
    sound = await samples(captured.file('meeting.mp4'));
  });
  afterAll(async () => {
    await database?.close();
    await folder?.remove();
  });

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

  it('has its files: a stream in segments, small pictures, a waveform', async () => {
    const files = await captured.files();
    expect(files).toEqual(
      expect.arrayContaining(['audio.m4a', 'composed.json', 'meeting.mp4', 'thumbnails.vtt', 'waveform.json', 'hls/init.mp4']),
    );
    expect(await readFile(captured.file('thumbnails.vtt'), 'utf8')).toContain('00:00:10.000 --> 00:00:12.000\nthumb-0001.jpg');
    const list = await readFile(captured.file('hls/index.m3u8'), 'utf8');
    expect(list.match(/^\d+\.m4s$/gm)?.map((name) => `hls/${name}`)).toEqual(files.filter((name) => name.endsWith('.m4s')));
    expect((await probe(captured.file('hls/index.m3u8'))).seconds).toBeCloseTo(12, 1);
    const { data, length } = JSON.parse(await readFile(captured.file('waveform.json'), 'utf8'));
    expect(data).toHaveLength(2 * length);
    // Silence before the first voice, then a voice.
    expect(Math.max(...data.slice(0, length / 10))).toBeLessThan(3);
    expect(Math.max(...data)).toBeGreaterThan(10);
  });

  it('stands for itself by a picture in which people are, not by its dark beginning', async () => {
    const [red, green] = (await sharp(captured.file('thumb-0000.jpg')).stats()).channels;
    expect(red?.mean).toBeGreaterThan(2 * (green?.mean ?? 0));
  });

  it('has chapters where the meeting turned to an item of its agenda, and where the screen was shown', async () => {
    const chapters = await database.query('select at_ms, title, origin from recording_chapters where recording_id = $1 order by at_ms', [
      captured.recording.id,
    ]);
    expect(chapters).toEqual([
      { at_ms: 0, title: 'Minutes of last time', origin: 'agenda' },
      { at_ms: expect.closeTo(6_000, -2), title: "O'Neil: 100% \\ ../../etc\n", origin: 'screen' },
      { at_ms: 8_500, title: '預算 2027', origin: 'agenda' },
    ]);
    // To people, those of the agenda alone: the screen was shown a moment after it began.
    expect((await chaptersOf(database, captured.recording)).map(({ origin }) => origin)).toEqual(['agenda', 'agenda']);
  });

  it('keeps chapters of other origins when it is composed anew, and adds none twice', async () => {
    const { orgId, id } = captured.recording;
    await database.query(
      `insert into recording_chapters (org_id, recording_id, at_ms, title, origin) values ($1, $2, 5, 'Budget', 'topic'), ($1, $2, 7, 'Old', 'screen')`,
      [orgId, id],
    );
    await captured.compose();
    const chapters = await database.query('select title, origin from recording_chapters where recording_id = $1 order by at_ms', [id]);
    expect(chapters.map(({ origin }) => origin)).toEqual(['agenda', 'topic', 'screen', 'agenda']);
    expect(chapters).toContainEqual({ title: 'Budget', origin: 'topic' });
  });

  it('leaves nothing behind on the way', async () => {
    expect(await readdir(path.join(folder.path, 'work'))).toEqual([]);
  });

  it('shows a screen large, with people beside it', async () => {
    const frame = await frameAt(captured.file('meeting.mp4'), 8);
    expect(frame.color(0.3, 0.3, 0.2, 0.2).green).toBeGreaterThan(220);
    expect(frame.color(0.3, 0.3, 0.2, 0.2).red).toBeLessThan(40);
  });
});
