/** The whole way: peers that send real RTP, the media worker, taps, the recorder process, blobs. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Attendee } from '../../../../load-tests/media/attendee.js';
import { Pacer } from '../../../../load-tests/media/pacer.js';
import { Tally } from '../../../../load-tests/media/tally.js';
import type { VideoSettings } from '../../../../load-tests/media/video-source.js';
import { makeCertificate } from '../../../../load-tests/media/wire/certificate.js';
import { RoomEntrance } from '../../../../load-tests/recording/room-entrance.js';
import { createMedia, type Media, type MediaRoom, type TapWish } from '../../../../src/media/index.js';
import { newId } from '../../../../src/platform/ids.js';
import { createMetrics } from '../../../../src/platform/metrics.js';
import { fits } from '../../../../src/recording/capture/clock-fit.js';
import type { TrackEntry } from '../../../../src/recording/capture/index.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { testConfig, testLog, waitFor } from '../../../support/index.js';
import { type CaptureNode, CaptureWorld, sequencesOf } from './world.js';

const voice = { frameMs: 20, bitsPerSecond: 32_000, speaking: true };
const layer = (height: number, bitsPerSecond: number) => ({ width: (height * 16) / 9, height, bitsPerSecond });
const simulcast: VideoSettings = { framesPerSecond: 15, layers: [layer(180, 100_000), layer(360, 300_000), layer(720, 600_000)] };

const certificate = makeCertificate();
let world: CaptureWorld;
let node: CaptureNode;
let media: Media;
let room: MediaRoom;
let pacer: Pacer;
let people: Attendee[];
let number = 0;

beforeAll(async () => {
  world = await CaptureWorld.open();
  node = await world.node();
  media = await createMedia({
    config: testConfig({ MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN }),
    log: testLog(),
    metrics: createMetrics(),
    taps: { capture: node.recorder },
  });
});
afterAll(async () => {
  await media?.close();
  await world?.close();
});
beforeEach(async () => {
  room = await media.openRoom(`room-${number}`);
  pacer = new Pacer();
  people = [];
});
afterEach(async () => {
  await Promise.all(people.map((person) => person.close()));
  pacer.close();
  room.close();
});

async function join(peerId: string): Promise<{ microphoneId: string; cameraId: string }> {
  number += 1;
  const person = new Attendee(
    { number, microphone: voice, camera: simulcast },
    {
      entrance: new RoomEntrance({ room, peerId }),
      certificate,
      clips: [],
      tally: new Tally(),
      pacer,
      onVoice: () => undefined,
      onTrouble: (reason) => {
        throw reason;
      },
    },
  );
  people.push(person);
  const { microphoneId = '', cameraId = '' } = await person.join();
  return { microphoneId, cameraId };
}

function wish(producerId: string, { id: recordingId, orgId, meetingId }: Recording, personId = newId()): TapWish {
  return {
    producerId,
    purpose: 'capture',
    context: { recordingId, orgId, meetingId, personId, personName: 'Anna', participantId: newId(), language: 'en' },
  };
}

/** Waits until so much of each track of the recording is on the disk. */
async function wrote(recording: Recording, tracks: number, packets: number): Promise<void> {
  await waitFor(
    async () => {
      const spool = (await world.spool()).filter(({ header }) => header.recordingId === recording.id);
      const counts = spool.map(({ segments }) => segments.reduce((sum, segment) => sum + segment.packets, 0));
      return counts.length >= tracks && counts.every((count) => count >= packets);
    },
    `${tracks} tracks have ${packets} packets`,
    { deadlineMs: 40_000 },
  );
}

function gapsIn(entries: readonly TrackEntry[]): number {
  const numbers = sequencesOf(entries);
  return numbers.filter((sequence, index) => index > 0 && sequence !== (((numbers[index - 1] ?? 0) + 1) & 0xffff)).length;
}

test('Everything that was sent of a voice and a picture is kept, with reports of its clock, and nothing after the wish was withdrawn', async () => {
  const recording = await world.record();
  const { microphoneId, cameraId } = await join('anna');
  const both = [wish(microphoneId, recording), wish(cameraId, recording)];
  room.setTaps(both);
  await wrote(recording, 2, 100);
  // She withdraws her picture, and goes on to be heard.
  room.setTaps(both.slice(0, 1));
  const withdrawnAt = Date.now();
  const rows = await waitFor(async () => {
    const found = await world.database.query<{ id: string; source: string; clockRate: number; state: string }>(
      `select id, source, clock_rate as "clockRate", state from recording_tracks where recording_id = $1`,
      [recording.id],
    );
    return found.some(({ source, state }) => source === 'camera' && state === 'closed') && found;
  }, 'the picture is closed');
  await waitFor(
    async () =>
      (await world.spool()).some(({ header, segments }) => header.source === 'microphone' && (segments.at(-1)?.lastAt ?? 0) > withdrawnAt),
    'she is heard afterwards',
  );
  await world.seal(node, recording);
  for (const { id, source, clockRate } of rows) {
    const entries = await world.sealed(id);
    expect(gapsIn(entries)).toBe(0);
    const last = entries.at(-1)?.at ?? 0;
    if (source === 'camera') expect(last).toBeLessThanOrEqual(withdrawnAt);
    else expect(last).toBeGreaterThan(withdrawnAt);
    const reports = entries.flatMap((entry) => (entry.kind === 'report' ? [entry] : []));
    expect(reports.length).toBeGreaterThan(0);
    const packets = entries.flatMap((entry) => (entry.kind === 'packet' ? [{ rtp: entry.packet.readUInt32BE(4), at: entry.at }] : []));
    for (const report of reports) expect(packets.some((packet) => fits(report, packet, clockRate))).toBe(true);
    // All are of one layer, whatever the consumer began with.
    expect(new Set(reports.map(({ ssrc }) => ssrc)).size).toBe(1);
  }
});

test('After a kill -9 of the recorder it is there again and captures on, as further tracks', async () => {
  const recording = await world.record();
  const { microphoneId } = await join('anna');
  room.setTaps([wish(microphoneId, recording)]);
  await wrote(recording, 1, 20);
  process.kill(node.recorder.pid ?? 0, 'SIGKILL');
  await waitFor(async () => (await world.rows(recording)).length === 2, 'another track has begun');
  const [first, second] = await world.rows(recording);
  await wrote(recording, 2, 20);
  await world.seal(node, recording);
  const [before, after] = [await world.sealed(first?.id ?? ''), await world.sealed(second?.id ?? '')];
  expect(gapsIn(before)).toBe(0);
  expect(gapsIn(after)).toBe(0);
  expect((await world.rows(recording)).map(({ gaps }) => gaps.map(({ what }) => what))).toEqual([['interrupted'], []]);
});

test('After a kill -9 of the media worker tracks end, and what is sent then becomes others', async () => {
  const recording = await world.record();
  const { microphoneId } = await join('anna');
  const personId = newId();
  room.setTaps([wish(microphoneId, recording, personId)]);
  await wrote(recording, 1, 20);
  const moved = once(room, 'moved');
  process.kill(media.describe().workers[0]?.pid ?? 0, 'SIGKILL');
  await moved;
  await waitFor(async () => (await world.rows(recording))[0]?.state === 'closed', 'the track has ended');
  const again = await join('anna');
  room.setTaps([wish(again.microphoneId, recording, personId)]);
  await wrote(recording, 2, 20);
  await world.seal(node, recording);
  expect((await world.rows(recording)).map(({ state, gaps }) => [state, gaps])).toEqual([
    ['sealed', []],
    ['sealed', []],
  ]);
});

test('Muting is marked, and is no loss', async () => {
  const recording = await world.record();
  const { microphoneId } = await join('anna');
  room.setTaps([wish(microphoneId, recording)]);
  await wrote(recording, 1, 20);
  await room.setProducerPaused('anna', microphoneId, true);
  await room.setProducerPaused('anna', microphoneId, false);
  await wrote(recording, 1, 60);
  await world.seal(node, recording);
  const [row] = await world.rows(recording);
  const marks = (await world.sealed(row?.id ?? '')).flatMap((entry) => (entry.kind === 'mark' ? [entry.mark.what] : []));
  expect(marks).toEqual(['muted', 'unmuted']);
  expect(row?.gaps).toEqual([]);
});
