/** Capture on disks that no machine has: one that is slow, one that breaks off in the middle, one that fails again and again. */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newId } from '../../../../src/platform/ids.js';
import { type Disk, type DiskFile, realDisk } from '../../../../src/recording/capture/disk.js';
import type { FromRecorder } from '../../../../src/recording/capture/recorder-calls.js';
import { RecorderCore } from '../../../../src/recording/capture/recorder-core.js';
import { readTrack, segmentName, type TrackHeader, trackFolder } from '../../../../src/recording/capture/spool.js';
import { readSegment } from '../../../../src/recording/capture/track-log.js';
import { waitFor } from '../../../support/wait-for.js';

let root: string;
let core: RecorderCore | null;
const socket = createSocket('udp4').unref();
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'causeway-capture-'));
  core = null;
});
afterEach(async () => {
  await core?.close(Date.now(), true);
  await rm(root, { recursive: true });
});

function header(source: TrackHeader['source'], ssrc: number): TrackHeader {
  const ids = { id: newId(), orgId: newId(), recordingId: newId(), meetingId: newId(), personId: newId(), participantId: newId() };
  return {
    ...ids,
    personName: 'Anna',
    source,
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    ssrc,
    payloadType: 100,
    startedAt: 0,
  };
}

/** A disk whose writes to segments go by `write`. */
function diskThat(write: (file: DiskFile, bytes: Buffer, position: number) => Promise<void>): Disk {
  return {
    ...realDisk,
    create: async (file) => {
      const real = await realDisk.create(file);
      if (!file.endsWith('.log')) return real;
      return { ...real, write: (bytes, position) => write(real, bytes, position) };
    },
  };
}

async function open(disk: Disk, bufferBytes: number) {
  const told: FromRecorder[] = [];
  core = new RecorderCore(
    { folder: root, segmentMs: 60_000, minFreeBytes: 0, bufferBytes },
    { disk, tell: (message) => told.push(message) },
  );
  await core.open();
  return { core, told };
}

async function begin(of: { core: RecorderCore; told: FromRecorder[] }, head: TrackHeader): Promise<number> {
  of.core.hear({ do: 'begin', header: head });
  const answer = await waitFor(() => of.told.find((said) => said.is === 'listening' && said.id === head.id), 'it listens');
  return answer.is === 'listening' ? answer.port : 0;
}

async function send(port: number, ssrc: number, sequence: number, bytes = 1_000): Promise<void> {
  const packet = Buffer.alloc(bytes);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(100, 1);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(ssrc, 8);
  await new Promise<void>((resolve) => socket.send(packet, port, '127.0.0.1', () => resolve()));
}

async function kept(head: TrackHeader) {
  const folder = trackFolder(root, head);
  const track = await readTrack(folder);
  const contents = await Promise.all((track?.segments ?? []).map(({ number }) => readFile(path.join(folder, segmentName(number)))));
  const hashes = contents.map((content) => createHash('sha256').update(content).digest('hex'));
  const entries = contents.flatMap((content) => [...readSegment(content)]);
  return {
    track,
    hashesAgree: hashes.every((hash, index) => hash === track?.segments[index]?.sha256),
    sequences: entries.flatMap((entry) => (entry.kind === 'packet' ? [entry.packet.readUInt16BE(2)] : [])),
    dropped: entries.flatMap((entry) => (entry.kind === 'mark' && entry.mark.what === 'dropped' ? [entry.mark] : [])),
  };
}

test('A write that breaks off in the middle leaves no hole and nothing twice', async () => {
  let failures = 6;
  const disk = diskThat(async (file, bytes, position) => {
    if (failures > 0) {
      failures -= 1;
      // What a disk takes before it is full.
      await file.write(bytes.subarray(0, Math.floor(bytes.length / 2)), position);
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    }
    await file.write(bytes, position);
  });
  const recorder = await open(disk, 1_000_000);
  const head = header('microphone', 11);
  const port = await begin(recorder, head);
  for (let sequence = 1; sequence <= 40; sequence += 1) await send(port, 11, sequence);
  await waitFor(() => recorder.told.some((said) => said.is === 'disk' && said.state === 'full'), 'it is told that the disk is full');
  await waitFor(() => recorder.told.some((said) => said.is === 'disk' && said.state === 'well'), 'and that it is well again');
  await recorder.core.close(Date.now(), true);
  const { track, sequences, hashesAgree } = await kept(head);
  expect(sequences).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  expect(hashesAgree).toBe(true);
  expect(track?.end).toMatchObject({ inOrder: true });
});

test('A disk that stands still costs no more memory than is allowed: pictures go first, then sound, and all is counted', async () => {
  let release = (): void => undefined;
  const still = new Promise<void>((resolve) => {
    release = resolve;
  });
  const bufferBytes = 100_000;
  const recorder = await open(
    diskThat(async (file, bytes, position) => {
      await still;
      await file.write(bytes, position);
    }),
    bufferBytes,
  );
  const [voice, picture] = [header('microphone', 21), header('camera', 22)];
  const [voicePort, picturePort] = [await begin(recorder, voice), await begin(recorder, picture)];
  let sequence = 0;
  const round = async () => {
    sequence += 1;
    await send(voicePort, 21, sequence);
    await send(picturePort, 22, sequence);
  };
  await waitFor(async () => {
    await round();
    return recorder.told.some((said) => said.is === 'disk' && said.state === 'slow');
  }, 'it is told that the disk is slow');
  for (let more = 0; more < 200; more += 1) await round();
  release();
  await waitFor(() => recorder.told.some((said) => said.is === 'disk' && said.state === 'well'), 'the disk is well again');
  const sent = sequence;
  await waitFor(
    () => recorder.told.some((said) => said.is === 'keyframe' && said.id === picture.id) || round().then(() => false),
    'a key frame',
  );
  await recorder.core.close(Date.now(), true);
  const [heard, seen] = [await kept(voice), await kept(picture)];
  const bytes = (count: number) => count * 1_013;
  expect(bytes(heard.sequences.filter((number) => number <= sent).length)).toBeLessThan(bufferBytes + 5_000);
  expect(seen.sequences.length).toBeLessThan(heard.sequences.length);
  for (const { sequences, dropped } of [heard, seen]) {
    const missing = dropped.reduce((sum, { packets }) => sum + packets, 0);
    expect(missing).toBeGreaterThan(0);
    expect(sequences.length + missing).toBeLessThanOrEqual(sequence);
    // What was on its way when it was closed was not taken.
    expect(sequences.length + missing).toBeGreaterThan(sequence - 50);
  }
  expect(heard.dropped.every(({ because }) => because === 'disk-slow')).toBe(true);
});

test('A disk that never gets well does not keep the end of a track from being told', { timeout: 60_000 }, async () => {
  const recorder = await open(
    diskThat(async () => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    }),
    1_000_000,
  );
  const head = header('microphone', 31);
  const port = await begin(recorder, head);
  await send(port, 31, 1);
  await waitFor(() => recorder.told.some((said) => said.is === 'disk' && said.state === 'full'), 'it is told');
  recorder.core.hear({ do: 'end', id: head.id, at: Date.now() });
  const ended = await waitFor(() => recorder.told.find((said) => said.is === 'ended'), 'it has ended', { deadlineMs: 40_000 });
  expect(ended).toMatchObject({ id: head.id, gaps: [{ what: 'disk-full', packets: 1 }] });
});

test('A track that ends before it has begun is ended all the same', async () => {
  const recorder = await open(realDisk, 1_000_000);
  const head = header('screen', 41);
  recorder.core.hear({ do: 'begin', header: head });
  recorder.core.hear({ do: 'end', id: head.id, at: Date.now() });
  await waitFor(() => recorder.told.some((said) => said.is === 'ended' && said.id === head.id), 'it has ended');
  expect((await kept(head)).track?.end).toMatchObject({ inOrder: true });
});
