import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Download, downloadSchema } from '../../../../src/recording/archive/schema.js';
import { Ffmpeg } from '../../../../src/recording/compose/ffmpeg.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { testConfig, waitFor } from '../../../support/index.js';
import { ArchiveWorld, codeOf } from './archive-world.js';

let world: ArchiveWorld;
let recording: Recording;
let ffmpeg: Ffmpeg;
/** Two seconds of grey, and a tone. */
let film: Buffer;
const signal = new AbortController().signal;

beforeAll(async () => {
  world = await ArchiveWorld.open();
  ffmpeg = await Ffmpeg.find(testConfig());
  const cwd = world.world.folder.path;
  const picture = ['-f', 'lavfi', '-i', 'color=c=gray:s=640x360:r=10:d=2'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2'];
  await ffmpeg.run([...picture, ...sound, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest', 'film.mp4'], {
    signal,
    cwd,
  });
  film = await readFile(path.join(cwd, 'film.mp4'));
});
afterAll(() => world.close());
beforeEach(async () => {
  recording = await world.recording({ watermark: true, keepDays: null }, film);
});

const downloads = () => `/api/recordings/${recording.id}/downloads`;
const ask = async (by = world.member): Promise<Download> => downloadSchema.parse((await world.as(by, 'POST', downloads())).body);
const look = async (id: string): Promise<Download> =>
  downloadSchema.parse((await world.as(world.member, 'GET', `${downloads()}/${id}`)).body);
const until = (id: string, state: Download['state']) =>
  waitFor(
    async () => {
      const download = await look(id);
      return download.state === state ? download : null;
    },
    `the download is ${state}`,
    { deadlineMs: 120_000 },
  );

describe('a download with a watermark', () => {
  it('has the name of who downloads it in the picture, and the sound as it was', async () => {
    const asked = await ask();
    expect(asked).toMatchObject({ state: 'waiting', progress: 0, bytes: null });
    const ready = await until(asked.id, 'ready');
    expect(ready.progress).toBe(1);
    const answer = await world.fetch(`${downloads()}/${asked.id}/file`, { person: world.member });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([answer.status, answer.headers.get('etag'), bytes.length]).toEqual([200, `"${ready.sha256}"`, ready.bytes]);
    expect(answer.headers.get('content-disposition')).toContain('attachment; filename="Weekly ');
    const { stdev } = await frameOf(bytes);
    expect((await frameOf(film)).stdev).toBeLessThan(1);
    expect(stdev).toBeGreaterThan(3);
    const taken = (await world.audited('recording.downloaded')).filter(({ subject }) => subject.download === asked.id);
    expect(taken).toMatchObject([{ actor: 'Milo', detail: { watermark: true, bytes: ready.bytes, sha256: ready.sha256 } }]);
    expect((await world.audited('recording.download-asked')).at(-1)).toMatchObject({ actor: 'Milo' });
  });

  it('is one for each person and version, and nobody else gets it', async () => {
    const asked = await ask();
    expect((await ask()).id).toBe(asked.id);
    expect((await ask(world.host)).id).not.toBe(asked.id);
    expect(codeOf(await world.as(world.host, 'GET', `${downloads()}/${asked.id}`))).toBe('RECORDING_DOWNLOAD_NOT_FOUND');
    expect(codeOf(await world.as(world.other, 'POST', downloads()))).toBe('RECORDING_NOT_FOUND');
    await until(asked.id, 'ready');
  });

  it('is gone after a day', async () => {
    const asked = await ask();
    await until(asked.id, 'ready');
    world.later(86_400_000);
    expect(codeOf(await world.as(world.member, 'GET', `${downloads()}/${asked.id}/file`))).toBe('RECORDING_DOWNLOAD_NOT_FOUND');
    const key = `recordings/${recording.orgId}/${recording.id}/downloads/${asked.id}.mp4`;
    expect(await world.world.blobs.stat(key)).not.toBeNull();
    await world.world.jobs.enqueue({ name: 'recording.tidy-downloads', schema: z.object({}) }, {});
    await waitFor(async () => (await world.world.blobs.stat(key)) === null, 'the copy is deleted');
  });

  it('is not given any more when a passage was cut out since', async () => {
    const asked = await ask();
    await until(asked.id, 'ready');
    await world.as(world.host, 'POST', `/api/recordings/${recording.id}/edits`, { what: 'redact', fromMs: 0, toMs: 500, reason: 'x' });
    await world.version(recording, 2, film);
    expect(codeOf(await world.as(world.member, 'GET', `${downloads()}/${asked.id}/file`))).toBe('RECORDING_DOWNLOAD_NOT_FOUND');
    expect((await ask()).id).not.toBe(asked.id);
  });

  it('fails for what is no film, and can be asked for again', async () => {
    recording = await world.recording({ watermark: true, keepDays: null });
    const asked = await ask();
    await until(asked.id, 'failed');
    expect(codeOf(await world.as(world.member, 'GET', `${downloads()}/${asked.id}/file`))).toBe('RECORDING_NOT_READY');
    expect((await ask()).id).not.toBe(asked.id);
  });

  it('whose run was killed is made when it is asked for again, and not twice by two runs', async () => {
    const asked = await ask();
    await until(asked.id, 'ready');
    const set = (aliveAt: number) =>
      world.database.query(`update recording_downloads set state = 'rendering', alive_at = $2 where id = $1`, [
        asked.id,
        new Date(aliveAt),
      ]);
    await set(world.world.office.now);
    await ask();
    await set(world.world.office.now - 61_000);
    await ask();
    await until(asked.id, 'ready');
  });

  it('is refused to who may not download', async () => {
    recording = await world.recording({ download: false }, film);
    expect(codeOf(await world.as(world.member, 'POST', downloads()))).toBe('RECORDING_FORBIDDEN');
  });
});

/** How much the pixels of the first frame differ from each other. */
async function frameOf(bytes: Buffer): Promise<{ stdev: number }> {
  const cwd = world.world.folder.path;
  await writeFile(path.join(cwd, 'look.mp4'), bytes);
  await ffmpeg.run(['-i', 'look.mp4', '-frames:v', '1', 'look.png'], { signal, cwd });
  const { channels } = await sharp(await readFile(path.join(cwd, 'look.png'))).stats();
  return { stdev: channels[0]?.stdev ?? 0 };
}
