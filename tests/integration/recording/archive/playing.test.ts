import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playSchema, viewingsSchema } from '../../../../src/recording/archive/schema.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { ArchiveWorld, codeOf, cookieOf, meetingBytes, playlist } from './archive-world.js';

let world: ArchiveWorld;
let recording: Recording;
beforeAll(async () => {
  world = await ArchiveWorld.open();
  recording = await world.recording({ download: false });
});
afterAll(() => world.close());

async function play(person = world.member, of = recording) {
  const answer = await world.as(person, 'POST', `/api/recordings/${of.id}/plays`);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return { face: playSchema.parse(answer.body), cookie: cookieOf(answer), set: answer.headers.getSetCookie()[0] ?? '' };
}

describe('the stream', () => {
  it('opens with the cookie of a viewing, and with nothing else', async () => {
    const { face, cookie, set } = await play();
    expect(set).toMatch(new RegExp(`Path=/api/recordings/${recording.id}/hls; HttpOnly; SameSite=Strict`));
    expect(face.beginMs).toBe(1_500);
    const list = await world.fetch(face.playlist, { cookie });
    expect([list.status, list.headers.get('content-type'), await list.text()]).toEqual([200, 'application/vnd.apple.mpegurl', playlist]);
    const piece = await world.fetch(face.playlist.replace('index.m3u8', '00000.m4s'), { cookie });
    expect(await piece.text()).toBe('a piece');
    expect((await world.fetch(face.playlist)).status).toBe(403);
    expect((await world.fetch(face.playlist, { person: world.member })).status).toBe(403);
    expect((await world.fetch(face.playlist, { cookie: `${cookie}x` })).status).toBe(403);
  });

  it('opens no other recording', async () => {
    const { cookie } = await play();
    const another = await world.recording();
    expect((await world.fetch(`/api/recordings/${another.id}/hls/index.m3u8`, { cookie })).status).toBe(403);
  });

  it('gives pieces alone, whatever is asked for', async () => {
    const { cookie } = await play();
    for (const name of ['../meeting.mp4', '..%2fmeeting.mp4', '%2e%2e/meeting.mp4', 'meeting.mp4', '', 'x'.repeat(90)]) {
      const answer = await world.fetch(`/api/recordings/${recording.id}/hls/${name}`, { cookie });
      expect([name, answer.status]).toEqual([name, expect.toSatisfy((status: number) => status >= 400 && status < 500)]);
    }
  });

  it('ends after some minutes unless the page asks for more time', async () => {
    const { face, cookie } = await play();
    world.later(200_000);
    const more = await world.as(world.member, 'POST', `/api/recordings/${recording.id}/plays/${face.id}`);
    expect(playSchema.parse(more.body).expiresAt > face.expiresAt).toBe(true);
    world.later(200_000);
    expect((await world.fetch(face.playlist, { cookie })).status).toBe(200);
    world.later(200_000);
    expect((await world.fetch(face.playlist, { cookie })).status).toBe(403);
  });

  it('goes on in one page when another page of the same browser has the newer cookie', async () => {
    const first = await play();
    const { cookie } = await play();
    world.later(200_000);
    await world.as(world.member, 'POST', `/api/recordings/${recording.id}/plays/${first.face.id}`);
    world.later(200_000);
    expect((await world.fetch(first.face.playlist, { cookie })).status).toBe(200);
  });

  it('is none of a transcript alone, whose reading is written down all the same', async () => {
    const words = await world.recording();
    await world.database.query(`update recordings set kind = 'transcript' where id = $1`, [words.id]);
    await world.database.query('delete from recording_files where recording_id = $1', [words.id]);
    expect((await play(world.member, words)).face.playlist).toBe('');
  });

  it('is renewed for nobody else', async () => {
    const { face } = await play();
    const answer = await world.as(world.host, 'POST', `/api/recordings/${recording.id}/plays/${face.id}`);
    expect(codeOf(answer)).toBe('RECORDING_PLAY_ENDED');
  });

  it('ends when another version is made', async () => {
    const other = await world.recording();
    const { face, cookie } = await play(world.member, other);
    await world.database.query(`update recordings set state = 'processing' where id = $1`, [other.id]);
    expect((await world.fetch(face.playlist, { cookie })).status).toBe(403);
    expect(codeOf(await world.as(world.member, 'POST', `/api/recordings/${other.id}/plays`))).toBe('RECORDING_NOT_READY');
    await world.version(other, 2);
    expect((await world.fetch(face.playlist, { cookie })).status).toBe(403);
    expect(codeOf(await world.as(world.member, 'POST', `/api/recordings/${other.id}/plays/${face.id}`))).toBe('RECORDING_PLAY_ENDED');
  });

  it('is not there for who may not see the recording', async () => {
    expect(codeOf(await world.as(world.other, 'POST', `/api/recordings/${recording.id}/plays`))).toBe('RECORDING_NOT_FOUND');
  });

  it('is written down once for each viewing, for who manages the recording to read', async () => {
    const other = await world.recording();
    const { face, cookie } = await play(world.member, other);
    for (const piece of ['index.m3u8', '00000.m4s']) await world.fetch(`/api/recordings/${other.id}/hls/${piece}`, { cookie });
    await world.as(world.member, 'POST', `/api/recordings/${other.id}/plays/${face.id}`);
    const played = (await world.audited('recording.played')).filter(({ subject }) => subject.recording === other.id);
    expect(played).toMatchObject([{ actor: 'Milo', detail: { version: 1 } }]);
    const log = await world.as(world.host, 'GET', `/api/recordings/${other.id}/viewings`);
    expect(viewingsSchema.parse(log.body).viewings).toMatchObject([{ id: face.id, person: { name: 'Milo' }, link: null }]);
    expect(codeOf(await world.as(world.member, 'GET', `/api/recordings/${other.id}/viewings`))).toBe('RECORDING_FORBIDDEN');
  });

  it('says whose name is to be shown over the picture', async () => {
    const other = await world.recording({ watermark: true });
    expect((await play(world.member, other)).face.watermark).toEqual({ text: `Milo · ${world.member.personId}@harbour.example` });
    expect((await play()).face.watermark).toBeNull();
  });
});

describe('files', () => {
  it('are not given to who may only watch, but for what the page needs', async () => {
    const at = (name: string) => `/api/recordings/${recording.id}/files/${name}`;
    for (const name of ['meeting.mp4', 'audio.m4a'])
      expect(codeOf(await world.as(world.member, 'GET', at(name)))).toBe('RECORDING_FORBIDDEN');
    const picture = await world.fetch(at('thumb-0000.jpg'), { person: world.member });
    expect([picture.status, picture.headers.get('content-type'), await picture.text()]).toEqual([200, 'image/jpeg', 'picture']);
    expect((await world.fetch(at('hls%2f00000.m4s'), { person: world.member })).status).toBeGreaterThanOrEqual(400);
    expect(codeOf(await world.as(world.member, 'GET', at('nothing.mp4')))).toBe('RECORDING_FILE_NOT_FOUND');
    expect(codeOf(await world.as(world.other, 'GET', at('thumb-0000.jpg')))).toBe('RECORDING_NOT_FOUND');
  });

  it('are given in parts, with their hash, under a name that is safe everywhere', async () => {
    const other = await world.recording({ download: true });
    await world.database.query('update recordings set title = $2 where id = $1', [other.id, '週會 <"../x">\u202e']);
    const url = `/api/recordings/${other.id}/files/meeting.mp4`;
    const all = await world.fetch(url, { person: world.member });
    const tag = `"${createHash('sha256').update(meetingBytes).digest('hex')}"`;
    expect([all.status, all.headers.get('etag'), Buffer.from(await all.arrayBuffer())]).toEqual([200, tag, meetingBytes]);
    expect(all.headers.get('content-disposition')).toMatch(/^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w%.~-]+$/);
    expect(all.headers.get('content-disposition')).not.toMatch(/\.\.\/|%E2%80%AE/);
    const part = await world.fetch(url, { person: world.member, headers: { range: 'bytes=4-8' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, `bytes 4-8/${meetingBytes.length}`, 'whole']);
    const known = await world.fetch(url, { person: world.member, headers: { 'if-none-match': tag } });
    expect(known.status).toBe(304);
    const behind = await world.fetch(url, { person: world.member, headers: { range: `bytes=${meetingBytes.length}-` } });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, `bytes */${meetingBytes.length}`]);
    const taken = (await world.audited('recording.downloaded')).filter(({ subject }) => subject.recording === other.id);
    expect(taken).toMatchObject([{ actor: 'Milo', detail: { file: 'meeting.mp4', watermark: false, version: 1 } }]);
  });

  it('with a watermark are given as originals to who governs alone', async () => {
    const other = await world.recording({ download: true, watermark: true });
    const url = `/api/recordings/${other.id}/files/meeting.mp4`;
    expect(codeOf(await world.as(world.member, 'GET', url))).toBe('RECORDING_WATERMARK');
    expect(codeOf(await world.as(world.host, 'GET', url))).toBe('RECORDING_WATERMARK');
    expect((await world.as(world.admin, 'GET', url)).status).toBe(200);
  });

  it('are given to nobody while another version is made', async () => {
    const other = await world.recording({ download: true });
    await world.database.query(`update recordings set state = 'processing' where id = $1`, [other.id]);
    expect(codeOf(await world.as(world.admin, 'GET', `/api/recordings/${other.id}/files/meeting.mp4`))).toBe('RECORDING_NOT_READY');
  });
});
