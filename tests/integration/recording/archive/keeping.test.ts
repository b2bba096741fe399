import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deletedSchema, quotaSchema, retentionSchema } from '../../../../src/recording/archive/schema.js';
import { blobPrefix, type Recording } from '../../../../src/recording/recording.js';
import { waitFor } from '../../../support/index.js';
import { ArchiveWorld, codeOf } from './archive-world.js';

let world: ArchiveWorld;
let recording: Recording;
beforeAll(async () => {
  world = await ArchiveWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  world.world.hold = null;
  recording = await world.recording({ keepDays: 30 });
});

const dayMs = 86_400_000;
const at = (rest = '') => `/api/recordings/${recording.id}${rest}`;
const retention = async (by = world.host) => retentionSchema.parse((await world.as(by, 'GET', at('/retention'))).body);
async function blobs(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of world.world.blobs.list(`${blobPrefix(recording)}/`)) keys.push(key);
  return keys;
}
const row = async () =>
  (
    await world.database.query<{ state: string; title: string; deleted_at: Date | null; bytes: string; held_by: string | null }>(
      'select r.state, r.title, r.deleted_at, r.bytes, k.held_by from recordings r left join recording_keeping k on k.recording_id = r.id where r.id = $1',
      [recording.id],
    )
  )[0];
const deletions = async () => (await world.audited('recording.deleted')).filter(({ subject }) => subject.recording === recording.id);

describe('retention', () => {
  it('is decided by the policy, by somebody for this recording, or by a hold, and says by which', async () => {
    expect(await retention()).toMatchObject({ rule: 'policy', keepDays: 30, hold: null, setBy: null });
    const longer = await world.as(world.admin, 'PATCH', at('/retention'), { keepDays: 90 });
    const deleteAt = new Date(recording.startedAt.getTime() + 90 * dayMs).toISOString();
    expect(retentionSchema.parse(longer.body)).toMatchObject({ rule: 'person', keepDays: 90, deleteAt, setBy: { name: 'Adam' } });
    world.world.hold = 'Matter 7';
    expect(await retention()).toMatchObject({ rule: 'hold', hold: 'Matter 7', keepDays: 90 });
    world.world.hold = null;
    const ever = await world.as(world.admin, 'PATCH', at('/retention'), { keepDays: null });
    expect(retentionSchema.parse(ever.body)).toMatchObject({ rule: 'person', keepDays: null, deleteAt: null });
  });

  it('is changed by who governs alone', async () => {
    expect(codeOf(await world.as(world.host, 'PATCH', at('/retention'), { keepDays: 1 }))).toBe('RECORDING_FORBIDDEN');
    expect(codeOf(await world.as(world.member, 'GET', at('/retention')))).toBe('RECORDING_FORBIDDEN');
    expect(codeOf(await world.as(world.admin, 'PATCH', at('/retention'), { keepDays: 0 }))).toBe('REQUEST_INVALID');
  });

  it('deletes at night what is past its time, and nothing before', async () => {
    world.later(29 * dayMs);
    await world.night();
    expect((await row())?.state).toBe('ready');
    world.later(2 * dayMs);
    await world.night();
    expect((await row())?.state).toBe('deleted');
    expect(await deletions()).toMatchObject([{ actor: '', detail: { decidedBy: 'policy', deleteAt: recording.deleteAt?.toISOString() } }]);
  });

  it('waits for holds, says so once, and goes on when they are lifted', async () => {
    world.later(31 * dayMs);
    world.world.hold = 'Matter 7';
    await world.night();
    await world.night();
    expect(await row()).toMatchObject({ state: 'ready', held_by: 'Matter 7' });
    const kept = (await world.audited('recording.kept')).filter(({ subject }) => subject.recording === recording.id);
    expect(kept).toMatchObject([{ detail: { decidedBy: 'hold', hold: 'Matter 7' } }]);
    expect(await retention()).toMatchObject({ rule: 'hold', keepDays: 30 });
    world.world.hold = null;
    await world.night();
    expect((await row())?.state).toBe('deleted');
  });

  it('names the days that somebody set, when these decided', async () => {
    await world.as(world.admin, 'PATCH', at('/retention'), { keepDays: 5 });
    world.later(6 * dayMs);
    await world.night();
    expect(await deletions()).toMatchObject([{ detail: { decidedBy: 'days' } }]);
  });
});

describe('deletion', () => {
  it('takes all that was taken of people, deletes the blobs, and says how much it was', async () => {
    const trackId = await world.world.track(recording, world.member);
    await world.line(recording, world.member, 1_000, 'hello');
    await world.as(world.member, 'POST', at('/comments'), { text: 'hm', atMs: 1_000 });
    await world.as(world.host, 'POST', at('/shares'), { kind: 'person', targetId: world.other.personId });
    await world.as(world.host, 'POST', at('/edits'), { what: 'redact', fromMs: 0, toMs: 10, reason: 'x' });
    const stored = (await blobs()).length;
    expect(stored).toBe(6);
    const deleted = deletedSchema.parse((await world.as(world.host, 'DELETE', at())).body);
    expect(deleted.counts).toMatchObject({ tracks: 1, lines: 1, comments: 1, shares: 1, edits: 1, files: 6 });
    expect(deleted.bytes).toBeGreaterThan(0);
    await waitFor(async () => (await blobs()).length === 0, 'the blobs are gone');
    const gone = await waitFor(async () => {
      const [entry] = (await world.audited('recording.blobs-deleted')).filter(({ subject }) => subject.recording === recording.id);
      return entry;
    }, 'what was deleted is written down');
    expect(gone).toMatchObject({ actor: '', detail: { blobs: stored } });
    expect(world.dropped.find(({ id }) => id === recording.id)?.trackIds).toEqual([trackId]);
    expect(await deletions()).toMatchObject([
      { actor: 'Hana', detail: { decidedBy: 'person', bytes: deleted.bytes, counts: { tracks: 1 } } },
    ]);
  });

  it('leaves that there was a recording, and who agreed to it', async () => {
    await world.consent.ledger.append(recording, [
      {
        personId: world.member.personId,
        personName: 'Milo',
        what: 'yes',
        noticeHash: recording.noticeHash,
        language: 'en',
        client: 'test',
      },
    ]);
    await world.as(world.host, 'DELETE', at());
    expect(await row()).toMatchObject({ state: 'deleted', title: 'Weekly', deleted_at: expect.any(Date), bytes: '0' });
    expect(await world.database.query('select 1 from consent_ledger where recording_id = $1', [recording.id])).toHaveLength(1);
    expect(codeOf(await world.as(world.host, 'DELETE', at()))).toBe('RECORDING_NOT_FOUND');
    expect(codeOf(await world.as(world.member, 'POST', at('/plays')))).toBe('RECORDING_NOT_FOUND');
  });

  it('is refused by a hold, while it is on, and to who does not manage it', async () => {
    world.world.hold = 'Matter 7';
    const held = await world.as(world.admin, 'DELETE', at());
    expect([codeOf(held), JSON.stringify(held.body).includes('Matter 7')]).toEqual(['RECORDING_HELD', true]);
    world.world.hold = null;
    expect(codeOf(await world.as(world.member, 'DELETE', at()))).toBe('RECORDING_FORBIDDEN');
    await world.database.query(`update recordings set state = 'on' where id = $1`, [recording.id]);
    expect(codeOf(await world.as(world.host, 'DELETE', at()))).toBe('RECORDING_NOT_READY');
    await world.database.query(`update recordings set state = 'ready' where id = $1`, [recording.id]);
    expect([(await row())?.state, (await blobs()).length]).toEqual(['ready', 6]);
  });

  it('takes along what a step has stored while it did not know yet', async () => {
    await world.database.query(`update recordings set state = 'processing' where id = $1`, [recording.id]);
    await world.as(world.host, 'DELETE', at());
    await world.add(recording, 2, 'late.mp4', 'video', 'video/mp4', Buffer.from('late'));
    await waitFor(
      async () => (await world.audited('recording.blobs-deleted')).some(({ subject }) => subject.recording === recording.id),
      'the blobs are gone',
    );
    expect(
      await world.database.query<{ at: Date }>(
        `select start_after as at from pgboss.job where name = 'recording.delete-blobs' and state = 'created' and data->'value'->>'recordingId' = $1`,
        [recording.id],
      ),
    ).toHaveLength(1);
  });
});

describe('the quota', () => {
  const set = (bytes: number | null, by = world.admin) => world.as(by, 'PUT', '/api/recording-quota', { bytes });
  const used = async () => quotaSchema.parse((await world.as(world.admin, 'GET', '/api/recording-quota')).body).usedBytes;
  /** Lets recordings take so much in all. */
  const fill = async (bytes: number) =>
    world.database.query(
      `update recordings set bytes = bytes + $2 - (select sum(r.bytes) from recordings r where r.state <> 'deleted') where id = $1`,
      [recording.id, bytes],
    );

  it('is none until the server or an administrator sets one', async () => {
    const quota = quotaSchema.parse((await world.as(world.admin, 'GET', '/api/recording-quota')).body);
    expect(quota).toMatchObject({ bytes: null, own: false, level: 'fine' });
    await world.archive.assertRoom(recording.orgId);
    expect(codeOf(await world.as(world.host, 'GET', '/api/recording-quota'))).toBe('AUTH_FORBIDDEN');
    expect(codeOf(await set(1_000_000, world.host))).toBe('AUTH_FORBIDDEN');
    expect(codeOf(await set(10))).toBe('REQUEST_INVALID');
  });

  it('warns at 80 and 95 per cent once, stops recording when it is full, and begins again', async () => {
    await set(1_000_000);
    await fill(700_000);
    await world.archive.ready(recording);
    expect(world.warned).toEqual([]);
    for (const bytes of [800_000, 850_000, 960_000, 970_000]) {
      await fill(bytes);
      await world.archive.ready(recording);
    }
    expect(world.warned).toMatchObject([
      { percent: 80, usedBytes: 800_000, quotaBytes: 1_000_000 },
      { percent: 95, usedBytes: 960_000 },
    ]);
    await world.archive.assertRoom(recording.orgId);
    await fill(1_000_000);
    await expect(world.archive.assertRoom(recording.orgId)).rejects.toMatchObject({ code: 'RECORDING_QUOTA' });
    await expect(world.archive.assertRoom(recording.orgId)).rejects.toMatchObject({ code: 'RECORDING_QUOTA' });
    expect(world.warned.map(({ percent }) => percent)).toEqual([80, 95, 100]);
    expect(quotaSchema.parse((await world.as(world.admin, 'GET', '/api/recording-quota')).body).level).toBe('full');
    await fill(100_000);
    await world.archive.ready(recording);
    await fill(800_000);
    await world.archive.ready(recording);
    expect(world.warned.map(({ percent }) => percent)).toEqual([80, 95, 100, 80]);
    await set(null);
    expect(await world.audited('recording.quota-changed')).toMatchObject([
      { detail: { after: 1_000_000 } },
      { detail: { before: 1_000_000, after: null } },
    ]);
  });

  it('counts what is being captured', async () => {
    const before = await used();
    const trackId = await world.world.track(recording, world.member);
    await world.database.query('update recording_tracks set bytes = 5000000 where id = $1', [trackId]);
    expect(await used()).toBeGreaterThan(before + 1_000_000);
  });
});
