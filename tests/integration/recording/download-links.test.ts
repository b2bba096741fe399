import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../src/platform/principal.js';
import type { Recording } from '../../../src/recording/recording.js';
import { type DownloadLink, downloadLinkSchema } from '../../../src/recording/schema.js';
import { waitFor } from '../../support/index.js';
import { ArchiveWorld, codeOf, cookieOf, meetingBytes } from './archive/archive-world.js';

let world: ArchiveWorld;
let recording: Recording;
/** More than sockets and pipes hold. */
const large = Buffer.alloc(64_000_000, 'a long meeting ');

beforeAll(async () => {
  world = await ArchiveWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  recording = await world.recording({ keepDays: null });
  world.world.signedOut.clear();
});

interface Given {
  readonly link: DownloadLink;
  readonly cookie: string;
  readonly set: string;
}

const ask = (by: Principal, wish: object, cookie?: string) =>
  world.api.api('POST', '/api/recording-downloads', { recordingId: recording.id, ...wish }, by.personId, cookie ? { cookie } : {});

async function link(by = world.member, wish: object = { what: 'file', name: 'meeting.mp4' }, cookie?: string): Promise<Given> {
  const answer = await ask(by, wish, cookie);
  return { link: downloadLinkSchema.parse(answer.body), cookie: cookieOf(answer), set: answer.headers.getSetCookie()[0] ?? '' };
}

const taken = async () => (await world.audited('recording.downloaded')).filter(({ subject }) => subject.recording === recording.id);
const statusOf = async ({ link: { url }, cookie }: Given, headers: Record<string, string> = {}) =>
  (await world.fetch(url, { cookie, headers })).status;

describe('a link for a download', () => {
  it('gives the file to a browser with its cookie, to be saved, and tells nobody where it came from', async () => {
    const given = await link();
    expect(given.set).toMatch(/^causeway_download=[\w-]{43}; Path=\/api\/recording-downloads; HttpOnly; SameSite=Strict$/);
    expect(given.link).toMatchObject({ bytes: meetingBytes.length, name: expect.stringMatching(/^Weekly \d{4}-\d\d-\d\d\.mp4$/) });
    expect(given.link.url).not.toContain(given.cookie.split('=')[1]);
    const answer = await world.fetch(given.link.url, { cookie: given.cookie });
    expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([200, meetingBytes]);
    const { headers } = answer;
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="Weekly /);
    expect([headers.get('content-length'), headers.get('accept-ranges'), headers.get('referrer-policy')]).toEqual([
      String(meetingBytes.length),
      'bytes',
      'no-referrer',
    ]);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await taken()).toMatchObject([{ actor: 'Milo', detail: { file: 'meeting.mp4', watermark: false, version: 1 } }]);
  });

  it('is audited once, in however many parts and by whichever of them it begins; a look at its head is none', async () => {
    const given = await link();
    const head = await world.fetch(given.link.url, { cookie: given.cookie, method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, String(meetingBytes.length), '']);
    expect(await taken()).toEqual([]);
    const part = (range: string, more: Record<string, string> = {}) =>
      world.fetch(given.link.url, { cookie: given.cookie, headers: { range, ...more } });
    const parts = await Promise.all(['bytes=4-8', 'bytes=0-3', 'bytes=9-'].map((range) => part(range)));
    const texts = await Promise.all(parts.map((answer) => answer.text()));
    expect([parts.map(({ status }) => status), `${texts[1]}${texts[0]}${texts[2]}`]).toEqual([[206, 206, 206], meetingBytes.toString()]);
    expect((await part('bytes=4-8', { 'if-range': parts[0]?.headers.get('etag') ?? '' })).status).toBe(206);
    // Begun with other bytes: all of these.
    expect((await part('bytes=4-8', { 'if-range': '"others"' })).status).toBe(200);
    expect((await part(`bytes=${meetingBytes.length}-`)).status).toBe(416);
    expect(await taken()).toHaveLength(1);
    await statusOf(await link());
    expect(await taken()).toHaveLength(2);
  });

  it('opens nothing without its cookie, with another one, or with a token', async () => {
    const { link: mine, cookie } = await link();
    const other = await link(world.host);
    for (const headers of [
      {},
      { cookie: other.cookie },
      { cookie: `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}` },
      { cookie: 'causeway_download=' },
      { authorization: `Bearer ${world.member.personId}` },
    ]) {
      const answer = await world.fetch(mine.url, { headers });
      expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'RECORDING_DOWNLOAD_NOT_FOUND' } }]);
    }
    for (const id of ['0', '00000000-0000-7000-8000-000000000000', `${mine.url.split('/').at(-1)}x`])
      expect((await world.fetch(`/api/recording-downloads/${id}`, { cookie })).status).toBeGreaterThanOrEqual(400);
    expect(await taken()).toEqual([]);
  });

  it('gives its own file alone, though a browser has one cookie for all', async () => {
    const film = await link();
    const sound = await link(world.member, { what: 'file', name: 'audio.m4a' }, film.cookie);
    expect(sound.cookie).toBe(film.cookie);
    const texts = await Promise.all([film, sound].map(async (one) => (await world.fetch(one.link.url, one)).text()));
    expect(texts).toEqual([meetingBytes.toString(), 'sound']);
    expect((await world.fetch(`${film.link.url}/../files/audio.m4a`, film)).status).toBe(404);
  });

  it('takes no secret that somebody made up', async () => {
    for (const secret of ['short', 'x'.repeat(44), '"; --'])
      expect((await link(world.member, undefined, `causeway_download=${secret}`)).cookie).not.toContain(secret);
  });

  it('ends after minutes', async () => {
    const given = await link();
    world.later(299_000);
    expect(await statusOf(given)).toBe(200);
    const unused = await link();
    world.later(301_000);
    expect(await statusOf(unused)).toBe(404);
    await world.world.downloadLinks.tidy();
    expect(await world.database.query('select 1 from recording_download_links where recording_id = $1', [recording.id])).toEqual([]);
  });

  it('stays for who goes on after a break, for half a day at most', async () => {
    const given = await link();
    for (let minute = 4; minute <= 60; minute += 4) {
      world.later(240_000);
      await waitFor(async () => (await statusOf(given, { range: 'bytes=4-8' })) === 206, 'the download to go on');
      await kept(given);
    }
    expect(await taken()).toHaveLength(1);
    await world.database.query(`update recording_download_links set made_at = made_at - interval '12 hours' where recording_id = $1`, [
      recording.id,
    ]);
    await statusOf(given);
    world.later(301_000);
    expect(await statusOf(given)).toBe(404);
  });

  it('is of no use to who signed out', async () => {
    const given = await link();
    world.world.signedOut.add(world.member.signInId);
    expect(await statusOf(given)).toBe(401);
    expect(await taken()).toEqual([]);
  });

  it('is of no use when the right to it was withdrawn', async () => {
    const body = { kind: 'person', targetId: world.other.personId, download: true };
    const made = await world.as(world.host, 'POST', `/api/recordings/${recording.id}/shares`, body);
    const given = await link(world.other);
    expect(await statusOf(given, { range: 'bytes=0-3' })).toBe(206);
    const { share } = made.body as { share: { id: string } };
    await world.as(world.host, 'DELETE', `/api/recordings/${recording.id}/shares/${share.id}`);
    expect(await statusOf(given, { range: 'bytes=4-' })).toBe(404);
    expect(await taken()).toHaveLength(1);
  });

  it('is of no use for another version, while one is made, or when it was deleted', async () => {
    const given = await link();
    await world.database.query(`update recordings set state = 'processing' where id = $1`, [recording.id]);
    expect(await statusOf(given)).toBe(409);
    await world.version(recording, 2);
    expect(await statusOf(given)).toBe(404);
    const again = await link();
    await world.as(world.admin, 'DELETE', `/api/recordings/${recording.id}`);
    expect(await statusOf(again)).toBe(404);
  });

  it('is made for nobody who may not download, and for nothing that a page shows by itself', async () => {
    const film = { what: 'file', name: 'meeting.mp4' };
    expect(codeOf(await ask(world.other, film))).toBe('RECORDING_NOT_FOUND');
    for (const name of ['nothing.mp4', 'thumb-0000.jpg', '../meeting.mp4'])
      expect(codeOf(await ask(world.member, { what: 'file', name }))).toBe('RECORDING_FILE_NOT_FOUND');
    expect(codeOf(await ask(world.member, { what: 'copy', downloadId: recording.id }))).toBe('RECORDING_DOWNLOAD_NOT_FOUND');
    expect(codeOf(await ask(world.member, { what: 'everything' }))).toBe('REQUEST_INVALID');
    recording = await world.recording({ download: false });
    expect(codeOf(await ask(world.member, film))).toBe('RECORDING_FORBIDDEN');
    recording = await world.recording({ watermark: true });
    expect(codeOf(await ask(world.member, film))).toBe('RECORDING_WATERMARK');
  });

  it('is cut off while bytes flow when the person is signed out, and is kept open as long as he is not', async () => {
    recording = await world.recording({ keepDays: null }, large);
    const given = await link();
    const reader = await slow(given);
    // He reads for an hour, a little at a time.
    world.later(240_000);
    await kept(given);
    world.later(240_000);
    await kept(given);
    expect(reader.destroyed).toBe(false);
    world.world.signedOut.add(world.member.signInId);
    let bytes = 0;
    reader.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await waitFor(() => reader.destroyed, 'the download to be cut off', { deadlineMs: 30_000 });
    expect(bytes).toBeLessThan(large.length);
    expect(await taken()).toHaveLength(1);
  });
});

describe('the address of a file, which programs call with a token', () => {
  it('gives no part of it without a row in the audit log, and one for all parts', async () => {
    const url = `/api/recordings/${recording.id}/files/meeting.mp4`;
    for (const range of ['bytes=1-', 'bytes=4-8'])
      expect((await world.fetch(url, { person: world.member, headers: { range } })).status).toBe(206);
    expect(await taken()).toHaveLength(1);
    // From its beginning: another download.
    await world.fetch(url, { person: world.member });
    expect(await taken()).toHaveLength(2);
    await world.world.takings.tidy();
    expect(await world.database.query('select 1 from recording_takings where recording_id = $1', [recording.id])).toHaveLength(1);
  });
});

/** The link has its full time before it again. */
async function kept({ link: { url } }: Given): Promise<void> {
  await waitFor(async () => {
    const [row] = await world.database.query<{ expiresAt: Date }>(
      'select expires_at as "expiresAt" from recording_download_links where id = $1',
      [url.split('/').at(-1)],
    );
    return row?.expiresAt.getTime() === world.world.office.now + 300_000;
  }, 'the link to be kept open');
}

/** Somebody who has begun to read, and reads no more for now. */
async function slow({ link: { url }, cookie }: Given): Promise<http.IncomingMessage> {
  const request = http.get(`${world.api.url}${url}`, { headers: { cookie } });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  answer.on('error', () => undefined);
  return answer;
}
