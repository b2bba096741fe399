/** Manifests: what they say, how they are chained, and that nobody changes them. */
import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../../../src/platform/principal.js';
import { genesis, linkSchema, type Manifest, manifestSchema, sha256Of } from '../../../../src/recording/evidence/manifest.js';
import { blobPrefix, type Recording } from '../../../../src/recording/recording.js';
import { EvidenceWorld } from './evidence-world.js';

let world: EvidenceWorld;
let ana: Principal;
let ben: Principal;
beforeAll(async () => {
  world = await EvidenceWorld.open();
  ana = await world.base.person('Ana');
  ben = await world.base.person('Ben');
});
afterAll(() => world?.close());

async function manifestOf(recording: Recording, version = 1): Promise<Manifest> {
  const signed = await world.evidence.manifests.of(recording, version);
  return manifestSchema.parse(JSON.parse(signed?.manifest ?? '{}'));
}
const links = (orgId: string) =>
  world.base.office.database.query<{ number: number; link: string; hash: string; signature: Buffer; public_key: string }>(
    'select number, link, hash, signature, public_key from recording_manifests m join evidence_keys k on k.org_id = m.org_id and k.id = m.key_id where m.org_id = $1 order by number',
    [orgId],
  );

describe('A manifest', () => {
  it('says who was there, who agreed to what, what was captured and made, and what it was made with', async () => {
    world.summary = { topics: ['Budget'] };
    world.edits = [{ fromMs: 0, toMs: 1_000, what: 'trim' }];
    const recording = await world.sign(await world.recorded([ana, ben], { title: 'Budget 預算' }));
    world.summary = null;
    world.edits = [];
    const manifest = await manifestOf(recording);
    expect(manifest).toMatchObject({
      software: '1.2.3',
      organisation: { name: 'Harbour Ltd' },
      recording: { id: recording.id, title: 'Budget 預算', version: 1, reason: 'first', startedBy: { name: 'Ana' } },
      meeting: { id: recording.meetingId, title: 'Weekly' },
      policy: { consent: 'ask', keepDays: 365 },
      participants: [{ name: 'Ana' }, { name: 'Ben' }],
      missing: [],
      edits: [{ fromMs: 0, toMs: 1_000, what: 'trim' }],
    });
    expect(manifest.consent.entries.map(({ number, person, what }) => [number, person.name, what])).toEqual([
      [1, 'Ana', 'yes'],
      [2, 'Ben', 'yes'],
    ]);
    expect(manifest.consent.notices.map(({ hash }) => hash)).toEqual([recording.noticeHash]);
    expect(manifest.tracks.map(({ person, segments }) => [person.name, segments.length])).toEqual([
      ['Ana', 2],
      ['Ben', 2],
    ]);
    expect(manifest.tracks[0]?.gaps).toEqual([{ what: 'lost', from: 1_000, to: 2_000, packets: 3 }]);
    expect(manifest.files.map(({ path }) => path)).toEqual(['files/hls/index.m3u8', 'files/meeting.mp4']);
    expect(manifest.papers.map(({ path }) => path)).toEqual([
      'index.html',
      'index.zh-Hant.html',
      'index.zh-Hans.html',
      'ledger.json',
      'transcript.json',
      'summary.json',
    ]);
  });

  it('says what the store has lost, what is damaged, and whose tracks were removed', async () => {
    const { blobs, office } = world.base;
    const recording = await world.recorded([ana, ben]);
    const [first, second] = await world.base.recordings.tracks(recording);
    await office.database.query(`update recording_tracks set state = 'removed' where id = $1`, [second?.id]);
    await office.database.query(`update recording_tracks set state = 'closed' where id = $1`, [first?.id]);
    const lost = `tracks/${first?.id}/00001.log`;
    await blobs.delete(`${blobPrefix(recording)}/${lost}`);
    await blobs.put(`${blobPrefix(recording)}/v1/meeting.mp4`, Buffer.from('half'));
    const manifest = await manifestOf(await world.sign(recording));
    expect(manifest.missing).toEqual([
      { what: 'not-sealed', track: first?.id },
      { what: 'lost', path: lost },
      { what: 'withdrawn', track: second?.id },
      { what: 'damaged', path: 'files/meeting.mp4' },
    ]);
    expect(manifest.tracks[1]?.segments).toEqual([]);
  });

  it('is signed once, however often the step runs; again when something has changed', async () => {
    const recording = await world.sign(await world.recorded([ana]));
    const before = await world.evidence.manifests.of(recording, 1);
    world.base.office.now += 60_000;
    await world.sign(recording);
    expect(await world.evidence.manifests.of(recording, 1)).toEqual(before);
    await world.say(recording, ana, 'withdrawn');
    await world.sign(recording);
    const after = await world.evidence.manifests.of(recording, 1);
    expect(after?.number).toBeGreaterThan(before?.number ?? 0);
    expect((await manifestOf(recording)).consent.entries).toHaveLength(2);
  });

  it('of a step that was killed in the middle is finished by the next run', async () => {
    const recording = await world.recorded([ana]);
    const killed = new AbortController();
    const run = (signal: AbortSignal) => world.evidence.step.run(recording, { signal, progress: () => killed.abort(), version: 1 });
    await expect(run(killed.signal)).rejects.toThrow();
    expect(await world.evidence.manifests.of(recording, 1)).toBeNull();
    await run(new AbortController().signal);
    expect((await manifestOf(recording)).papers).toHaveLength(5);
  });
});

describe('The chain', () => {
  it('has no holes when recordings are signed at the same time; each link names the hash of the one before', async () => {
    const recordings = await Promise.all(Array.from({ length: 5 }, () => world.recorded([ana])));
    await Promise.all(recordings.map((recording) => world.sign(recording)));
    const rows = await links(ana.orgId);
    let previous = genesis;
    for (const [index, { number, link, hash, signature, public_key }] of rows.entries()) {
      expect([number, linkSchema.parse(JSON.parse(link))]).toEqual([index + 1, expect.objectContaining({ number, previous })]);
      expect(verify(null, Buffer.from(link), createPublicKey(public_key), signature)).toBe(true);
      expect(hash).toBe(sha256Of(link));
      previous = hash;
    }
    expect(new Set(rows.map(({ public_key }) => public_key)).size).toBe(1);
    expect(await world.evidence.manifests.head(ana.orgId)).toEqual({ number: rows.length, hash: previous });
    const audited = await world.base.office.audited('recording.manifest-signed');
    expect(audited.map(({ detail }) => [detail.number, detail.hash])).toEqual(rows.map(({ number, hash }) => [number, hash]));
  });

  it('is changed by nobody; a deleted recording leaves hashes and signatures', async () => {
    const { database } = world.base.office;
    const recording = await world.sign(await world.recorded([ana]));
    for (const sql of [
      `update recording_manifests set manifest = '{}' where recording_id = $1`,
      `update recording_manifests set manifest = null where recording_id = $1`,
      `update recording_manifests set hash = link where recording_id = $1`,
      `delete from recording_manifests where recording_id = $1`,
    ])
      await expect(database.query(sql, [recording.id])).rejects.toThrow('only added to');
    const before = await links(recording.orgId);
    await database.query(`update recordings set state = 'deleted' where id = $1`, [recording.id]);
    expect(await world.evidence.manifests.of(recording, 1)).toBeNull();
    expect(await links(recording.orgId)).toEqual(before);
  });
});
