/** A recording that somebody took back, as long as something of him is in it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Principal } from '../../../../src/platform/principal.js';
import { shareMadeSchema, visitSchema } from '../../../../src/recording/archive/schema.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { ArchiveWorld, codeOf, cookieOf } from './archive-world.js';

let world: ArchiveWorld;
let recording: Recording;
let secret: string;
const watching = new Map<Principal, string>();
let visit: { readonly id: string; readonly cookie: string };

const play = (person: Principal) => world.as(person, 'POST', `/api/recordings/${recording.id}/plays`);
const streams = async (person: Principal) =>
  (await world.fetch(`/api/recordings/${recording.id}/hls/index.m3u8`, { cookie: watching.get(person) ?? '' })).status;
const open = () => world.api.api('POST', '/api/recording-links/open', { secret, password: '', name: 'Client' });
const visited = async (path: string) => (await world.fetch(`/api/recording-links/${visit.id}/${path}`, { cookie: visit.cookie })).status;
const file = (person: Principal) => world.as(person, 'GET', `/api/recordings/${recording.id}/files/meeting.mp4`);

beforeAll(async () => {
  world = await ArchiveWorld.open();
  const { member, host, other, consent } = world;
  recording = await world.recording();
  await world.world.track(recording, member);
  await world.line(recording, member, 1_000, 'I said this.');
  const { personId, name } = member;
  const { noticeHash } = recording;
  await consent.ledger.append(recording, [{ personId, personName: name, what: 'yes', noticeHash, language: 'en', client: 'test' }]);
  await world.as(host, 'POST', `/api/recordings/${recording.id}/shares`, { kind: 'person', targetId: other.personId, download: true });
  const expiresAt = new Date(world.world.office.now + 86_400_000).toISOString();
  const made = await world.as(host, 'POST', `/api/recordings/${recording.id}/shares`, { kind: 'link', name: 'Client', expiresAt });
  secret = shareMadeSchema.parse(made.body).link?.split('#')[1] ?? '';
  for (const person of [host, member, other, world.admin]) watching.set(person, cookieOf(await play(person)));
  const opened = await open();
  visit = { id: visitSchema.parse(opened.body).id, cookie: cookieOf(opened) };
  world.world.hold = 'Case 7';
  await consent.withdrawals.withdraw(member, recording.id, { everything: true, personId: null, language: 'en', client: 'test' });
});
afterAll(() => world.close());

it('is kept from everybody but who governs as long as a legal hold keeps it', async () => {
  const { host, member, other, admin } = world;
  for (const person of [host, member, other]) {
    expect(codeOf(await play(person))).toBe('RECORDING_NOT_READY');
    expect(codeOf(await file(person))).toBe('RECORDING_NOT_READY');
  }
  expect((await play(admin)).status).toBe(200);
  expect((await file(admin)).status).toBe(200);
});

it('is no more to be streamed by those who were watching it, but for who governs', async () => {
  const { host, member, other, admin } = world;
  expect(await Promise.all([host, member, other, admin].map(streams))).toEqual([403, 403, 403, 200]);
});

it('is opened by no link, nor read on by who came by one', async () => {
  expect(codeOf(await open())).toBe('RECORDING_NOT_READY');
  expect(await Promise.all(['transcript', 'hls/index.m3u8', 'files/thumb-0000.jpg'].map(visited))).toEqual([403, 403, 403]);
});

it('stays hidden from those who could never see it', async () => {
  const stranger = await world.world.person('Sven');
  expect(codeOf(await play(stranger))).toBe('RECORDING_NOT_FOUND');
});

it('is seen by all of them again when what was his is removed', async () => {
  const { host, member, other } = world;
  const { database } = world;
  await database.query(`update recording_tracks set state = 'removed' where recording_id = $1 and person_id = $2`, [
    recording.id,
    member.personId,
  ]);
  expect(codeOf(await play(host))).toBe('RECORDING_NOT_READY');
  await database.query('delete from transcript_lines where recording_id = $1 and person_id = $2', [recording.id, member.personId]);
  for (const person of [host, member, other]) expect((await play(person)).status).toBe(200);
  expect((await open()).status).toBe(200);
});
