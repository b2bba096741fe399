/** The list of recordings, and what narrows it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingsSchema } from '../../../src/recording/schema.js';
import type { SignedIn } from '../../support/api.js';
import { keepRecording } from '../../support/kept-recording.js';
import { startTestServer, type TestServer } from '../../support/server.js';

let server: TestServer;
/** Owns the organisation. */
let olivia: SignedIn;
let ming: SignedIn;
let ana: SignedIn;
/** Ids by title. */
const made = new Map<string, { readonly id: string; readonly meetingId: string }>();
const day = (number: number): Date => new Date(Date.UTC(2026, 5, number, 4));

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner('Olivia');
  [ming, ana] = [await server.invite(olivia, 'Ming'), await server.invite(olivia, 'Ana')];
  const keep = async (title: string, by: SignedIn, others: SignedIn[], startedAt: Date, state: 'failed' | 'processing' = 'failed') =>
    made.set(title, await keepRecording(server, { title, by, others, startedAt, state }));
  await keep('Budget 50%', ming, [olivia], day(1));
  await keep('Budget 50 percent', ming, [ana], day(2));
  await keep('Launch_plan', olivia, [ming], day(3), 'processing');
  await keep('Launch plan', ana, [], day(4));
  await keep('Pay', olivia, [], day(5));
}, 120_000);
afterAll(() => server?.close());

async function list(by: SignedIn, query: Record<string, string> = {}): Promise<string[]> {
  const { recordings } = await ask(by, query);
  return recordings.map(({ title }) => title);
}

function ask(by: SignedIn, query: Record<string, string>) {
  return server.get(recordingsSchema, 'GET', `/api/recordings?${new URLSearchParams(query)}`, undefined, by.accessToken);
}

const share = (title: string, by: SignedIn, withWhom: SignedIn, more: object = {}) =>
  server.api(
    'POST',
    `/api/recordings/${made.get(title)?.id}/shares`,
    { kind: 'person', targetId: withWhom.person.id, ...more },
    by.accessToken,
  );

describe('the list of recordings', () => {
  it('has those of one’s meetings, newest first, and all of them for who governs', async () => {
    expect(await list(ming)).toEqual(['Launch_plan', 'Budget 50 percent', 'Budget 50%']);
    expect(await list(ana)).toEqual(['Launch plan', 'Budget 50 percent']);
    expect(await list(olivia)).toEqual(['Pay', 'Launch plan', 'Launch_plan', 'Budget 50 percent', 'Budget 50%']);
  });

  it('has with of=mine those that the caller started, and nobody else’s, even for who governs', async () => {
    expect(await list(ming, { of: 'mine' })).toEqual(['Budget 50 percent', 'Budget 50%']);
    expect(await list(ana, { of: 'mine' })).toEqual(['Launch plan']);
    expect(await list(olivia, { of: 'mine' })).toEqual(['Pay', 'Launch_plan']);
  });

  it('has with of=shared those that somebody shared with the caller, as long as they are', async () => {
    expect([await list(ming, { of: 'shared' }), await list(olivia, { of: 'shared' })]).toEqual([[], []]);
    expect((await share('Launch plan', ana, ming)).status).toBe(200);
    expect((await share('Launch plan', ana, olivia)).status).toBe(200);
    const { body } = await share('Pay', olivia, ming);
    expect(await list(ming, { of: 'shared' })).toEqual(['Pay', 'Launch plan']);
    // She governs and sees all; this is what was shared with her.
    expect(await list(olivia, { of: 'shared' })).toEqual(['Launch plan']);
    expect(await list(ana, { of: 'shared' })).toEqual([]);
    expect(await list(ming)).toEqual(['Pay', 'Launch plan', 'Launch_plan', 'Budget 50 percent', 'Budget 50%']);
    const shareId = /"id":"([\da-f-]{36})"/.exec(JSON.stringify(body))?.[1];
    const url = `/api/recordings/${made.get('Pay')?.id}/shares/${shareId}`;
    expect((await server.api('DELETE', url, undefined, olivia.accessToken)).status).toBe(200);
    expect(await list(ming, { of: 'shared' })).toEqual(['Launch plan']);
    await server.database.query(`update recording_shares set expires_at = now() - interval '1 s' where target_id = $1`, [ming.person.id]);
    expect(await list(ming, { of: 'shared' })).toEqual([]);
    expect(await list(ming)).not.toContain('Launch plan');
  });

  it('has with of=shared what is shared with a conversation, for its members', async () => {
    const [place] = await server.database.query<{ id: string }>('select conversation_id as id from meetings where id = $1', [
      made.get('Budget 50%')?.meetingId,
    ]);
    for (const { person } of [olivia, ming])
      await server.database.query(
        `insert into conversation_members (org_id, conversation_id, person_id, role, joined_at, visible_after)
         values ($1, $2, $3, 'member', now(), 0) on conflict do nothing`,
        [person.organisation.id, place?.id, person.id],
      );
    const body = { kind: 'conversation', targetId: place?.id };
    const answer = await server.api('POST', `/api/recordings/${made.get('Pay')?.id}/shares`, body, olivia.accessToken);
    expect(answer.status).toBe(200);
    expect(await list(ming, { of: 'shared' })).toEqual(['Pay']);
    expect(await list(ana, { of: 'shared' })).toEqual([]);
    await server.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [
      place?.id,
      ming.person.id,
    ]);
    expect(await list(ming, { of: 'shared' })).toEqual([]);
  });

  it('takes a part of the title as it is written, whatever signs are in it', async () => {
    expect(await list(olivia, { query: 'budget' })).toEqual(['Budget 50 percent', 'Budget 50%']);
    expect(await list(olivia, { query: '50%' })).toEqual(['Budget 50%']);
    expect(await list(olivia, { query: 'h_p' })).toEqual(['Launch_plan']);
    expect(await list(olivia, { query: '\\' })).toEqual([]);
    expect(await list(ming, { query: 'Pay' })).toEqual([]);
  });

  it('is narrowed by meeting, state and time, all of them together', async () => {
    expect(await list(olivia, { meetingId: made.get('Pay')?.meetingId ?? '' })).toEqual(['Pay']);
    expect(await list(ana, { meetingId: made.get('Pay')?.meetingId ?? '' })).toEqual([]);
    expect(await list(olivia, { state: 'processing' })).toEqual(['Launch_plan']);
    // From the first moment, up to the last and without it.
    const during = { from: day(2).toISOString(), to: day(4).toISOString() };
    expect(await list(olivia, during)).toEqual(['Launch_plan', 'Budget 50 percent']);
    expect(await list(olivia, { ...during, state: 'failed', of: 'mine' })).toEqual([]);
    expect(await list(ming, { ...during, state: 'failed', query: 'budget', of: 'mine' })).toEqual(['Budget 50 percent']);
    expect(await list(olivia, { from: '2026-06-05T12:00:00+08:00' })).toEqual(['Pay']);
  });

  it('comes in pages, none of which says anything twice', async () => {
    const titles: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ask>> = await ask(olivia, { limit: '2', ...(cursor === null ? {} : { cursor }) });
      titles.push(...page.recordings.map(({ title }) => title));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(titles).toEqual(['Pay', 'Launch plan', 'Launch_plan', 'Budget 50 percent', 'Budget 50%']);
    const own = await ask(ming, { limit: '1', of: 'mine' });
    expect((await ask(ming, { limit: '1', of: 'mine', cursor: own.cursor ?? '' })).recordings.map(({ title }) => title)).toEqual([
      'Budget 50%',
    ]);
  });

  it('refuses what is no filter', async () => {
    for (const query of [
      { of: 'everybody' },
      { state: 'deleted' },
      { from: 'yesterday' },
      { limit: '0' },
      { limit: '101' },
      { cursor: 'x' },
      { meetingId: '1' },
    ]) {
      const answer = await server.api('GET', `/api/recordings?${new URLSearchParams(query)}`, undefined, ming.accessToken);
      expect([query, answer.status, answer.body]).toMatchObject([query, 400, { error: { code: 'REQUEST_INVALID' } }]);
    }
  });
});
