import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareMadeSchema, sharesSchema, visitSchema, visitTranscriptSchema } from '../../../../src/recording/archive/schema.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { ArchiveWorld, codeOf, cookieOf, playlist } from './archive-world.js';

let world: ArchiveWorld;
let recording: Recording;
beforeAll(async () => {
  world = await ArchiveWorld.open();
});
afterAll(() => world.close());

const dayMs = 86_400_000;
const shares = (of: Recording) => `/api/recordings/${of.id}/shares`;
const mayWatch = async (person = world.other, of = recording) =>
  (await world.as(person, 'POST', `/api/recordings/${of.id}/plays`)).status === 200;

async function share(body: object, by = world.host) {
  const answer = await world.as(by, 'POST', shares(recording), body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return shareMadeSchema.parse(answer.body);
}

async function link(body: object = {}) {
  const expiresAt = new Date(world.world.office.now + dayMs).toISOString();
  const made = await share({ kind: 'link', name: 'Client X', expiresAt, ...body });
  return { ...made, secret: made.link?.split('#')[1] ?? '' };
}

const open = (body: object) => world.api.api('POST', '/api/recording-links/open', body);

describe('with a person', () => {
  beforeAll(async () => {
    recording = await world.recording();
  });

  it('lets him watch and find it, and not download unless that is said', async () => {
    expect(await mayWatch()).toBe(false);
    const { share: made, link: none } = await share({ kind: 'person', targetId: world.other.personId });
    expect([made.name, made.kind, none]).toEqual(['Otto', 'person', null]);
    expect(await mayWatch()).toBe(true);
    expect(await world.archive.sharedWith(world.other)).toEqual([recording.id]);
    expect(codeOf(await world.as(world.other, 'GET', `/api/recordings/${recording.id}/files/meeting.mp4`))).toBe('RECORDING_FORBIDDEN');
    const again = await share({ kind: 'person', targetId: world.other.personId, download: true });
    expect(again.share.id).toBe(made.id);
    expect((await world.as(world.other, 'GET', `/api/recordings/${recording.id}/files/meeting.mp4`)).status).toBe(200);
    expect(codeOf(await world.as(world.other, 'GET', shares(recording)))).toBe('RECORDING_FORBIDDEN');
  });

  it('ends when it is withdrawn, at once, and by its time', async () => {
    const { share: made } = await share({ kind: 'person', targetId: world.other.personId });
    const begun = await world.as(world.other, 'POST', `/api/recordings/${recording.id}/plays`);
    const url = `/api/recordings/${recording.id}/hls/index.m3u8`;
    expect((await world.fetch(url, { cookie: cookieOf(begun) })).status).toBe(200);
    await world.as(world.host, 'DELETE', `${shares(recording)}/${made.id}`);
    expect((await world.fetch(url, { cookie: cookieOf(begun) })).status).toBe(403);
    expect([await mayWatch(), await world.archive.sharedWith(world.other)]).toEqual([false, []]);
    expect(codeOf(await world.as(world.host, 'DELETE', `${shares(recording)}/${made.id}`))).toBe('SHARE_NOT_FOUND');
    await share({ kind: 'person', targetId: world.other.personId, expiresAt: new Date(world.world.office.now + 1_000).toISOString() });
    expect(await mayWatch()).toBe(true);
    world.later(1_000);
    expect(await mayWatch()).toBe(false);
    const { shares: all } = sharesSchema.parse((await world.as(world.host, 'GET', shares(recording))).body);
    expect(all.map(({ ended }) => ended)).toEqual([true, true]);
  });

  it('gives out no more than the policy lets people have, but for who governs', async () => {
    recording = await world.recording({ download: false });
    const body = { kind: 'person', targetId: world.other.personId, download: true };
    expect(codeOf(await world.as(world.host, 'POST', shares(recording), body))).toBe('RECORDING_FORBIDDEN');
    expect((await world.as(world.admin, 'POST', shares(recording), body)).status).toBe(200);
  });

  it('is refused for nobody, for the past, and for who does not manage it', async () => {
    const to = (body: object, by = world.host) => world.as(by, 'POST', shares(recording), body);
    expect(codeOf(await to({ kind: 'person', targetId: recording.id }))).toBe('SHARE_PERSON');
    expect(codeOf(await to({ kind: 'person', targetId: world.other.personId, expiresAt: '2020-01-01T00:00:00Z' }))).toBe('REQUEST_INVALID');
    expect(codeOf(await to({ kind: 'person', targetId: world.other.personId }, world.member))).toBe('RECORDING_FORBIDDEN');
    expect(codeOf(await to({ kind: 'everybody' }))).toBe('REQUEST_INVALID');
  });

  it('is audited', async () => {
    const shared = await world.audited('recording.shared');
    expect(shared[0]).toMatchObject({
      actor: 'Hana',
      subject: { person: world.other.personId },
      detail: { kind: 'person', download: false },
    });
    expect(await world.audited('recording.share-withdrawn')).toHaveLength(1);
  });
});

describe('with a conversation', () => {
  it('lets all who are in it watch, as long as they are', async () => {
    recording = await world.recording();
    const { id } = await world.world.office.conversation([world.host, world.other], { title: 'Audit team' });
    const { share: made } = await share({ kind: 'conversation', targetId: id });
    expect(made.name).toBe('Audit team');
    expect(await mayWatch()).toBe(true);
    expect(await world.archive.sharedWith(world.other)).toContain(recording.id);
    await world.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [
      id,
      world.other.personId,
    ]);
    expect(await mayWatch()).toBe(false);
  });

  it('is for conversations that one is in oneself', async () => {
    const { id } = await world.world.office.conversation([world.other]);
    expect(codeOf(await world.as(world.host, 'POST', shares(recording), { kind: 'conversation', targetId: id }))).toBe('SHARE_PERSON');
  });
});

describe('by a link', () => {
  beforeAll(async () => {
    recording = await world.recording();
    await world.line(recording, world.member, 2_000, 'good morning');
  });

  it('shows a visitor the stream, the transcript and the pictures, and no more', async () => {
    const { secret, link: address, share: made } = await link();
    expect(address).toMatch(/^https:\/\/meet\.example\/shared-recording#[\w-]{43}$/);
    expect(JSON.stringify(made)).not.toContain(secret);
    const opened = await open({ secret, name: 'Xu' });
    const visit = visitSchema.parse(opened.body);
    const cookie = cookieOf(opened);
    expect(visit.recording).toMatchObject({ title: 'Weekly', organisation: 'Harbour Ltd', files: [{ name: 'thumb-0000.jpg' }] });
    expect(visit.download).toBe(false);
    expect(await (await world.fetch(visit.playlist, { cookie })).text()).toBe(playlist);
    const words = await world.fetch(`/api/recording-links/${visit.id}/transcript`, { cookie });
    expect(visitTranscriptSchema.parse(await words.json()).lines).toMatchObject([
      { speaker: 'Milo', beginMs: 2_000, text: 'good morning' },
    ]);
    expect((await world.fetch(`/api/recording-links/${visit.id}/transcript`, { cookie })).status).toBe(200);
    expect((await world.audited('recording.transcript-read')).filter(({ subject }) => subject.viewing === visit.id)).toMatchObject([
      { actor: '', subject: { recording: recording.id }, detail: { version: 1, visitor: 'Xu' } },
    ]);
    const at = (name: string) => world.fetch(`/api/recording-links/${visit.id}/files/${name}`, { cookie });
    expect((await at('thumb-0000.jpg')).status).toBe(200);
    expect([(await at('meeting.mp4')).status, (await at('composed.json')).status]).toEqual([403, 403]);
    for (const part of ['hls/index.m3u8', 'transcript', 'files/thumb-0000.jpg'])
      expect((await world.fetch(`/api/recording-links/${visit.id}/${part}`)).status).toBe(403);
    expect((await world.fetch(`/api/recordings/${recording.id}/hls/index.m3u8`, { cookie })).status).toBe(403);
    expect((await world.fetch(`/api/recordings/${recording.id}/comments`, { cookie })).status).toBe(401);
  });

  it('counts who came, and when, for who manages the recording', async () => {
    const { secret, share: made } = await link();
    await open({ secret, name: 'Xu' });
    await open({ secret });
    const { shares: all } = sharesSchema.parse((await world.as(world.host, 'GET', shares(recording))).body);
    expect(all.find(({ id }) => id === made.id)?.visits).toBe(2);
    const visitors = (await world.audited('recording.played')).filter(({ subject }) => subject.share === made.id);
    expect(visitors.map(({ detail }) => detail.visitor)).toEqual(['Xu', 'Client X']);
  });

  it('lets him download where that is said, and writes it down', async () => {
    const { secret } = await link({ download: true });
    const opened = await open({ secret, name: 'Xu' });
    const visit = visitSchema.parse(opened.body);
    expect([visit.download, visit.recording.files.map(({ name }) => name)]).toEqual([true, ['audio.m4a', 'meeting.mp4', 'thumb-0000.jpg']]);
    const file = await world.fetch(`/api/recording-links/${visit.id}/files/meeting.mp4`, { cookie: cookieOf(opened) });
    expect(file.status).toBe(200);
    await file.arrayBuffer();
    const taken = await world.audited('recording.downloaded');
    expect(taken.at(-1)).toMatchObject({ subject: { recording: recording.id }, detail: { file: 'meeting.mp4', visitor: 'Xu' } });
  });

  it('asks for its password, and for nothing without it', async () => {
    const { secret } = await link({ password: 'correct horse' });
    expect(codeOf(await open({ secret }))).toBe('SHARE_PASSWORD');
    expect(codeOf(await open({ secret, password: 'wrong horse' }))).toBe('SHARE_PASSWORD');
    expect((await open({ secret, password: 'correct horse' })).status).toBe(200);
    expect(await world.audited('recording.link-refused')).toHaveLength(1);
  });

  it('lets nobody guess for long, from wherever, and lets the right ones in afterwards', async () => {
    const { secret } = await link({ password: 'correct horse' });
    const answers = await Promise.all(Array.from({ length: 14 }, () => open({ secret, password: 'guess' })));
    expect(answers.filter((answer) => codeOf(answer) === 'SHARE_PASSWORD')).toHaveLength(10);
    expect(codeOf(await open({ secret, password: 'correct horse' }))).toBe('REQUEST_RATE');
    world.later(600_001);
    expect((await open({ secret, password: 'correct horse' })).status).toBe(200);
  });

  it('leads nowhere when it is wrong, over, or withdrawn; what was open ends', async () => {
    expect(codeOf(await open({ secret: 'a'.repeat(43), password: 'x' }))).toBe('SHARE_NOT_FOUND');
    const { secret, share: made } = await link();
    const opened = await open({ secret });
    const visit = visitSchema.parse(opened.body);
    await world.as(world.host, 'DELETE', `${shares(recording)}/${made.id}`);
    expect(codeOf(await open({ secret }))).toBe('SHARE_NOT_FOUND');
    expect((await world.fetch(visit.playlist, { cookie: cookieOf(opened) })).status).toBe(403);
    const renewed = await world.api.api('POST', `/api/recording-links/${visit.id}/renew`, undefined, undefined, {
      cookie: cookieOf(opened),
    });
    expect(codeOf(renewed)).toBe('RECORDING_PLAY_ENDED');
    const short = await link();
    world.later(dayMs);
    expect(codeOf(await open({ secret: short.secret }))).toBe('SHARE_NOT_FOUND');
  });

  it('goes on as long as the visitor watches', async () => {
    const { secret } = await link();
    const opened = await open({ secret });
    const visit = visitSchema.parse(opened.body);
    const cookie = cookieOf(opened);
    world.later(200_000);
    const renewed = await world.api.api('POST', `/api/recording-links/${visit.id}/renew`, undefined, undefined, { cookie });
    expect(visitSchema.parse(renewed.body).expiresAt > visit.expiresAt).toBe(true);
    world.later(200_000);
    expect((await world.fetch(visit.playlist, { cookie })).status).toBe(200);
  });

  it('has an end, within a year', async () => {
    const body = { kind: 'link', name: 'For ever' };
    expect(codeOf(await world.as(world.host, 'POST', shares(recording), body))).toBe('REQUEST_INVALID');
    const far = new Date(world.world.office.now + 400 * dayMs).toISOString();
    expect(codeOf(await world.as(world.host, 'POST', shares(recording), { ...body, expiresAt: far }))).toBe('REQUEST_INVALID');
  });

  it('says whose name is over the picture, and gives no file without one', async () => {
    recording = await world.recording({ watermark: true });
    const { secret } = await link({ download: true });
    const opened = await open({ secret, name: 'Xu' });
    const visit = visitSchema.parse(opened.body);
    expect([visit.watermark, visit.download]).toEqual([{ text: 'Xu' }, false]);
    expect((await world.fetch(`/api/recording-links/${visit.id}/files/meeting.mp4`, { cookie: cookieOf(opened) })).status).toBe(403);
  });
});
