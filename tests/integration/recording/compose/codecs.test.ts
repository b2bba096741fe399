/** Each codec that publishers may send, from its packets to a picture. */
import path from 'node:path';
import { EncodedPacketSink, FilePathSource, Input, MATROSKA } from 'mediabunny';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { openTestDatabase, type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { Captured } from './captured.js';
import { ffmpeg, type MediaPackets, makeMedia } from './rtp-media.js';
import { frameAt } from './seen.js';

// FFmpeg at low priority, on machines that others use too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let folder: TemporaryFolder;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

async function middleOf(media: MediaPackets): Promise<{ red: number; green: number; blue: number }> {
  const captured = await Captured.open(folder.path, 4, database);
  await captured.track({ name: 'Ada', source: 'camera' }, media, { from: 0 });
  await captured.compose({ COMPOSE_HEIGHT: 180 });
  return (await frameAt(captured.file('meeting.mp4'), 2)).color(0.45, 0.3, 0.1, 0.1);
}

it.each(['vp8', 'vp9', 'h264'] as const)('%s is shown', async (codec) => {
  const { red, green, blue } = await middleOf(await makeMedia({ codec, source: 'color=c=blue:size=320x180:rate=10:duration=4' }));
  expect(blue).toBeGreaterThan(200);
  expect(red + green).toBeLessThan(60);
});

it('av1 is shown, also when its units have a layer and lie in several packets', async () => {
  const { red, green, blue } = await middleOf(await av1Media());
  expect(blue).toBeGreaterThan(200);
  expect(red + green).toBeLessThan(60);
});

it('a picture that claims to be larger than any camera’s is not decoded: the card is shown', async () => {
  const media = await makeMedia({ codec: 'vp8', source: 'color=c=blue:size=320x180:rate=10:duration=4', keyEvery: 1_000 });
  const packets = media.packets.map((packet) => {
    const at = packet.bytes.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
    if (at === -1) return packet;
    const bytes = Buffer.from(packet.bytes);
    bytes.writeUInt16LE(16_383, at + 3);
    bytes.writeUInt16LE(16_383, at + 5);
    return { ...packet, bytes };
  });
  expect((await middleOf({ ...media, packets })).blue).toBeLessThan(160);
});

/** No FFmpeg of today sends AV1 by RTP: packetized here, as section 4 of its RTP specification says. */
async function av1Media(): Promise<MediaPackets> {
  const file = path.join(folder.path, 'blue.mkv');
  const encode = ['-c:v', 'libaom-av1', '-strict', 'experimental', '-cpu-used', '8', '-b:v', '200k', '-pix_fmt', 'yuv420p'];
  await ffmpeg(['-f', 'lavfi', '-i', 'color=c=blue:size=160x90:rate=5:duration=3', ...encode, '-g', '100', file]);
  const input = new Input({ source: new FilePathSource(file), formats: [MATROSKA] });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error('FFmpeg made no picture.');
  const sink = new EncodedPacketSink(track);
  const packets: { seconds: number; ticks: number; bytes: Buffer }[] = [];
  for await (const { data, timestamp, type } of sink.packets()) {
    const parts = unitsOf(Buffer.from(data)).flatMap((unit) => split(unit, 40));
    for (const [index, { bytes, continues, goesOn }] of parts.entries()) {
      const head = Buffer.alloc(13);
      head[0] = 0x80;
      head[1] = 96 | (index === parts.length - 1 ? 0x80 : 0);
      head.writeUInt32BE(7, 8);
      head[12] = (continues ? 0x80 : 0) | (goesOn ? 0x40 : 0) | 0x10 | (type === 'key' && index === 0 ? 0x08 : 0);
      packets.push({ seconds: timestamp, ticks: Math.round(timestamp * 90_000), bytes: Buffer.concat([head, bytes]) });
    }
  }
  input.dispose();
  return { mimeType: 'video/AV1', clockRate: 90_000, payloadType: 96, ssrc: 7, packets };
}

/** Units without their sizes, with the second byte of a layer. */
function unitsOf(data: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const head = data[at] ?? 0;
    let [size, shift] = [0, 0];
    at += 1;
    for (; ; at += 1, shift += 7) {
      size += ((data[at] ?? 0) & 0x7f) * 2 ** shift;
      if (((data[at] ?? 0) & 0x80) === 0) break;
    }
    at += 1;
    if (((head >> 3) & 0x0f) !== 2) units.push(Buffer.concat([Buffer.of((head & ~0x02) | 0x04, 0), data.subarray(at, at + size)]));
    at += size;
  }
  return units;
}

function split(unit: Buffer, size: number): { bytes: Buffer; continues: boolean; goesOn: boolean }[] {
  const count = Math.ceil(unit.length / size);
  return Array.from({ length: count }, (_, index) => ({
    bytes: unit.subarray(index * size, (index + 1) * size),
    continues: index > 0,
    goesOn: index < count - 1,
  }));
}
