import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { editSchema, editsSchema } from '../../../../src/recording/archive/schema.js';
import { markEntry, packetEntry, readSegment, reportEntry, segmentMagic } from '../../../../src/recording/capture/track-log.js';
import { blobPrefix, type Recording } from '../../../../src/recording/recording.js';
import { ArchiveWorld, codeOf, cookieOf } from './archive-world.js';

let world: ArchiveWorld;
let recording: Recording;
beforeAll(async () => {
  world = await ArchiveWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  recording = await world.recording({ keepDays: null });
});

const dayMs = 86_400_000;
const edits = () => `/api/recordings/${recording.id}/edits`;
const edit = (body: object, by = world.host) => world.as(by, 'POST', edits(), { what: 'redact', reason: 'Account numbers', ...body });
const made = async (body: object) => editSchema.parse((await edit(body)).body);
const state = async () => (await world.world.recordings.get(recording.orgId, recording.id)).state;

describe('an edit', () => {
  it('has the recording put together anew without the passage, and nobody watches the old one', async () => {
    const begun = await world.as(world.member, 'POST', `/api/recordings/${recording.id}/plays`);
    const { id } = await made({ fromMs: 1_000, toMs: 5_000 });
    expect(await state()).toBe('processing');
    expect(world.woken).toBeGreaterThan(0);
    expect(await world.archive.editsOf(recording)).toEqual([{ what: 'redact', fromMs: 1_000, toMs: 5_000 }]);
    expect(await world.archive.editsForEvidence(recording)).toMatchObject([
      { id, reason: 'Account numbers', by: { name: 'Hana' }, originals: 'kept' },
    ]);
    await world.database.query(`update recordings set state = 'ready' where id = $1`, [recording.id]);
    expect((await world.fetch(`/api/recordings/${recording.id}/hls/index.m3u8`, { cookie: cookieOf(begun) })).status).toBe(403);
    expect((await world.audited('recording.edited')).at(-1)).toMatchObject({
      actor: 'Hana',
      detail: { what: 'redact', fromMs: 1_000, toMs: 5_000 },
    });
  });

  it('takes the lines of the passage along, also those that are transcribed afterwards', async () => {
    await world.line(recording, world.host, 0, 'before');
    await world.line(recording, world.host, 900, 'into it');
    await world.line(recording, world.member, 2_000, 'in it');
    await world.line(recording, world.member, 5_000, 'behind it');
    await made({ fromMs: 1_000, toMs: 5_000 });
    await world.line(recording, world.member, 3_000, 'found later');
    expect(await world.texts(recording)).toEqual(['before', 'behind it']);
    const { id } = await made({ what: 'trim', fromMs: 4_000, toMs: 3_600_000 });
    expect(await world.texts(recording)).toEqual(['behind it']);
    const undone = await world.as(world.host, 'POST', `${edits()}/${id}/undo`, { reason: 'Too much' });
    expect(editSchema.parse(undone.body).undone).toMatchObject({ by: 'Hana' });
    expect(await world.texts(recording)).toEqual(['before', 'behind it']);
  });

  it('is undone: what was said comes back', async () => {
    const lineId = await world.line(recording, world.member, 2_000, 'in it');
    const { id } = await made({ fromMs: 1_000, toMs: 5_000 });
    await world.version(recording, 2);
    expect((await world.as(world.host, 'POST', `${edits()}/${id}/undo`, { reason: 'Wrong passage' })).status).toBe(200);
    expect((await world.world.recordings.transcript(recording)).map((line) => [line.id, line.text])).toEqual([[lineId, 'in it']]);
    expect([await state(), await world.archive.editsOf(recording)]).toEqual(['processing', []]);
    expect(codeOf(await world.as(world.host, 'POST', `${edits()}/${id}/undo`, { reason: 'Again' }))).toBe('EDIT_FINAL');
    const list = editsSchema.parse((await world.as(world.host, 'GET', edits())).body).edits;
    expect(list).toMatchObject([{ id, undone: { by: 'Hana' } }]);
  });

  it('brings back nothing of somebody who was removed meanwhile', async () => {
    await world.line(recording, world.member, 2_000, 'in it');
    const { id } = await made({ fromMs: 1_000, toMs: 5_000 });
    await world.database.transaction((tx) => world.archive.removePerson(tx, recording, world.member.personId));
    await world.as(world.host, 'POST', `${edits()}/${id}/undo`, { reason: 'Wrong passage' });
    expect(await world.texts(recording)).toEqual([]);
  });

  it('is refused where nothing would be left, outside of the recording, while it is on, and to who may not', async () => {
    expect(codeOf(await edit({ what: 'trim', fromMs: 10_000, toMs: 10_500 }))).toBe('EDIT_LEAVES_NOTHING');
    await made({ what: 'trim', fromMs: 0, toMs: 60_000 });
    expect(codeOf(await edit({ what: 'trim', fromMs: 60_000, toMs: 120_000 }))).toBe('EDIT_LEAVES_NOTHING');
    expect(codeOf(await edit({ fromMs: 3_600_000, toMs: 3_700_000 }))).toBe('REQUEST_INVALID');
    expect(codeOf(await edit({ fromMs: 5, toMs: 5 }))).toBe('REQUEST_INVALID');
    expect(codeOf(await edit({ fromMs: 0, toMs: 5 }, world.member))).toBe('RECORDING_FORBIDDEN');
    await world.database.query(`update recordings set state = 'on' where id = $1`, [recording.id]);
    expect(codeOf(await edit({ fromMs: 0, toMs: 5 }))).toBe('RECORDING_NOT_READY');
  });
});

describe('originals', () => {
  const start = () => recording.startedAt.getTime();
  /** A packet each second of the first ten, and what belongs to them. */
  async function segment(trackId: string): Promise<string> {
    const key = `${blobPrefix(recording)}/tracks/${trackId}/00000.log`;
    const entries = [segmentMagic, reportEntry(start(), { ssrc: 1, ntp: 5n, rtp: 7 }), markEntry(start() + 3_500, { what: 'muted' })];
    for (let second = 0; second < 10; second += 1) entries.push(packetEntry(start() + second * 1_000, Buffer.from([second])));
    const bytes = Buffer.concat(entries);
    await world.world.blobs.put(key, bytes);
    await world.database.query(
      'insert into recording_segments (org_id, track_id, number, blob_key, bytes, sha256, first_at, last_at) values ($1, $2, 0, $3, $4, $5, $6, $7)',
      [
        recording.orgId,
        trackId,
        key,
        bytes.length,
        createHash('sha256').update(bytes).digest('hex'),
        recording.startedAt,
        new Date(start() + 9_000),
      ],
    );
    return key;
  }
  const read = async (key: string): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of (await world.world.blobs.get(key)) ?? []) parts.push(Buffer.from(part));
    return Buffer.concat(parts);
  };
  const packets = async (key: string) =>
    [...readSegment(await read(key))].flatMap((entry) => (entry.kind === 'packet' ? [entry.packet[0]] : []));
  const night = () => world.night();
  const settle = (days: number | null) => world.as(world.admin, 'PUT', '/api/recording-originals', { days });

  it('are kept as long as nobody set otherwise, then so many days, then are taken out of what was captured', async () => {
    const key = await segment(await world.world.track(recording, world.member));
    await world.line(recording, world.member, 3_000, 'in it');
    const { id, finalOn } = await made({ fromMs: 2_000, toMs: 5_000 });
    expect(finalOn).toBeNull();
    await world.version(recording, 2);
    world.later(400 * dayMs);
    await night();
    expect((await packets(key)).length).toBe(10);
    expect((await settle(30)).body).toEqual({ days: 30 });
    world.world.hold = 'Matter 7';
    await night();
    expect((await packets(key)).length).toBe(10);
    world.world.hold = null;
    await night();
    expect(await packets(key)).toEqual([0, 1, 7, 8, 9]);
    expect([...readSegment(await read(key))].map(({ kind }) => kind).slice(0, 2)).toEqual(['report', 'mark']);
    const [row] = await world.database.query<{ bytes: number; sha256: string }>(
      'select bytes, sha256 from recording_segments where blob_key = $1',
      [key],
    );
    const kept = await read(key);
    expect(row).toEqual({ bytes: kept.length, sha256: createHash('sha256').update(kept).digest('hex') });
    expect(codeOf(await world.as(world.host, 'POST', `${edits()}/${id}/undo`, { reason: 'Late' }))).toBe('EDIT_FINAL');
    expect(await world.database.query('select 1 from recording_cut_lines where recording_id = $1', [recording.id])).toEqual([]);
    expect(await world.archive.editsForEvidence(recording)).toMatchObject([{ originals: 'deleted' }]);
    expect([await state(), (await world.audited('recording.originals-deleted')).at(-1)]).toMatchObject([
      'processing',
      { detail: { segments: 1 } },
    ]);
    expect(await world.archive.editsOf(recording)).toHaveLength(1);
  });

  it('are a matter of administrators', async () => {
    expect(codeOf(await world.as(world.host, 'GET', '/api/recording-originals'))).toBe('AUTH_FORBIDDEN');
    expect(codeOf(await world.as(world.host, 'PUT', '/api/recording-originals', { days: 1 }))).toBe('AUTH_FORBIDDEN');
    expect(codeOf(await world.as(world.admin, 'PUT', '/api/recording-originals', { days: -1 }))).toBe('REQUEST_INVALID');
    expect((await world.audited('recording.originals-changed')).at(-1)).toMatchObject({
      actor: 'Adam',
      detail: { before: null, after: 30 },
    });
  });
});
