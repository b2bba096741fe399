import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ffmpeg, FfmpegError, findFfmpeg } from '../../../../src/recording/compose/ffmpeg.js';
import { type TemporaryFolder, temporaryFolder } from '../../../support/index.js';

vi.setConfig({ testTimeout: 300_000 });

const signal = new AbortController().signal;
let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

describe('FFmpeg', () => {
  it('is the one of the setting, before the one on the path, before the one that came with the packages', async () => {
    vi.stubEnv('PATH', folder.path);
    expect(await findFfmpeg()).toContain('@ffmpeg-installer');
    await writeFile(path.join(folder.path, 'ffmpeg'), '#!/bin/sh\n', { mode: 0o755 });
    expect((await Ffmpeg.find({ FFMPEG_PATH: undefined })).program).toBe(path.join(folder.path, 'ffmpeg'));
    expect((await Ffmpeg.find({ FFMPEG_PATH: '/opt/ffmpeg' })).program).toBe('/opt/ffmpeg');
  });

  it('that is missing says so, and says nothing of files', async () => {
    const missing = await Ffmpeg.find({ FFMPEG_PATH: path.join(folder.path, 'none') });
    await expect(missing.run(['-version'], { signal })).rejects.toThrow('FFmpeg could not be started');
    await expect(missing.canShow('any.mkv', signal)).rejects.toThrow(FfmpegError);
  });

  it('that fails says why', async () => {
    const ffmpeg = await Ffmpeg.find({ FFMPEG_PATH: undefined });
    await expect(ffmpeg.run(['-i', 'no-such-file.mkv', '-f', 'null', '-'], { signal })).rejects.toThrow('No such file');
  });

  it('takes names as they are: none is an option, a pattern or a line for a shell', async () => {
    const ffmpeg = await Ffmpeg.find({ FFMPEG_PATH: undefined });
    const place = path.join(folder.path, `a "b" 'c' $(touch d) %d;`);
    await mkdir(place);
    await ffmpeg.run(['-f', 'lavfi', '-i', 'color=c=red:s=16x16:d=1', '-c:v', 'libvpx', 'x.mkv'], { signal, cwd: place });
    expect(await ffmpeg.canShow(path.join(place, 'x.mkv'), signal)).toBe(true);
  });

  it('can show nothing of a file of rubbish', async () => {
    const ffmpeg = await Ffmpeg.find({ FFMPEG_PATH: undefined });
    const file = path.join(folder.path, 'rubbish.mkv');
    await writeFile(file, Buffer.alloc(10_000, 7));
    expect(await ffmpeg.canShow(file, signal)).toBe(false);
  });

  it('is killed with the signal, and gives its reason', async () => {
    const ffmpeg = await Ffmpeg.find({ FFMPEG_PATH: undefined });
    const control = new AbortController();
    const endless = ffmpeg.run(['-re', '-f', 'lavfi', '-i', 'color=c=red:s=16x16', '-f', 'null', '-'], {
      signal: control.signal,
      onTime: () => control.abort(new Error('enough')),
    });
    await expect(endless).rejects.toThrow('enough');
    await expect(ffmpeg.run(['-version'], { signal: control.signal })).rejects.toThrow('enough');
  });
});
