/** What goes wrong on the way: composing says what is missing, and makes the best of the rest. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTestDatabase, type TemporaryFolder, temporaryFolder } from '../../../support/index.js';
import { Captured } from './captured.js';
import { type MediaPackets, makeMedia } from './rtp-media.js';
import { frameAt, pitch, probe, samples } from './seen.js';

// FFmpeg at low priority, on machines that others use too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

interface Composed {
  readonly beginMs: number;
  readonly durationMs: number;
  readonly gaps: readonly { readonly what: string; readonly from: number; readonly to: number; readonly track: string }[];
}

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let red: MediaPackets;
let tone: MediaPackets;
let folder: TemporaryFolder;
let captured: Captured;
const middle = { x: 0.45, y: 0.3, width: 0.1, height: 0.1 };
const middleOf = async (seconds: number) =>
  (await frameAt(captured.file('meeting.mp4'), seconds)).color(middle.x, middle.y, middle.width, middle.height);
const report = async (): Promise<Composed> => JSON.parse(await readFile(captured.file('composed.json'), 'utf8'));
const heard = () => samples(captured.file('meeting.mp4'));

beforeAll(async () => {
  database = await openTestDatabase();
  red = await makeMedia({ codec: 'vp8', source: 'color=c=red:size=320x180:rate=25:duration=10', keyEvery: 25 });
  tone = await makeMedia({ codec: 'opus', source: 'sine=frequency=440:duration=10' });
});
beforeEach(async () => {
  folder = await temporaryFolder();
  captured = await Captured.open(folder.path, 11, database);
});
afterEach(() => folder.remove());
afterAll(() => database?.close());

describe('a segment', () => {
  it('that was altered after it was sealed is left out, named, and the rest is used', async () => {
    const track = await captured.track({ name: 'Ada', source: 'microphone' }, tone, { from: 0.5 });
    const second = captured.segments.get(track.id)?.[1];
    const file = path.join(folder.path, 'blobs', second?.blobKey ?? '');
    const bytes = await readFile(file);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await captured.compose();
    expect((await report()).gaps).toContainEqual(expect.objectContaining({ what: 'altered', segment: 1, track: track.id }));
    await captured.compose();
    const [row] = await database.query('select gaps from recording_tracks where id = $1', [track.id]);
    expect(row).toMatchObject({ gaps: [{ what: 'damaged', packets: 0 }] });
    const sound = await heard();
    expect(pitch(sound, 440, 1, 4)).toBeGreaterThan(0.08);
    expect(pitch(sound, 440, 5, 8)).toBeLessThan(0.001);
    expect(pitch(sound, 440, 9, 10)).toBeGreaterThan(0.08);
  });

  it('whose bytes are gone is named as missing', async () => {
    const track = await captured.track({ name: 'Ada', source: 'microphone' }, tone, { from: 0.5 });
    await captured.blobs.delete(captured.segments.get(track.id)?.[0]?.blobKey ?? '');
    await captured.compose();
    expect((await report()).gaps).toContainEqual(expect.objectContaining({ what: 'missing', segment: 0 }));
    expect(pitch(await heard(), 440, 5, 10)).toBeGreaterThan(0.08);
  });
});

describe('a picture', () => {
  it('that never stands alone is a card with the name', async () => {
    const keyless = { ...red, packets: red.packets.filter(({ bytes }) => !isKey(bytes)) };
    const track = await captured.track({ name: 'Ada', source: 'camera' }, keyless, { from: 0 });
    await captured.compose();
    expect((await middleOf(5)).red).toBeLessThan(120);
    expect((await report()).gaps).toContainEqual(expect.objectContaining({ what: 'damaged', track: track.id }));
  });

  it('waits for one that stands alone after a loss, and is shown again from there', async () => {
    await captured.track({ name: 'Ada', source: 'camera' }, red, {
      from: 0,
      sent: (seconds, index) => index < 0 || seconds < 3 || seconds > 5.5,
    });
    await captured.compose();
    expect((await middleOf(2)).red).toBeGreaterThan(220);
    // Nothing came for longer than a picture may stand: the card.
    expect((await middleOf(5)).red).toBeLessThan(120);
    expect((await middleOf(7)).red).toBeGreaterThan(220);
  });

  it('that becomes larger and turns upright is fitted into its place', async () => {
    const tall = await makeMedia({ codec: 'vp8', source: 'color=c=red:size=360x640:rate=25:duration=5' });
    const shift = 6 * red.clockRate;
    const packets = [
      ...red.packets.filter(({ seconds }) => seconds < 6),
      ...tall.packets.map(({ seconds, ticks, bytes }) => ({ seconds: seconds + 6, ticks: ticks + shift, bytes })),
    ].map(({ bytes, ...rest }) => ({ ...rest, bytes: withSsrc(bytes, red.ssrc) }));
    await captured.track({ name: 'Ada', source: 'camera' }, { ...red, packets }, { from: 0 });
    await captured.compose();
    const [wide, upright] = [await frameAt(captured.file('meeting.mp4'), 4), await frameAt(captured.file('meeting.mp4'), 9)];
    expect(wide.color(0.1, 0.4, 0.05, 0.1).red).toBeGreaterThan(220);
    expect(upright.color(0.45, 0.4, 0.1, 0.1).red).toBeGreaterThan(220);
    expect(upright.color(0.1, 0.4, 0.05, 0.1).red).toBeLessThan(120);
  });
});

describe('packets', () => {
  it('that come late, or are rubbish, do no harm', async () => {
    await captured.track({ name: 'Ada', source: 'microphone' }, tone, { from: 0.5, late: (index) => (index % 7 === 0 ? 0.4 : 0) });
    const noise = { ...tone, packets: tone.packets.map(({ bytes: _, ...packet }, index) => ({ ...packet, bytes: rubbish(index) })) };
    await captured.track({ name: 'Bo', source: 'microphone' }, noise, { from: 0.5 });
    await captured.track({ name: 'Cy', source: 'camera' }, { ...noise, mimeType: 'video/VP8' }, { from: 0.5 });
    await captured.compose();
    expect(pitch(await heard(), 440, 1, 10)).toBeGreaterThan(0.08);
    expect((await report()).gaps.filter(({ what }) => what === 'lost')).toEqual([]);
  });

  it('that were lost are a gap as long as it was, and are named', async () => {
    const track = await captured.track({ name: 'Ada', source: 'microphone' }, tone, {
      from: 0,
      sent: (seconds, index) => index < 0 || seconds < 3 || seconds > 6,
    });
    await captured.compose();
    const sound = await heard();
    expect(pitch(sound, 440, 0.5, 2.9)).toBeGreaterThan(0.08);
    expect(pitch(sound, 440, 3.1, 5.9)).toBeLessThan(0.001);
    expect(pitch(sound, 440, 6.1, 9.9)).toBeGreaterThan(0.08);
    const [gap] = (await report()).gaps;
    expect(gap).toMatchObject({ what: 'lost', track: track.id });
    expect(Math.abs((gap?.from ?? 0) - 3_000)).toBeLessThan(150);
    expect(Math.abs((gap?.to ?? 0) - 6_000)).toBeLessThan(150);
  });

  it('that came while the publisher was muted are not heard', async () => {
    const marks = [
      { at: 3, mark: { what: 'muted' } as const },
      { at: 6, mark: { what: 'unmuted' } as const },
    ];
    await captured.track({ name: 'Ada', source: 'microphone' }, tone, { from: 0, marks });
    await captured.compose();
    const sound = await heard();
    expect(pitch(sound, 440, 0.5, 2.9)).toBeGreaterThan(0.08);
    expect(pitch(sound, 440, 3.1, 5.9)).toBeLessThan(0.001);
    expect(pitch(sound, 440, 6.1, 9.9)).toBeGreaterThan(0.08);
    expect((await report()).gaps).toEqual([]);
  });

  it('of a microphone whose clock stood still while it was away are heard when they were said', async () => {
    // Five seconds later by our clock, without a step in its own.
    const packets = tone.packets.map((packet) => (packet.seconds < 4 ? packet : { ...packet, seconds: packet.seconds + 2 }));
    await captured.track({ name: 'Ada', source: 'microphone' }, { ...tone, packets }, { from: 0, reports: 0 });
    await captured.compose();
    const sound = await heard();
    expect(pitch(sound, 440, 0.5, 3.9)).toBeGreaterThan(0.08);
    expect(pitch(sound, 440, 4.1, 5.9)).toBeLessThan(0.001);
    expect(pitch(sound, 440, 6.1, 10.9)).toBeGreaterThan(0.08);
  });
});

describe('a recording', () => {
  it('without a track has nothing to compose', async () => {
    await captured.compose();
    expect(await captured.files()).toEqual([]);
  });

  it('of words alone has nothing to compose', async () => {
    captured = await Captured.open(folder.path, 11, database, 'transcript');
    await captured.track({ name: 'Ada', source: 'microphone' }, tone, { from: 0 });
    await captured.compose();
    expect(await captured.files()).toEqual([]);
  });

  it('shows nothing of a track whose owner withdrew', async () => {
    const track = await captured.track({ name: 'Ada', source: 'microphone' }, tone, { from: 0 });
    await captured.withdraw(track);
    await captured.track({ name: 'Bo', source: 'camera' }, red, { from: 0 });
    await captured.compose();
    expect(pitch(await heard(), 440, 0.5, 10)).toBeLessThan(0.001);
  });

  it('of voices alone has a picture with cards, and its sound', async () => {
    await captured.track({ name: '陳大文', source: 'microphone' }, tone, { from: 0 });
    await captured.compose();
    const { streams } = await probe(captured.file('meeting.mp4'));
    expect(streams.map(({ codec }) => codec)).toEqual(['h264', 'aac']);
    expect((await probe(captured.file('audio.m4a'))).seconds).toBeCloseTo(11, 1);
    // The disc with the first letter.
    const { red: r, blue } = (await frameAt(captured.file('meeting.mp4'), 5)).color(0.46, 0.5, 0.01, 0.01);
    expect(blue).toBeGreaterThan(r + 20);
  });
});

/** RFC 7741: an unfragmented descriptor of FFmpeg, then the first byte of the frame, whose lowest bit is 0 for a key frame. */
function isKey(packet: Buffer): boolean {
  const [descriptor = 0, extension = 0] = packet.subarray(12);
  if ((descriptor & 0x17) !== 0x10) return false;
  let at = 13;
  if ((descriptor & 0x80) !== 0) {
    at += 1;
    if ((extension & 0x80) !== 0) at += ((packet[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extension & 0x40) !== 0) at += 1;
    if ((extension & 0x30) !== 0) at += 1;
  }
  return ((packet[at] ?? 1) & 1) === 0;
}

function withSsrc(packet: Buffer, ssrc: number): Buffer {
  const changed = Buffer.from(packet);
  changed.writeUInt32BE(ssrc, 8);
  return changed;
}

/** Looks like RTP, as far as its head goes; what follows is anything. */
function rubbish(index: number): Buffer {
  const packet = Buffer.alloc(12 + (index % 40), index % 251);
  packet[0] = 0x80 | (index % 64);
  packet[1] = 111;
  packet.writeUInt32BE(77, 8);
  return packet;
}
