/** The recorder process for real: RTP by UDP in, logs with hashes out, whatever is killed. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { segmentName } from '../../../../src/recording/capture/spool.js';
import { waitFor } from '../../../support/index.js';
import { type CaptureNode, CaptureWorld, Publisher, sequencesOf } from './world.js';

let world: CaptureWorld;
let node: CaptureNode;
beforeAll(async () => {
  world = await CaptureWorld.open();
  node = await world.node();
});
afterAll(() => world?.close());

const trackOf = async (publisher: Publisher) => (await world.spool()).find(({ header }) => header.id === publisher.stream.id);

describe('What is captured', () => {
  test('is what came, across a wrap of numbers and times, and nothing that others sent to the port', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    const sent = Array.from({ length: 60 }, () => anna.packet());
    const numbers = sent.map((packet) => packet.readUInt16BE(2));
    await anna.send(
      ...sent.slice(0, 30),
      anna.packet(7, { ssrc: 1_234 }),
      Buffer.from('x'),
      Buffer.from([0x80, 200, 0, 0]),
      ...sent.slice(30),
    );
    // What has not been read from the socket when a track ends is none of it.
    await world.wrote(anna, sent.length);
    await world.seal(node, recording);
    expect(numbers).toContain(0);
    const entries = await world.sealed(anna.stream.id);
    expect(sequencesOf(entries)).toEqual(numbers);
    expect(entries.flatMap((entry) => (entry.kind === 'packet' ? [entry.packet] : []))).toEqual(sent);
    expect(await world.rows(recording)).toMatchObject([{ id: anna.stream.id, state: 'sealed', packets: 60, gaps: [] }]);
    anna.close();
  });

  test('has arrival times, marks of muting, and the reports of the layer that its packets belong to', async () => {
    const recording = await world.record();
    const cleo = await new Publisher(recording, 'camera').begin(node);
    const other = { ssrc: 12, ntp: 5n << 32n, rtp: 2_000_000_000, at: Date.now() };
    cleo.receiver.reported(other);
    const first = cleo.packet();
    cleo.receiver.reported({ ssrc: 11, ntp: 4n << 32n, rtp: first.readUInt32BE(4), at: Date.now() });
    const before = Date.now();
    await cleo.send(first);
    await world.wrote(cleo, 1);
    cleo.receiver.paused(true);
    cleo.receiver.paused(false);
    cleo.receiver.reported({ ...other, at: Date.now() });
    await world.seal(node, recording);
    const entries = await world.sealed(cleo.stream.id);
    expect(entries.flatMap((entry) => (entry.kind === 'report' ? [[entry.ssrc, entry.ntp, entry.rtp]] : []))).toEqual([
      [11, 4n << 32n, first.readUInt32BE(4)],
    ]);
    expect(entries.flatMap((entry) => (entry.kind === 'mark' ? [entry.mark.what] : []))).toEqual(['muted', 'unmuted']);
    for (const { at } of entries.filter(({ kind }) => kind === 'packet')) expect(at).toBeGreaterThanOrEqual(before);
    cleo.close();
  });

  test('is closed in pieces with the hash of what lies on the disk, and the same hash goes into the rows', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    await waitFor(async () => {
      await anna.send(anna.packet());
      return ((await trackOf(anna))?.segments.length ?? 0) >= 2;
    }, 'two segments are closed');
    const track = await trackOf(anna);
    for (const { number, bytes, sha256 } of track?.segments ?? []) {
      const content = await readFile(path.join(track?.folder ?? '', segmentName(number)));
      expect(content.length).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
    await world.seal(node, recording);
    const segments = await world.recordings.segments({ orgId: world.orgId, id: anna.stream.id });
    expect(segments.slice(0, 2)).toMatchObject(
      (track?.segments ?? []).map(({ number, bytes, sha256 }) => ({ number, bytes, sha256 })).slice(0, 2),
    );
    expect(await world.spool()).toEqual([]);
    anna.close();
  });

  test('may be two tracks at once, each whole', async () => {
    const recording = await world.record();
    const tracks = [await new Publisher(recording).begin(node), await new Publisher(recording, 'screen').begin(node)];
    for (let round = 0; round < 50; round += 1) for (const track of tracks) await track.send(track.packet(undefined, { bytes: 1_000 }));
    for (const track of tracks) await world.wrote(track, 50);
    await world.seal(node, recording);
    for (const track of tracks) {
      expect(sequencesOf(await world.sealed(track.stream.id))).toHaveLength(50);
      track.close();
    }
  });
});

describe('What is missing', () => {
  test('is asked for, and when it comes late it is no loss', async () => {
    const recording = await world.record();
    const cleo = await new Publisher(recording, 'camera').begin(node);
    const packets = Array.from({ length: 6 }, () => cleo.packet());
    const [, , missing] = packets;
    const asked = cleo.heard();
    await cleo.send(...packets.filter((packet) => packet !== missing));
    const nack = await asked;
    expect(nack.readUInt8(1)).toBe(205);
    expect(nack.readUInt16BE(12)).toBe(missing?.readUInt16BE(2));
    if (missing) await cleo.send(missing);
    await world.wrote(cleo, 6);
    await world.seal(node, recording);
    const entries = await world.sealed(cleo.stream.id);
    expect(sequencesOf(entries)).toHaveLength(6);
    expect(sequencesOf(entries).at(-1)).toBe(missing?.readUInt16BE(2));
    expect((await world.rows(recording))[0]?.gaps).toEqual([]);
    expect(cleo.keyFrames).toBe(0);
    cleo.close();
  });

  test('and never comes is marked with its numbers and asks for a key frame at once; of sound it does not', async () => {
    const recording = await world.record();
    const cleo = await new Publisher(recording, 'camera').begin(node);
    const anna = await new Publisher(recording).begin(node);
    for (const publisher of [cleo, anna]) {
      await publisher.send(publisher.packet(65_534));
      await publisher.send(publisher.packet(3));
    }
    await waitFor(() => cleo.keyFrames === 1, 'a key frame is asked for');
    await waitFor(async () => {
      await anna.send(anna.packet());
      return (await trackOf(anna))?.segments.some(({ gaps }) => gaps.length > 0);
    }, 'the loss of sound is written down');
    await world.seal(node, recording);
    const lost = async (publisher: Publisher) =>
      (await world.sealed(publisher.stream.id)).flatMap((entry) => (entry.kind === 'mark' ? [entry.mark] : []));
    expect(await lost(cleo)).toEqual([{ what: 'lost', from: 65_535, to: 2 }]);
    expect(await lost(anna)).toEqual([{ what: 'lost', from: 65_535, to: 2 }]);
    expect((await world.rows(recording)).map(({ gaps }) => gaps)).toMatchObject([
      [{ what: 'lost', packets: 4 }],
      [{ what: 'lost', packets: 4 }],
    ]);
    expect(anna.keyFrames).toBe(0);
    for (const publisher of [cleo, anna]) publisher.close();
  });
});

describe('An end', () => {
  test('takes back what came after it, though that was there before the process knew', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    await anna.send(anna.packet());
    await world.wrote(anna, 1);
    anna.receiver.end();
    const last = Date.now();
    await anna.send(...Array.from({ length: 50 }, () => anna.packet()));
    await world.seal(node, recording);
    const entries = await world.sealed(anna.stream.id);
    expect(entries.every(({ at }) => at <= last)).toBe(true);
    expect((await world.rows(recording))[0]).toMatchObject({ state: 'sealed', gaps: [] });
    anna.close();
  });

  test('is idempotent, and afterwards nothing is taken, of reports neither', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    await anna.send(anna.packet());
    await world.wrote(anna, 1);
    for (let time = 0; time < 3; time += 1) anna.receiver.end();
    anna.receiver.paused(true);
    anna.receiver.reported({ ssrc: 1, ntp: 0n, rtp: 0, at: Date.now() });
    await world.seal(node, recording);
    expect((await world.sealed(anna.stream.id)).map(({ kind }) => kind)).toEqual(['packet']);
    anna.close();
  });
});

describe('A tap is refused', () => {
  test('for a recording that is not there, and nothing is left of it', async () => {
    const recording = { ...(await world.record()), id: '01900000-0000-7000-8000-000000000000' };
    await expect(new Publisher(recording).begin(node)).rejects.toThrow('there is no such recording');
    await waitFor(async () => (await world.spool()).every(({ header }) => header.recordingId !== recording.id), 'the folder is gone');
  });

  test('for a recording that was stopped', async () => {
    const recording = await world.record();
    await world.recordings.stop(recording, null);
    await expect(new Publisher(recording).begin(node)).rejects.toThrow('there is no such recording');
    await world.seal(node, recording);
    expect(await world.rows(recording)).toEqual([]);
  });

  test('when its context does not say whose it is', async () => {
    const recording = await world.record();
    const { stream } = new Publisher(recording);
    await expect(node.recorder.begin({ ...stream, context: { ...stream.context, recordingId: '' } })).rejects.toThrow();
    await expect(node.recorder.begin({ ...stream, id: '../../etc' })).rejects.toThrow();
    expect(await world.rows(recording)).toEqual([]);
  });
});

describe('A kill -9', () => {
  test('of the recorder loses nothing that it had written; it is started again and says so', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    await anna.send(...Array.from({ length: 5 }, () => anna.packet()));
    await world.wrote(anna, 5);
    const restarted = new Promise<void>((resolve) => node.recorder.onRestarted(resolve));
    process.kill(node.recorder.pid ?? 0, 'SIGKILL');
    await restarted;
    const again = await new Publisher(recording).begin(node);
    await again.send(again.packet());
    await world.wrote(again, 1);
    await world.seal(node, recording);
    const rows = await world.rows(recording);
    expect(rows).toMatchObject([
      { id: anna.stream.id, state: 'sealed', gaps: [{ what: 'interrupted', to: null }] },
      { id: again.stream.id, state: 'sealed', gaps: [], packets: 1 },
    ]);
    const kept = await world.sealed(anna.stream.id);
    expect(kept.length).toBe(rows[0]?.packets);
    expect(sequencesOf(kept)).toHaveLength(5);
    for (const publisher of [anna, again]) publisher.close();
  });
});
