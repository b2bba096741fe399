/** Composing is broken off, and done again: after a kill, and after an edit. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTestDatabase, type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { Captured } from './captured.js';
import { type MediaPackets, makeMedia } from './rtp-media.js';
import { frameAt, pitch, probe, samples } from './seen.js';

// FFmpeg at low priority, on machines that others use too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let red: MediaPackets;
let tone: MediaPackets;
let folder: TemporaryFolder;
let captured: Captured;

beforeAll(async () => {
  database = await openTestDatabase();
  red = await makeMedia({ codec: 'vp8', source: 'color=c=red:size=320x180:rate=25:duration=10' });
  tone = await makeMedia({ codec: 'opus', source: 'sine=frequency=440:duration=10' });
});
afterAll(() => database?.close());
beforeEach(async () => {
  folder = await temporaryFolder();
  captured = await Captured.open(folder.path, 10, database);
  await captured.track({ name: 'Ada', participant: 'a', source: 'camera' }, red, { from: 0 });
  await captured.track({ name: 'Ada', participant: 'a', source: 'microphone' }, tone, { from: 0 });
});
afterEach(() => folder.remove());

const middleOf = async (seconds: number) => (await frameAt(captured.file('meeting.mp4'), seconds)).color(0.45, 0.3, 0.1, 0.1);
const workFolder = () => path.join(folder.path, 'work', captured.recording.id, 'v1');
/** When each of them was written. */
const written = async (names: readonly string[]) =>
  Promise.all(names.map(async (name) => (await stat(path.join(workFolder(), name))).mtimeMs));

describe('composing that is broken off', () => {
  it('throws why, ends its FFmpeg, and leaves no half file under a name', async () => {
    const control = new AbortController();
    const why = new Error('the server goes down');
    const broken = captured.compose({}, { signal: control.signal, progress: (ratio) => ratio > 0.25 && control.abort(why) });
    await expect(broken).rejects.toBe(why);
    const names = await readdir(workFolder());
    expect(names.filter((name) => name.startsWith('track-') && name.endsWith('.mkv'))).toHaveLength(2);
    expect(names.filter((name) => /^picture-\w+\.mp4$/.test(name))).toEqual([]);
    expect(await captured.files()).toEqual([]);
  });

  it('goes on with what was finished', async () => {
    const control = new AbortController();
    const stopped = captured.compose({}, { signal: control.signal, progress: (ratio) => ratio > 0.25 && control.abort(new Error('stop')) });
    await expect(stopped).rejects.toThrow('stop');
    const kept = (await readdir(workFolder())).filter((name) => /^(track|lane|sound)-[\w-]+\.\w+$/.test(name));
    expect(kept.length).toBeGreaterThanOrEqual(5);
    const before = await written(kept);
    const again = new AbortController();
    // Once more, to look at the folder before it goes.
    const second = captured.compose({}, { signal: again.signal, progress: (ratio) => ratio > 0.3 && again.abort(new Error('stop again')) });
    await expect(second).rejects.toThrow('stop again');
    expect(await written(kept)).toEqual(before);
    await captured.compose();
    expect((await probe(captured.file('meeting.mp4'))).seconds).toBeCloseTo(10, 1);
    expect((await middleOf(5)).red).toBeGreaterThan(220);
  });

  it('by kill -9 of the server goes on too, while the FFmpeg that was left still writes', async () => {
    const holder = path.join(import.meta.dirname, 'compose-holder.ts');
    const { orgId, id } = captured.recording;
    const child = spawn(process.execPath, ['--import', 'tsx', holder, database.url, folder.path, orgId, id], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Into the picture, where most of the time goes.
    for await (const line of createInterface(child.stdout)) if (Number(line) > 0.26) break;
    child.kill('SIGKILL');
    await once(child, 'close');
    const kept = (await readdir(workFolder())).filter((name) => /^(track|lane|sound)-[\w-]+\.\w+$/.test(name));
    expect(kept.length).toBeGreaterThanOrEqual(5);
    await captured.compose({ COMPOSE_HEIGHT: 720 });
    expect((await probe(captured.file('meeting.mp4'))).streams[0]?.frames).toBe(250);
    for (const at of [0.2, 5, 9.8]) expect((await middleOf(at)).red).toBeGreaterThan(220);
  });

  it('shows a card for a picture that FFmpeg breaks over, and all the rest', async () => {
    const blue = await makeMedia({ codec: 'vp8', source: 'color=c=blue:size=320x180:rate=25:duration=10' });
    const broken = await captured.track({ name: 'Bo', participant: 'b', source: 'camera' }, blue, { from: 0 });
    const control = new AbortController();
    const stopped = captured.compose({}, { signal: control.signal, progress: (ratio) => ratio > 0.25 && control.abort(new Error('stop')) });
    await expect(stopped).rejects.toThrow('stop');
    const file = (await readdir(workFolder())).find((name) => name.startsWith(`track-${broken.id}`) && name.endsWith('.mkv'));
    await writeFile(path.join(workFolder(), file ?? ''), Buffer.alloc(10_000, 7));
    await captured.compose();
    const frame = await frameAt(captured.file('meeting.mp4'), 5);
    expect(frame.color(0.2, 0.4, 0.1, 0.1).red).toBeGreaterThan(220);
    expect(frame.color(0.6, 0.3, 0.05, 0.05).blue).toBeLessThan(120);
  });

  it('says how far it is, never backwards', async () => {
    const told: number[] = [];
    await captured.compose({}, { progress: (ratio) => told.push(ratio) });
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    expect(told.length).toBeGreaterThan(8);
  });

  it('keeps nothing of an earlier version, which may show somebody who withdrew', async () => {
    const old = path.join(folder.path, 'work', captured.recording.id, 'v0');
    await mkdir(old, { recursive: true });
    await captured.compose({}, { version: 1 });
    await expect(readdir(old)).rejects.toThrow('ENOENT');
  });
});

describe('an edit', () => {
  it('that redacts a passage leaves silence and a card, and the time as it was', async () => {
    captured.edits = [{ what: 'redact', fromMs: 3_000, toMs: 6_000 }];
    await captured.compose();
    const sound = await samples(captured.file('meeting.mp4'));
    expect((await probe(captured.file('meeting.mp4'))).seconds).toBeCloseTo(10, 1);
    expect(pitch(sound, 440, 0.5, 2.9)).toBeGreaterThan(0.08);
    expect(pitch(sound, 440, 3.05, 5.95)).toBeLessThan(0.001);
    expect(pitch(sound, 440, 6.1, 9.9)).toBeGreaterThan(0.08);
    for (const [at, isShown] of [
      [2.9, true],
      [3.04, false],
      [5.9, false],
      [6.1, true],
    ] as const) {
      expect((await middleOf(at)).red > 200, `at ${at} s`).toBe(isShown);
    }
  });

  it('that trims takes away what lies outside, and says where the files begin', async () => {
    captured.edits = [
      { what: 'trim', fromMs: 2_000, toMs: 8_000 },
      { what: 'redact', fromMs: 0, toMs: 3_000 },
    ];
    await captured.compose();
    expect((await probe(captured.file('meeting.mp4'))).seconds).toBeCloseTo(6, 1);
    expect(JSON.parse(await readFile(captured.file('composed.json'), 'utf8'))).toMatchObject({ beginMs: 2_000, durationMs: 6_000 });
    const sound = await samples(captured.file('audio.m4a'));
    expect(pitch(sound, 440, 0.1, 0.95)).toBeLessThan(0.001);
    expect(pitch(sound, 440, 1.1, 5.9)).toBeGreaterThan(0.08);
    expect((await middleOf(0.5)).red).toBeLessThan(120);
    expect((await middleOf(3)).red).toBeGreaterThan(220);
  });

  it('that leaves nothing gives a file all the same', async () => {
    captured.edits = [{ what: 'trim', fromMs: 50_000, toMs: 60_000 }];
    await captured.compose();
    expect((await probe(captured.file('meeting.mp4'))).seconds).toBeLessThan(0.2);
  });
});

it('a pause is a card, and silence', async () => {
  await captured.pause(3, 5);
  await captured.compose();
  expect(pitch(await samples(captured.file('meeting.mp4')), 440, 3.05, 4.95)).toBeLessThan(0.001);
  expect((await middleOf(4)).red).toBeLessThan(120);
  expect((await middleOf(6)).red).toBeGreaterThan(220);
});

it('what was said is written into the picture where the setting asks for it', async () => {
  await captured.say('Ada', "It's 100% done: %{localtime} \\n <b>ship</b> 然後開會", 4, 8);
  const light = async (at: number) => (await frameAt(captured.file('meeting.mp4'), at)).color(0.3, 0.86, 0.4, 0.1).green;
  await captured.compose({ COMPOSE_CAPTIONS: true });
  expect(await light(6)).toBeGreaterThan((await light(2)) + 10);
});
