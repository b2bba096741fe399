/** Input that no page would send is refused by the catalogue, or made harmless; the server has no fault in it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee } from './attendee.js';

let server: TestServer;
let olivia: SignedIn;
let meeting: Meeting;

beforeAll(async () => {
  server = await startTestServer({ DATABASE_POOL: 2 });
  olivia = await server.setUpOwner();
  meeting = await server.createMeeting(olivia, { lobby: 'off' });
});
afterAll(() => server?.close());

const guest = (name: string) => server.api('POST', `/api/meetings/code/${meeting.code}/guest`, { name });
const list = (cursor: string) =>
  server.api('GET', `/api/meetings?cursor=${Buffer.from(cursor).toString('base64url')}`, undefined, olivia.accessToken);

describe('A name or a title', () => {
  it.each([
    ['control characters', 'Ga\0ry\u001b[31m\r\n', 'Gary[31m'],
    ['what turns the line around', '\u202eyraG\u2066', 'yraG'],
    ['half a character', 'Ga\ud800ry', 'Gary'],
    ['several lines', ' Gary\n\n\u2028 Oldman ', 'Gary Oldman'],
  ])('loses %s', async (_what, given, kept) => {
    expect(await guest(given)).toMatchObject({ status: 200, body: { person: { name: kept } } });
    const made = await server.api('POST', '/api/meetings', { title: given }, olivia.accessToken);
    expect(made).toMatchObject({ status: 200, body: { title: kept } });
  });

  it.each(['王小明', 'Zoë O’Neil-Šimić', 'محمد', '👩‍👩‍👧 Family', '!'])('stays as it is when it is %s', async (name) => {
    expect(await guest(name)).toMatchObject({ status: 200, body: { person: { name } } });
  });

  it.each(['', '  ', '\0', '\u200b\u2060', '\u0301'])('is refused when nothing of it could be seen: %j', async (name) => {
    expect(await guest(name)).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID', field: 'name' } } });
  });
});

describe('What is not of this world', () => {
  it.each(['a%00b', 'abc-defg-hj\u202e', '---', "' or 1=1"])('is no code of a meeting: %s', async (code) => {
    expect(await server.api('GET', `/api/meetings/code/${code}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'MEETING_NOT_FOUND' } },
    });
  });

  it.each(['0000-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '2026-02-30T00:00:00Z'])('is no time for a meeting: %s', async (startsAt) => {
    expect(await server.api('POST', '/api/meetings', { title: 'Weekly', startsAt }, olivia.accessToken)).toMatchObject({
      status: 400,
      body: { error: { code: 'REQUEST_INVALID', field: 'startsAt' } },
    });
  });

  it('is no place in a list', async () => {
    const { id } = meeting;
    const dashes = '-'.repeat(36);
    for (const cursor of [
      '',
      'x',
      `1 ${id}`,
      `2026-01-01T00:00:00.000Z ${dashes}`,
      `+010000-01-01T00:00:00.000Z ${id}`,
      `0000-01-01T00:00:00.000Z ${id}`,
    ])
      expect(await list(cursor), cursor).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID', field: 'cursor' } } });
    expect(await list(`2026-01-01T00:00:00.000Z ${id}`)).toMatchObject({ status: 200 });
  });

  it('is no number of a message: nothing comes after it', async () => {
    const host = await Attendee.enter(server, meeting.id, olivia);
    await host.write('one');
    const { conversationId } = host;
    expect(await host.client.chat.fetch({ conversationId, after: 0xffff_ffff })).toMatchObject({ latest: 1, messages: [] });
    const { status, body } = await server.api(
      'GET',
      `/api/meetings/${meeting.id}/messages?after=99999999999`,
      undefined,
      olivia.accessToken,
    );
    expect({ status, body }).toMatchObject({ status: 200, body: { latest: 1, messages: [] } });
    await host.client.close();
  });
});

describe('A server that has just started', () => {
  it('signs many guests in at once with few connections to its database', async () => {
    await server.restart();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => guest(`Guest ${index}`)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });
});
