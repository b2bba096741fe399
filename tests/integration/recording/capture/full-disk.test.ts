/** A disk that is full for real: a small file system of its own, which root may mount. */
import { execFile } from 'node:child_process';
import { rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CaptureWarning } from '../../../../src/recording/capture/index.js';
import { type TemporaryFolder, temporaryFolder, waitFor } from '../../../support/index.js';
import { type CaptureNode, CaptureWorld, Publisher, sequencesOf } from './world.js';

const run = promisify(execFile);
const sizeMb = 4;

/** Null: this machine lets us mount nothing. */
async function mountSmall(): Promise<TemporaryFolder | null> {
  const folder = await temporaryFolder();
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'none', folder.path]);
    return folder;
  } catch {
    await folder.remove();
    return null;
  }
}
const small = await mountSmall();

describe.skipIf(!small)('While the disk is full', () => {
  let world: CaptureWorld;
  let node: CaptureNode;
  const warnings: CaptureWarning[] = [];
  beforeAll(async () => {
    world = await CaptureWorld.open();
    node = await world.node({ RECORDING_SPOOL_MIN_FREE_MB: 0 }, small?.path);
    node.recorder.onWarning((warning) => warnings.push(warning));
  });
  afterAll(async () => {
    await world?.close();
    if (!small) return;
    await run('umount', [small.path]);
    await small.remove();
  });

  test('sound waits in memory and is all there, pictures are not kept and say so, and a key frame is asked for afterwards', async () => {
    const recording = await world.record();
    const [anna, cleo] = [await new Publisher(recording).begin(node), await new Publisher(recording, 'camera').begin(node)];
    const filler = path.join(small?.path ?? '', 'filler');
    await anna.send(anna.packet());
    await cleo.send(cleo.packet());
    for (const publisher of [anna, cleo]) await world.wrote(publisher, 1, small?.path);
    await writeFile(filler, Buffer.alloc(sizeMb * 1024 * 1024)).catch(() => undefined);
    let sound = 1;
    await waitFor(async () => {
      // More than the last page of the file, so that the disk has to refuse it.
      await anna.send(anna.packet(undefined, { bytes: 1_000 }));
      sound += 1;
      return warnings.some(({ state }) => state === 'full');
    }, 'the disk is told to be full');
    expect(warnings.at(-1)?.meetings.map(({ recordingId }) => recordingId)).toEqual([recording.id]);
    for (let round = 0; round < 20; round += 1) {
      await anna.send(anna.packet());
      await cleo.send(cleo.packet());
      sound += 1;
    }
    await rm(filler);
    await waitFor(() => warnings.at(-1)?.state === 'well', 'the disk is well again');
    await cleo.send(cleo.packet());
    await waitFor(() => cleo.keyFrames === 1, 'a key frame is asked for');
    await world.wrote(anna, sound, small?.path);
    await world.wrote(cleo, 2, small?.path);
    await world.seal(node, recording);
    expect(sequencesOf(await world.sealed(anna.stream.id))).toHaveLength(sound);
    const picture = await world.sealed(cleo.stream.id);
    expect(picture.flatMap((entry) => (entry.kind === 'mark' ? [entry.mark] : []))).toEqual([
      { what: 'dropped', packets: 20, because: 'disk-full' },
    ]);
    const rows = await world.rows(recording);
    expect(rows.find(({ id }) => id === anna.stream.id)).toMatchObject({ packets: sound, gaps: [] });
    expect(rows.find(({ id }) => id === cleo.stream.id)).toMatchObject({ packets: 2, gaps: [{ what: 'disk-full', packets: 20 }] });
    for (const publisher of [anna, cleo]) publisher.close();
  });

  test('a tap is refused, for its header has no room; the meeting goes on, and it is tried again', async () => {
    const recording = await world.record();
    const filler = path.join(small?.path ?? '', 'filler');
    await writeFile(filler, Buffer.alloc(sizeMb * 1024 * 1024)).catch(() => undefined);
    await expect(new Publisher(recording).begin(node)).rejects.toThrow(/ENOSPC/);
    expect(await world.rows(recording)).toEqual([]);
    await rm(filler);
    const anna = await new Publisher(recording).begin(node);
    await anna.send(anna.packet());
    await world.wrote(anna, 1, small?.path);
    await world.seal(node, recording);
    anna.close();
  });

  test('what a track could not write until its end is counted as missing', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    await anna.send(anna.packet());
    await world.wrote(anna, 1, small?.path);
    const filler = path.join(small?.path ?? '', 'filler');
    await writeFile(filler, Buffer.alloc(sizeMb * 1024 * 1024)).catch(() => undefined);
    const before = warnings.length;
    await waitFor(async () => {
      await anna.send(anna.packet(undefined, { bytes: 1_000 }));
      return warnings.length > before;
    }, 'the disk is told to be full');
    // The recorder waits for the disk for a while; then there is no room for a word about the end either.
    await expect(world.seal(node, recording)).rejects.toThrow(/ENOSPC/);
    await rm(filler);
    await world.seal(node, recording);
    const [row] = await world.rows(recording);
    expect(row).toMatchObject({ state: 'sealed' });
    expect(row?.gaps.map(({ what }) => what).sort()).toEqual(['disk-full', 'interrupted']);
    expect(sequencesOf(await world.sealed(anna.stream.id)).length).toBe(row?.packets);
    anna.close();
  });
});

describe('With less room than there should be', () => {
  test('pictures are not kept, sound is', async () => {
    const world = await CaptureWorld.open();
    const { bavail, bsize } = await statfs(world.folder.path);
    const node = await world.node({ RECORDING_SPOOL_MIN_FREE_MB: Math.ceil((bavail * bsize) / 1024 / 1024) + 10_000 });
    const states: string[] = [];
    node.recorder.onWarning(({ state }) => states.push(state));
    try {
      const recording = await world.record();
      const [anna, cleo] = [await new Publisher(recording).begin(node), await new Publisher(recording, 'screen').begin(node)];
      await waitFor(() => states.includes('low'), 'it is told');
      await cleo.send(cleo.packet());
      await anna.send(anna.packet());
      await world.wrote(anna, 1);
      await world.seal(node, recording);
      const rows = await world.rows(recording);
      expect(rows.find(({ id }) => id === anna.stream.id)).toMatchObject({ packets: 1, gaps: [] });
      expect(rows.find(({ id }) => id === cleo.stream.id)).toMatchObject({ packets: 0, gaps: [{ what: 'disk-full', packets: 1 }] });
      for (const publisher of [anna, cleo]) publisher.close();
    } finally {
      await world.close();
    }
  });
});
